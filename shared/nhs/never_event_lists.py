"""The never events lists of England since April 2015, as data."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEventSubtype:
    """A narrower form of a type; ours where no published code exists."""

    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEventType:
    """One type as one list has it. The gloss is ours and decides no case."""

    code: str
    title: str
    group: str
    gloss: str = ""
    suspended: bool = False
    subtypes: tuple[NeverEventSubtype, ...] = ()

    def subtype(self, code: str) -> NeverEventSubtype | None:
        """The subtype in scope under this list, or None."""
        return next((one for one in self.subtypes if one.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEventList:
    """One edition; both days inclusive, no end means still in force. Its id is its first day."""

    id: str
    title: str
    effective_from: date
    effective_to: date | None
    types: tuple[NeverEventType, ...]
    confirmed: bool

    @property
    def described(self) -> str:
        """The list's name and dates, as a refusal should say them."""
        end = "today" if self.effective_to is None else self.effective_to.isoformat()
        return f"{self.title} (in force {self.effective_from.isoformat()} to {end})"

    @property
    def counted(self) -> tuple[NeverEventType, ...]:
        """Types that an incident can meet: all but the suspended."""
        return tuple(one for one in self.types if not one.suspended)

    def type(self, code: str) -> NeverEventType | None:
        """The type of that code on this list, or None."""
        return next((one for one in self.types if one.code == code), None)

    def in_force(self, day: date) -> bool:
        """Whether the list held on that London day."""
        return self.overlaps(day, day)

    def overlaps(self, first: date, last: date) -> bool:
        """Whether the list held on any day from `first` to `last`."""
        return self.effective_from <= last and (
            self.effective_to is None or first <= self.effective_to
        )


def _sub(code: str, title: str) -> NeverEventSubtype:
    return NeverEventSubtype(code=code, title=title)


_WRONG_TOOTH = _sub("1-tooth", "Wrong tooth")
_SURGICAL, _MEDICATION, _MENTAL, _GENERAL = "surgical", "medication", "mental_health", "general"

# Never events list of NHS Improvement, January 2018, in force from 1 February 2018; titles 1 to 15
# equal the LFPSE value set of never-event types. Codes follow that order.
_TYPES_2018 = (
    NeverEventType(
        code="1",
        title="Wrong site surgery",
        group=_SURGICAL,
        gloss="Wrong patient, site, side or level",
        subtypes=(
            _sub("1-patient", "Wrong patient"),
            _sub("1-site", "Wrong site"),
            _sub("1-side", "Wrong side"),
            _sub("1-level", "Wrong level"),
            _WRONG_TOOTH,
        ),
    ),
    NeverEventType(
        code="2",
        title="Wrong implant/prosthesis",
        group=_SURGICAL,
        gloss="Not the one planned; the list names exceptions",
    ),
    NeverEventType(
        code="3",
        title="Retained foreign object post procedure",
        group=_SURGICAL,
        gloss="An item subject to a count, vaginal swabs included",
        subtypes=(
            _sub("3-vaginal-swab", "Vaginal swab"),
            _sub("3-other", "Another counted item"),
        ),
    ),
    NeverEventType(
        code="4",
        title="Mis-selection of a strong potassium solution",
        group=_MEDICATION,
        gloss="A solution of 10% or more",
    ),
    NeverEventType(
        code="5",
        title="Administration of medication by the wrong route",
        group=_MEDICATION,
        gloss="An oral medicine given into a vein, for example",
    ),
    NeverEventType(
        code="6",
        title="Overdose of insulin due to abbreviations or incorrect device",
        group=_MEDICATION,
        gloss="An abbreviated unit misread, or a syringe not made for insulin",
    ),
    NeverEventType(
        code="7",
        title="Overdose of methotrexate for non-cancer treatment",
        group=_MEDICATION,
        gloss="More than the intended weekly dose",
    ),
    NeverEventType(
        code="8",
        title="Mis-selection of high strength midazolam during conscious sedation",
        group=_MEDICATION,
        gloss="2 or 5 mg/ml taken for 1 mg/ml",
    ),
    NeverEventType(
        code="9",
        title="Failure to install functional collapsible shower or curtain rails",
        group=_MENTAL,
    ),
    NeverEventType(code="10", title="Falls from poorly restricted windows", group=_GENERAL),
    NeverEventType(code="11", title="Chest or neck entrapment in bed rails", group=_GENERAL),
    NeverEventType(
        code="12",
        title="Transfusion or transplantation of ABO-incompatible blood components or organs",
        group=_GENERAL,
        subtypes=(
            _sub("12-blood", "Blood components"),
            _sub("12-organ", "Organs"),
        ),
    ),
    NeverEventType(
        code="13",
        title="Misplaced naso- or oro-gastric tubes",
        group=_GENERAL,
        gloss="In the airway and not found before use",
        subtypes=(
            _sub("13-naso", "Naso-gastric tube"),
            _sub("13-oro", "Oro-gastric tube"),
        ),
    ),
    NeverEventType(code="14", title="Scalding of patients", group=_GENERAL),
    NeverEventType(
        code="15",
        title="Unintentional connection of a patient requiring oxygen to an air flowmeter",
        group=_GENERAL,
    ),
    NeverEventType(
        code="16",
        title="Undetected oesophageal intubation",
        group=_GENERAL,
        gloss="Listed, but suspended before it came into force: nothing is counted",
        suspended=True,
    ),
)

_TYPES_2015 = _TYPES_2018[:14]
_TYPES_2021 = (
    replace(
        _TYPES_2018[0],
        subtypes=tuple(one for one in _TYPES_2018[0].subtypes if one != _WRONG_TOOTH),
    ),
    *_TYPES_2018[1:],
)

LISTS = (
    # Types 10 to 14 of this edition are inferred from the count of fourteen.
    NeverEventList(
        id="2015-04-01",
        title="Never events list 2015/16",
        effective_from=date(2015, 4, 1),
        effective_to=date(2018, 1, 31),
        types=_TYPES_2015,
        confirmed=False,
    ),
    NeverEventList(
        id="2018-02-01",
        title="Never events list 2018",
        effective_from=date(2018, 2, 1),
        effective_to=date(2021, 3, 31),
        types=_TYPES_2018,
        confirmed=True,
    ),
    # The amendment was published in February 2021; wrong tooth left the scope on 1 April.
    NeverEventList(
        id="2021-04-01",
        title="Never events list 2018, amended February 2021",
        effective_from=date(2021, 4, 1),
        effective_to=None,
        types=_TYPES_2021,
        confirmed=True,
    ),
)
