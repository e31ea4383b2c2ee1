"""Turns tables of organisations, relations, successions and adoptions into values, fault by fault.

The two national registers come as published extracts with one line a code; the platform's own
tables are dated. What a register prints for its own day (region, ICB) is kept as a hint, never as
history.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar, cast

from shared.nhs.codes import SERVICE_AREAS
from shared.nhs.frameworks import FRAMEWORKS, FrameworkAdoption, FrameworkId
from shared.nhs.organisations import ATTRIBUTES, Attribute, Row
from shared.nhs.relations import RELATION_ROLES, Relation, RelationRole, Succession
from shared.nhs.tables import BadCell, Fault, Line, Parsed, read_table

T = TypeVar("T")

REGISTER_COLUMNS = (
    "code",
    "name",
    "name_2018",
    "region_current",
    "icb",
    "open_date",
    "close_date",
)
ORGANISATION_COLUMNS = ("code", "attribute", "value", "from", "to", "certain")
RELATION_COLUMNS = ("provider", "commissioner", "role", "scope", "from", "to")
SUCCESSION_COLUMNS = ("from", "to", "on")
ADOPTION_COLUMNS = ("provider", "framework", "from")

ICBS_FROM = date(2022, 7, 1)
"""Health and Care Act 2022: CCGs end, ICBs begin, and a CCG's code goes on as a place."""

_DAY = timedelta(days=1)
# The older name is one "of about 2018"; on which day it changed, the extract does not say.
_NAME_2018_UNTIL = date(2018, 12, 31)
_HUB = "COMMISSIONING HUB"
_ENTITY = "SUB-ICB REPORTING ENTITY"


def parse_trusts(text: str) -> Parsed[Row]:
    """Register rows from the national register of trusts."""
    return _flat(_parse(text, REGISTER_COLUMNS, _trust))


def parse_commissioners(text: str) -> Parsed[Row]:
    """Register rows from the national register of commissioners.

    CCGs, commissioning hubs and sub-ICB reporting entities share its code space and are told apart
    by name; the ICBs themselves, which have no line there, are made from the places that name them.
    """
    parsed = _parse(text, REGISTER_COLUMNS, _commissioner)
    flat = _flat(parsed)
    return Parsed(rows=(*flat.rows, *_icbs(flat.rows)), faults=flat.faults)


def parse_organisations(text: str) -> Parsed[Row]:
    """Register rows from the platform's own dated table."""
    return _parse(text, ORGANISATION_COLUMNS, _organisation)


def parse_relations(text: str) -> Parsed[Relation]:
    """Relations; scope is `all`, or service areas with commas between."""
    return _parse(text, RELATION_COLUMNS, _relation)


def parse_successions(text: str) -> Parsed[Succession]:
    """Successions: who took over from whom, and from which day on."""
    return _parse(text, SUCCESSION_COLUMNS, _succession)


def parse_adoptions(text: str) -> Parsed[FrameworkAdoption]:
    """Framework adoptions of providers."""
    return _parse(text, ADOPTION_COLUMNS, _adoption)


def _parse(text: str, columns: Sequence[str], make: Callable[[Line], T]) -> Parsed[T]:
    rows: list[T] = []
    faults: list[Fault] = []
    for line in read_table(text, columns):
        if isinstance(line, Fault):
            faults.append(line)
            continue
        try:
            rows.append(make(line))
        except BadCell as error:
            faults.append(line.fault(error))
    return Parsed(rows=tuple(rows), faults=tuple(faults))


def _flat(parsed: Parsed[tuple[Row, ...]]) -> Parsed[Row]:
    return Parsed(rows=tuple(row for rows in parsed.rows for row in rows), faults=parsed.faults)


def _trust(line: Line) -> tuple[Row, ...]:
    code = line.code("code")
    return (
        *_open_and_hints(line, code),
        Row(code=code, attribute="kind", value="trust"),
        *_names(line, code, _NAME_2018_UNTIL, certain=False),
    )


