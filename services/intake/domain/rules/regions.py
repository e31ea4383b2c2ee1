"""Which providers lay in a region, and when: by dated statements of the register alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.nhs.organisations import Register, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A code lay in the region from and to inclusive London days; None: without known limit."""

    code: str
    since: date | None
    until: date | None


def stays_in(register: Register, region: str) -> tuple[Stay, ...]:
    """Every stay in a region, by the organisation's own rows or its parent's."""
    told = {row.code for row in register.rows if row.attribute == "region"}
    there = [row for row in register.rows if row.attribute == "region" and row.value == region]
    own = (Stay(code=row.code, since=row.from_, until=row.to) for row in there)
    return (*own, *_by_parent(register, there, told))


def _by_parent(register: Register, there: list[Row], told: set[str]) -> Iterator[Stay]:
    for child in register.rows:
        if child.attribute != "parent" or child.code in told:
            continue
        for parent in there:
            if parent.code == child.value:
                since = max(child.from_ or date.min, parent.from_ or date.min)
                until = min(child.to or date.max, parent.to or date.max)
                if since <= until:
                    yield Stay(code=child.code, since=since, until=until)
