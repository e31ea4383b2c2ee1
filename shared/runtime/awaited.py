"""What of a service waits for people, as plain counts for whoever runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Select

from shared.log.base import Store

WITHIN = ((1, "1 day"), (3, "3 days"), (10, "10 days"))
"""The most days that a clock of each name still has; what has more is LONGER."""
LONGER = "longer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """One kind of thing that waits for a person, in words for a list. `counted` is a statement on
    the service's read models: one row, how many and since when the oldest (a day or an instant)."""

    what: str
    counted: Callable[[], Select[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How many things of one kind wait, the oldest since when (UTC; None where nothing does)."""

    what: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Running clocks: by rule and how soon they end, and by rule those that ran out."""

    due: Mapping[tuple[str, str], int]
    breached: Mapping[str, int]


async def waiting(store: Store, kinds: Sequence[Awaited]) -> list[Waits]:
    """How many of each kind wait now. Raises Unavailable."""
    found = []
    for kind in kinds:
        ((count, oldest),) = await store.read(kind.counted())
        found.append(Waits(what=kind.what, count=int(count), oldest=_instant(oldest)))
    return found


async def clocks_on(store: Store, running: Select[Any], today: date) -> Clocks:
    """Clocks as they stand on a London day; `running` gives rows of rule, due and count.
    Raises Unavailable."""
    due: dict[tuple[str, str], int] = {}
    breached: dict[str, int] = {}
    for row in await store.read(running):
        rule, count = str(row.rule), int(row[2])
        left = (row.due - today).days
        if left < 0:
            breached[rule] = breached.get(rule, 0) + count
        else:
            place = rule, next((name for most, name in WITHIN if left <= most), LONGER)
            due[place] = due.get(place, 0) + count
    return Clocks(due=due, breached=breached)


def _instant(since: date | datetime | None) -> datetime | None:
    """A day counts from its beginning."""
    if since is None or isinstance(since, datetime):
        return since
    return datetime.combine(since, time(), UTC)
