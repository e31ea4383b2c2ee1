"""Records of one key parked in a row: retried at once, failing again, passed by; the rest waits in
sight and flows on in order."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unittest import mock

from structlog.testing import capture_logs

from shared.bus import retries
from shared.bus.consumer import Consumer
from shared.bus.dead_letters import DeadLetters, Letter
from shared.log.appender import Appender
from shared.log.base import Log
from shared.runtime.observing import parked
from tests.faults.checker import Finding, check
from tests.faults.history import Call, History, Seen, View, now
from tests.faults.hop_effects import Effects
from tests.faults.hop_load import acknowledged, entry_of
from tests.faults.hop_roads import ROADS, Road, Way, log_in
from tests.faults.hop_setting import READER, TOPIC
from tests.faults.hop_views import cursors, reaches, the_effects, the_log, the_published
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until

VIEWS = (View("published"), View("effects"))
KEY, OTHERS = "held", ("free", "open")


class Queue:
    """One key whose records are parked, among others that nothing may delay."""

    def __init__(self, road: Road, hearing: Log, effects: Effects, chance: random.Random) -> None:
        self.chance = chance
        self.effects = effects
        self.calls: list[Call] = []
        self.versions: dict[str, int] = {}
        self._road = road
        self._hearing = hearing
        self._letters = DeadLetters(hearing.store)

    async def tells(self, *keys: str) -> None:
        """A record more of each key, in this order; waits until the reader has passed them."""
        sent, entries = now(), []
        for key in keys:
            self.versions[key] = self.versions.get(key, 0) + 1
            entries.append(entry_of(key, self.versions[key], self.chance))
        await self._road.tell(entries)
        self.calls += acknowledged(entries, sent)
        heads = await self._road.telling.published_heads(TOPIC)

        async def passed() -> bool:
            return reaches(await cursors(self._hearing), heads)

        await until(passed)

    async def waits(self, *ids: str, attempts: int) -> None:
        """Until exactly these wait, in this order, the first with so many attempts; the figures
        count as many."""

        async def there() -> bool:
            waiting = await self._letters.waiting()
            return [_id(one) for one in waiting] == list(ids) and (
                not waiting or waiting[0].attempts == attempts
            )

        await until(there)
        assert sum(one.count for one in await parked(self._hearing)) == len(ids)

    async def ask(self, state: str, *ids: str) -> None:
        places = [one.place for one in await self._letters.waiting() if _id(one) in ids]
        assert len(places) == len(ids)
        await self._letters.ask_all(places, state, reason="sent twice")

    async def judged(self, skipped: str) -> History:
        """What is to be judged: the one passed by is owed to nobody, and those of its key that
        follow have moved up by one."""
        history = History(calls=[one for one in self.calls if one.item != skipped])
        history.truth = await the_log(self._road.telling)
        history.seen = await the_published(self._road.telling)
        history.seen += [_moved_up(one, skipped) for one in await the_effects(self._hearing)]
        return history


def _id(letter: Letter) -> str:
    event = letter.record().event
    assert event
    return event.id


def _moved_up(one: Seen, skipped: str) -> Seen:
    key, _, version = skipped.rpartition("/")
    later = one.item.rpartition("/")[0] == key and one.n > int(version)
    return replace(one, n=one.n - 1) if later else one


async def told(queue: Queue) -> str:
    """The story of one round; the record that is passed by."""
    for _ in range(queue.chance.randint(0, 2)):
        await queue.tells(KEY, *OTHERS)
    first = queue.versions.get(KEY, 0) + 1
    second = first + queue.chance.randint(1, 3)
    last = second + queue.chance.randint(1, 3)
    ids = [f"{KEY}/{n}" for n in range(first, last + 1)]
    one, other = f"{KEY}/{first}", f"{KEY}/{second}"
    queue.effects.poison = {one, other}
    for _ in ids:
        await queue.tells(*queue.chance.sample((KEY, *OTHERS), 3))
    await queue.waits(*ids, attempts=0)
    await queue.ask("retry_requested", *ids)
    await queue.waits(*ids, attempts=1)
    queue.effects.poison = {other}
    await queue.ask("retry_requested", *ids)
    rest = ids[second - first :]
    await queue.waits(*rest, attempts=1)
    await queue.tells(KEY, *OTHERS)
    rest.append(f"{KEY}/{last + 1}")
    await queue.waits(*rest, attempts=1)
    await queue.ask("skip_requested", other)
    await queue.waits(attempts=0)
    await queue.tells(KEY, *OTHERS)
    return other


async def _round(road: Road, folder: Path, chance: random.Random) -> tuple[int, list[Finding]]:
    """Records that were acknowledged, and what did not hold."""
    async with log_in(folder / "hearing.db") as hearing:
        effects = Effects(hearing)
        consumer = Consumer(READER, effects.decide, hearing, Appender(hearing))
        stop = asyncio.Event()
        running = asyncio.create_task(road.source().run(consumer.serve, stop))
        queue = Queue(road, hearing, effects, chance)
        try:
            history = await queue.judged(await told(queue))
        finally:
            stop.set()
            await running
    return len(history.calls), check(history, VIEWS)


async def run(plan: Plan) -> Tally:
    """Each round on either bus."""
    tally = Tally()
    with mock.patch.object(retries, "LOOK", retries.LOOK if plan.long else 0.1):
        for number in range(plan.rounds):
            for way in ROADS:
                await _tried(plan, number, way, tally)
            tally.rounds += 1
            plan.step()
    return tally


async def _tried(plan: Plan, number: int, way: Way, tally: Tally) -> None:
    folder = plan.folder / f"{way.__name__}-{number}"
    folder.mkdir()
    with capture_logs():
        async with way(plan, folder) as road:
            acknowledged, found = await _round(road, folder, plan.chance(number))
    tally.acknowledged += acknowledged
    tally.findings += found
    tally.faults += Counter({"parked": 2, "retry that fails": 2, "skip": 1})


TRIALS = (
    Trial(
        name="parked in a row",
        promises="R3 R8",
        method="On either bus two records of one key cannot be taken and others follow: all are "
        "retried at once and the first fails again, then goes through while the second fails, then "
        "that one is passed by; what waits is listed and counted all the while.",
        run=run,
        short=1,
        share=10,
    ),
)