def _commissioner(line: Line) -> tuple[Row, ...]:
    code, name = line.code("code"), line.text("name").upper()
    kinds: tuple[Row, ...]
    if _HUB in name:
        kinds = (Row(code=code, attribute="kind", value="commissioner/hub"),)
    elif _ENTITY in name:
        kinds = (Row(code=code, attribute="kind", value="sub_icb/reporting_entity"),)
    else:
        kinds = (
            Row(code=code, attribute="kind", value="commissioner/ccg", to=ICBS_FROM - _DAY),
            Row(code=code, attribute="kind", value="sub_icb", from_=ICBS_FROM),
        )
    return (
        *_open_and_hints(line, code),
        *kinds,
        *_names(line, code, ICBS_FROM - _DAY, certain=True),
    )


def _open_and_hints(line: Line, code: str) -> tuple[Row, ...]:
    opened, closed = line.day("open_date"), line.optional_day("close_date")
    if closed is not None and closed < opened:
        raise BadCell("close_date", "must not lie before open_date")
    hints: tuple[tuple[Attribute, str], ...] = (
        ("current_region", "region_current"),
        ("current_icb", "icb"),
    )
    return (
        Row(code=code, attribute="open", from_=opened, to=closed),
        *(
            Row(code=code, attribute=attribute, value=line.code(column))
            for attribute, column in hints
            if line.optional(column)
        ),
    )


def _names(line: Line, code: str, older_until: date, *, certain: bool) -> tuple[Row, ...]:
    name, older = line.text("name"), line.optional("name_2018")
    if older is None or older == name:
        return (Row(code=code, attribute="name", value=name),)
    return (
        Row(code=code, attribute="name", value=older, to=older_until, certain=certain),
        Row(code=code, attribute="name", value=name, from_=older_until + _DAY, certain=certain),
    )


def _icbs(rows: Iterable[Row]) -> tuple[Row, ...]:
    icb_of = {row.code: row.value for row in rows if row.attribute == "current_icb"}
    names: dict[str, str] = {}
    for row in rows:
        body, _, place = row.value.rpartition(" - ")
        if row.attribute == "name" and place == row.code and row.code in icb_of:
            names.setdefault(icb_of[row.code], body)
    return tuple(row for code, name in sorted(names.items()) for row in _icb(code, name))


def _icb(code: str, name: str) -> tuple[Row, ...]:
    return (
        Row(code=code, attribute="open", from_=ICBS_FROM),
        Row(code=code, attribute="kind", value="commissioner/icb"),
        Row(code=code, attribute="name", value=name),
    )


def _organisation(line: Line) -> Row:
    return Row(
        code=line.code("code"),
        attribute=cast("Attribute", line.one_of("attribute", ATTRIBUTES)),
        value=line.optional("value") or "",
        from_=line.optional_day("from"),
        to=line.optional_day("to"),
        certain=line.one_of("certain", ("yes", "no")) == "yes",
    )


def _relation(line: Line) -> Relation:
    from_, to = _span(line)
    return Relation(
        provider=line.code("provider"),
        commissioner=line.code("commissioner"),
        role=cast("RelationRole", line.one_of("role", RELATION_ROLES)),
        scope=_scope(line),
        from_=from_,
        to=to,
    )


def _span(line: Line) -> tuple[date, date | None]:
    from_, to = line.day("from"), line.optional_day("to")
    if to is not None and to < from_:
        raise BadCell("to", "must not lie before from")
    return from_, to


def _scope(line: Line) -> frozenset[str]:
    text = line.text("scope")
    if text == "all":
        return frozenset()
    words = frozenset(word.strip() for word in text.split(","))
    if not words <= frozenset(SERVICE_AREAS.words):
        raise BadCell("scope", f"write all, or some of {', '.join(SERVICE_AREAS.words)}")
    return words


def _succession(line: Line) -> Succession:
    from_, to = line.code("from"), line.code("to")
    if from_ == to:
        raise BadCell("to", "an organisation does not succeed itself")
    return Succession(from_=from_, to=to, on=line.day("on"))


def _adoption(line: Line) -> FrameworkAdoption:
    return FrameworkAdoption(
        provider=line.code("provider"),
        framework=cast("FrameworkId", line.one_of("framework", tuple(FRAMEWORKS))),
        from_=line.day("from"),
    )
