"""The field types of commands, events and queries, each as strict as H17 asks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

T = TypeVar("T")

TEXT_LIMIT = 20_000
CODE_LIMIT = 64
LIST_LIMIT = 100
INTEGER_LIMIT = 2**63 - 1

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII
)
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
FAR_MESSAGE = "write a day between 1900 and 2199"
DAY_MESSAGE = "write a day as YYYY-MM-DD, such as 2018-12-19"
MOMENT_MESSAGE = "write a time with its offset, such as 2018-12-19T09:30:00Z"


def parse_day(raw: object) -> object:
    """A day from `YYYY-MM-DD` text and nothing else (digits alone would be read as seconds)."""
    if isinstance(raw, datetime) or not isinstance(raw, str | date):
        raise PydanticCustomError("day", DAY_MESSAGE)
    if isinstance(raw, date):
        return raw
    try:
        day = date.fromisoformat(raw) if _DAY.match(raw) else None
    except ValueError:
        day = None
    if day is None:
        raise PydanticCustomError("day", DAY_MESSAGE)
    return _near(day, day)


def parse_moment(raw: object) -> object:
    """An instant from RFC 3339 text with offset, as UTC."""
    if isinstance(raw, datetime) and raw.tzinfo is not None:
        return raw.astimezone(UTC)
    if not isinstance(raw, str) or not _MOMENT.match(raw):
        raise PydanticCustomError("moment", MOMENT_MESSAGE)
    try:
        moment = datetime.fromisoformat(raw).astimezone(UTC)
    except ValueError:
        raise PydanticCustomError("moment", MOMENT_MESSAGE) from None
    except OverflowError:
        raise PydanticCustomError("far_day", FAR_MESSAGE) from None
    return _near(moment, moment.date())


def parse_day_or_moment(raw: object) -> object:
    """A day or an instant, told apart by how it is written: the precision is part of the fact."""
    is_day = isinstance(raw, str) and len(raw) <= len("YYYY-MM-DD")
    return parse_day(raw) if is_day or type(raw) is date else parse_moment(raw)


def _near(told: T, day: date) -> T:
    """What is told, of days on which calendars can count years up and down."""
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise PydanticCustomError("far_day", FAR_MESSAGE)
    return told


def _clean(text: str) -> str:
    """Refuses what no database or broker can carry (NUL, lone surrogates), and what shows
    nothing."""
    if "\x00" in text:
        raise PydanticCustomError("nul", "text may not hold the NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("surrogate", "text may not hold half a surrogate pair") from None
    if not any(map(_shows, text)):
        raise PydanticCustomError("blank", "write something that can be read")
    return text


def _shows(character: str) -> bool:
    """Not a space, a control, a mark without its letter, or a filler that only takes room."""
    return character not in _FILLERS and category(character)[0] not in "CMZ"


Day = Annotated[
    date,
    Strict(False),
    BeforeValidator(parse_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A London calendar day, `YYYY-MM-DD`."""

Moment = Annotated[
    datetime,
    Strict(False),
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, RFC 3339 with offset; held in UTC."""

DayOrMoment = Annotated[Day | Moment, BeforeValidator(parse_day_or_moment)]
"""A London day where no time is known, else an instant; both keep their precision."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_LIMIT),
    AfterValidator(_clean),
]
"""Narrative of up to 20,000 characters."""

ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_clean),
]
"""One line or a title, up to 500 characters."""

Code = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=CODE_LIMIT, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]*$"
    ),
]
"""A code of a published list: letters, digits and `_ . : / -`, up to 64."""

_WORD = r"^[a-z]+[0-9]{0,4}(?:[_-](?:[a-z]+[0-9]{0,4}|[0-9]{1,4}))*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=CODE_LIMIT, pattern=_WORD)]
"""A code that somebody may make up: lower-case words joined by `_` or `-`, up to 64 characters.
It is told and published, so nothing fits that looks like a person's name with a number."""

VersionNumber = Annotated[
    str,
    StringConstraints(
        max_length=CODE_LIMIT,
        pattern=r"^v?[0-9]{1,4}(?:[.-][0-9]{1,4}){0,3}(?:[.-]?[a-z]{1,8}[0-9]{0,3})?$",
    ),
]
"""A system's version, such as `4.2.1` or `2024.1-rc2`."""

Reference = Annotated[
    str,
    StringConstraints(
        max_length=CODE_LIMIT,
        pattern=r"^[A-Z][A-Za-z]{0,15}(?:[/-][A-Za-z]{1,8})?[/-]?[0-9]{1,4}"
        r"(?:[/-](?:[0-9]{1,4}|[A-Za-z]{1,8}))*$",
    ),
]
"""How a publication is cited: letters, then numbers, such as `NHSI-2018-07`, `NatPSA/2021/003`."""

Specialty = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
"""A main specialty or treatment function code (NHS Data Dictionary): three digits."""

OdsCode = Annotated[str, StringConstraints(min_length=2, max_length=12, pattern=r"^[A-Z0-9]+$")]
"""An Organisation Data Service code: capitals and digits."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""The identifier of a thing of ours."""

Counting = Annotated[int, Field(ge=1, le=INTEGER_LIMIT)]
"""1, 2, 3 ..."""

Whole = Annotated[int, Field(ge=0, le=INTEGER_LIMIT)]
"""0, 1, 2 ..."""

Many = Annotated[tuple[T, ...], Strict(False), Field(max_length=LIST_LIMIT)]
"""Up to 100 of something, in order: a JSON array."""

Some = Annotated[tuple[T, ...], Strict(False), Field(min_length=1, max_length=LIST_LIMIT)]
"""At least one, up to 100."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Marks a text that is sealed before it is stored, under the key of `scope`:
    the `record`, the `reporter` of it, or the `patient` whose `number` stands beside it."""

    scope: str = "record"


Sealed = Annotated[T, Seal()]
"""Free text, personal detail or an outside reference: sealed under the record's key."""

SealedOfReporter = Annotated[T, Seal("reporter")]
"""Sealed under the reporter's key within the record."""

SealedOfPatient = Annotated[T, Seal("patient")]
"""Sealed under the key of the patient (the sibling field `number`) within the record."""


class Erased(str):
    """Stands where a sealed text was whose key has been destroyed; reads as the empty text."""

    __slots__ = ()

    def __new__(cls) -> "Erased":
        return super().__new__(cls, "")

    def __repr__(self) -> str:
        return "Erased()"


ERASED = Erased()


def seal_of(hint: Any) -> Seal | None:
    """The `Seal` mark of a field's annotation, looked for through Optional and Annotated."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        return next((mark for mark in marks if isinstance(mark, Seal)), None) or seal_of(inner)
    found = (seal_of(part) for part in get_args(hint) if part is not Ellipsis)
    return next((seal for seal in found if seal), None)


def hints_of(cls: type[Any]) -> dict[str, Any]:
    """The annotations of a dataclass with their marks."""
    return get_type_hints(cls, include_extras=True)


def is_word(text: str) -> bool:
    """Whether a text is a `Word`."""
    return len(text) <= CODE_LIMIT and re.fullmatch(_WORD, text) is not None


Parser = Callable[[object], object]
