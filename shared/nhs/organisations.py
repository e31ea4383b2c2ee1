"""The register of organisations: what each code stood for, and what it was called, on a day."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, cast, get_args

Kind = Literal[
    "trust",
    "independent_provider",
    "primary_care",
    "other_provider",
    "commissioner",
    "sub_icb",
    "region",
    "national",
    "regulator",
    "investigator",
]
Subkind = Literal["ccg", "icb", "hub", "reporting_entity"]
Attribute = Literal["open", "kind", "name", "parent", "region", "current_region", "current_icb"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SUBKINDS: tuple[Subkind, ...] = get_args(Subkind)
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)
REMEMBERED = 4_096
"""Answers that a register keeps: every request asks for its actor's organisation, and its own."""
PROVIDER_KINDS: frozenset[Kind] = frozenset(
    {"trust", "independent_provider", "primary_care", "other_provider"}
)


class UnknownOrganisation(LookupError):
    """The register holds no such code, or nothing stood under it on that day."""


class BadRegister(ValueError):
    """Rows that contradict one another, or say what a register cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One dated statement about a code: the only form in which a register is stored or carried.

    Both days are inclusive; None means without known limit. `value` is empty for `open`,
    `commissioner/ccg` or `trust` for `kind`, a code for `parent` and `region`. The two `current_`
    attributes say what a register printed on the day it was taken: hints, never history.
    `certain` is False where the value is sure and its dates are not.
    """

    code: str
    attribute: Attribute
    value: str = ""
    from_: date | None = None
    to: date | None = None
    certain: bool = True

    def holds(self, on: date) -> bool:
        """Whether the statement holds on that London day."""
        return (self.from_ is None or self.from_ <= on) and (self.to is None or on <= self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What stood under a code on one day; parent and region are None where unknown."""

    code: str
    kind: Kind
    subkind: Subkind | None
    name: str
    parent: str | None
    region: str | None

    @property
    def is_provider(self) -> bool:
        """Whether care is given here."""
        return self.kind in PROVIDER_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentHints:
    """Region and ICB as the source printed them for its own day: never for a historical report."""

    region: str | None
    icb: str | None


_History = Mapping[Attribute, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Register:
    """An immutable register; equal content has an equal `version`, whatever the rows' order."""

    rows: tuple[Row, ...]
    version: str
    _by_code: Mapping[str, _History] = field(repr=False, compare=False)
    _met: dict[tuple[str, date], Organisation | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Register":
        """A register of these rows. Raises BadRegister for a contradiction, naming the code."""
        ordered = tuple(sorted(set(rows), key=_sort_key))
        by_code = {code: _history(code, own) for code, own in _grouped(ordered).items()}
        return cls(ordered, _digest(ordered), MappingProxyType(by_code))

    def merged(self, other: "Register") -> "Register":
        """Both in one; what `other` says about an attribute of a code replaces what is said here.

        So a fuller national extract brings its names and days, and a parent known only here
        stays. Raises BadRegister for a contradiction.
        """
        told = {(row.code, row.attribute) for row in other.rows}
        kept = (row for row in self.rows if (row.code, row.attribute) not in told)
        return Register.of((*kept, *other.rows))

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __len__(self) -> int:
        return len(self._by_code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code ever held, in order."""
        return tuple(self._by_code)

    def known(self, code: str) -> bool:
        """Whether the register holds the code, on whatever day."""
        return code in self._by_code

    def get(self, code: str, on: date) -> Organisation | None:
        """What stood under a code on a London day; None when unknown, not yet open or closed."""
        with suppress(KeyError):
            return self._met[code, on]
        if len(self._met) >= REMEMBERED:
            self._met.clear()
        found = self._met[code, on] = self._stood(code, on)
        return found

    def _stood(self, code: str, on: date) -> Organisation | None:
        kind = self._value(code, "kind", on)
        if kind is None or self._row(code, "open", on) is None:
            return None
        word, _, sub = kind.partition("/")
        return Organisation(
            code=code,
            kind=cast("Kind", word),
            subkind=cast("Subkind", sub) if sub else None,
            name=self.name(code, on) or code,
            parent=self._value(code, "parent", on),
            region=self.region_of(code, on),
        )

    def require(self, code: str, on: date) -> Organisation:
        """As `get`, but raises UnknownOrganisation."""
        found = self.get(code, on)
        if found is None:
            raise UnknownOrganisation("no organisation stood under that code on that day")
        return found

    def kind(self, code: str, on: date) -> Kind | None:
        """The kind on a London day; None when unknown, not yet open or closed."""
        found = self.get(code, on)
        return None if found is None else found.kind

    def name(self, code: str, on: date) -> str | None:
        """The name on a day, or the nearest one known, closed or not; None for an unknown code."""
        exact = self._value(code, "name", on)
        if exact is not None:
            return exact
        names = self._by_code.get(code, {}).get("name", ())
        return min(names, key=lambda row: _distance(row, on)).value if names else None

    def region_of(self, code: str, on: date) -> str | None:
        """The region by a dated statement about the code or its parent; None where unknown."""
        own = self._value(code, "region", on)
        if own is not None:
            return own
        parent = self._value(code, "parent", on)
        return None if parent is None else self._value(parent, "region", on)

    def current(self, code: str) -> CurrentHints:
        """What the source register printed for its own day."""
        history = self._by_code.get(code, {})
        region, icb = history.get("current_region", ()), history.get("current_icb", ())
        return CurrentHints(
            region=region[0].value if region else None, icb=icb[0].value if icb else None
        )

    def open_on(self, on: date, *kinds: Kind) -> tuple[Organisation, ...]:
        """Organisations open on a London day, of the given kinds or of any, by code."""
        return tuple(one for one in self._all(on) if not kinds or one.kind in kinds)

    def commissioners(self, on: date) -> tuple[Organisation, ...]:
        """CCGs, ICBs and hubs open on a London day; a sub-ICB place is no commissioner."""
        return self.open_on(on, "commissioner")

    def providers(self, on: date) -> tuple[Organisation, ...]:
        """Organisations that give care, open on a London day."""
        return self.open_on(on, *PROVIDER_KINDS)

    def regions(self, on: date) -> tuple[Organisation, ...]:
        """Regions open on a London day."""
        return self.open_on(on, "region")

    def _all(self, on: date) -> Iterator[Organisation]:
        found = (self.get(code, on) for code in self._by_code)
        return (one for one in found if one is not None)

    def _row(self, code: str, attribute: Attribute, on: date) -> Row | None:
        rows = self._by_code.get(code, {}).get(attribute, ())
        return next((row for row in rows if row.holds(on)), None)

    def _value(self, code: str, attribute: Attribute, on: date) -> str | None:
        row = self._row(code, attribute, on)
        return None if row is None else row.value


def _sort_key(row: Row) -> tuple[str, str, date, date, str, bool]:
    return (
        row.code,
        row.attribute,
        row.from_ or date.min,
        row.to or date.max,
        row.value,
        row.certain,
    )


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.code].append(row)
    return groups


def _history(code: str, rows: list[Row]) -> _History:
    history: dict[Attribute, tuple[Row, ...]] = {}
    for attribute in ATTRIBUTES:
        own = tuple(row for row in rows if row.attribute == attribute)
        _require_no_overlap(code, attribute, own)
        history[attribute] = own
    for needed in ("open", "kind", "name"):
        if not any(row.attribute == needed for row in rows):
            raise BadRegister(f"{code}: no row says {needed}")
    for row in history["kind"]:
        _require_kind(row)
    return history


def _require_kind(row: Row) -> None:
    kind, _, sub = row.value.partition("/")
    if kind not in KINDS or (sub and sub not in SUBKINDS):
        raise BadRegister(f"{row.code}: no such kind {row.value!r}")


def _require_no_overlap(code: str, attribute: Attribute, rows: tuple[Row, ...]) -> None:
    for row in rows:
        if row.from_ is not None and row.to is not None and row.to < row.from_:
            raise BadRegister(f"{code}: {attribute} ends before it begins")
    for earlier, later in pairwise(rows):
        if earlier.to is None or (later.from_ or date.min) <= earlier.to:
            raise BadRegister(f"{code}: two values of {attribute} on {later.from_}")


def _distance(row: Row, on: date) -> int:
    if row.from_ is not None and on < row.from_:
        return (row.from_ - on).days
    return 0 if row.to is None else (on - row.to).days


def _digest(rows: Iterable[Row]) -> str:
    content = hashlib.sha256()
    for row in rows:
        for part in (row.code, row.attribute, row.value, row.from_, row.to, row.certain):
            piece = str(part).encode()
            content.update(len(piece).to_bytes(4, "big") + piece)
    return content.hexdigest()[:16]
