"""The year 2023/24 of a synthetic England: real national totals by type, all else made by a seed.

No event here happened, and none is laid at a real organisation's door: the published figures say
how many of each type there were, the seed says when and at which synthetic provider.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from shared.kernel.clock import LONDON
from shared.nhs import synthetic
from shared.nhs.periods import financial_year
from shared.nhs.published_figures import NEVER_EVENTS_2023_24

YEAR = "2023/24"
SEED = 2018
LONGEST_DELAY = 5
"""Days from an event to its record, at most."""

_TRUSTS_WITH = {1: 24, 2: 20, 3: 20, 4: 18, 5: 10}
"""How many trusts had one, two ... never events in a year: the shape of 2022/23, scaled."""
_INDEPENDENTS_WITH = {1: 11, 2: 5}
"""The independent providers' part: about one event in eighteen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """One never event to be told: `code` is its type on the list of `day` (London);
    `recorded_at` the moment its trust posts it."""

    number: int
    provider: str
    code: str
    day: date
    recorded_at: datetime


def plan(seed: int = SEED) -> tuple[PlannedEvent, ...]:
    """The year's never events in the order in which they are recorded; the same for a seed."""
    chance = Random(seed)  # noqa: S311 - scenery, not secrets
    codes = [one.code for one in NEVER_EVENTS_2023_24 for _ in range(one.count)]
    chance.shuffle(codes)
    providers = list(_providers(len(codes)))
    chance.shuffle(providers)
    first, last = financial_year(YEAR)
    made = []
    for number, (code, provider) in enumerate(zip(codes, providers, strict=True), start=1):
        day = first + timedelta(days=chance.randrange((last - first).days + 1))
        made.append(_event(number, provider, code, day, chance))
    return tuple(sorted(made, key=lambda one: (one.recorded_at, one.number)))


def _event(number: int, provider: str, code: str, day: date, chance: Random) -> PlannedEvent:
    delay = chance.randint(0, LONGEST_DELAY)
    # Office hours in London; an event of the day itself is recorded in its evening.
    clock = time(hour=18 if delay == 0 else chance.randint(9, 17), minute=chance.randrange(60))
    recorded = datetime.combine(day + timedelta(days=delay), clock, tzinfo=LONDON)
    return PlannedEvent(number=number, provider=provider, code=code, day=day, recorded_at=recorded)


def _providers(events: int) -> Iterator[str]:
    """The provider of each event, before shuffling."""
    yielded = 0
    for code, count in _shares(events):
        yielded += count
        yield from [code] * count
    if yielded != events:
        raise ValueError("the shares do not add up to the year's events")


def _shares(events: int) -> Iterator[tuple[str, int]]:
    trusts = [count for count, trusts in _TRUSTS_WITH.items() for _ in range(trusts)]
    independents = [n for n, providers in _INDEPENDENTS_WITH.items() for _ in range(providers)]
    busiest = synthetic.TRUSTS - len(trusts)
    rest = events - sum(trusts) - sum(independents)
    trusts += [rest // busiest + (n < rest % busiest) for n in range(busiest)]
    for n, count in enumerate(trusts, start=1):
        yield synthetic.trust(n), count
    for n, count in enumerate(independents, start=1):
        yield synthetic.independent(n), count
