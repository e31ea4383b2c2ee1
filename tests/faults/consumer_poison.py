"""A record from a future schema, first or in the middle: it holds back its own key alone, is seen,
and flows in order once newer code is there and a person asks."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import orjson
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from services.learning.service import service
from shared.bus import retries
from shared.bus.base import Record
from shared.bus.consumer import Consumer
from shared.bus.dead_letters import DeadLetters
from shared.bus.effects import Effect
from shared.contracts.base import encode, spec_of
from shared.contracts.intake import EventWithdrawnV1
from shared.log.base import Entry
from shared.runtime.engine import Engine, open_engine
from shared.runtime.preparing import prepare
from shared.runtime.reacting import Reactor
from shared.runtime.settings import Settings, load_settings
from shared.runtime.verbs.parked import listed
from shared.runtime.watching import Watch
from shared.runtime.worker import Worker
from shared.telemetry.metrics import Metrics
from tests.faults.checker import check
from tests.faults.history import Call, History, Seen, View, now
from tests.faults.hop_load import acknowledged, entry_of
from tests.faults.hop_roads import ROADS, Road, Way
from tests.faults.hop_setting import TOPIC
from tests.faults.hop_views import cursors, reaches, the_effects, the_log, the_published
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until

VIEWS = (View("published"), View("effects"))
TYPE = spec_of(EventWithdrawnV1).type
HELD, OTHERS = "held", ("free", "open")


def told(key: str, version: int, chance: random.Random, *, future: bool) -> Entry:
    """A withdrawal as intake tells it, or as a later intake would: the reason is no longer a
    word, and there is more."""
    entry = entry_of(key, version, chance)
    plain = EventWithdrawnV1(
        incident=key,
        kind="incident",
        reported_by="RTH",
        occurred_at="RTH",
        leads="QVV",
        day="2018-12-10",
        day_precision="day",
        identified_on="2018-12-10",
        worst_harm="low",
        framework="SIF2015",
        reason="duplicate",
    )
    data = orjson.loads(encode(plain))
    if future:
        data |= {"reason": {"code": "duplicate", "of": "another"}, "schema": 2}
    (contract,) = entry.contracts
    return replace(entry, contracts=(replace(contract, type=TYPE, data=orjson.dumps(data)),))


class Upgradable:
    """The reactor of today, and of a version that reads the future schema too."""

    def __init__(self, reactor: Reactor) -> None:
        self.newer = False
        self._reactor = reactor

    async def effect(self, records: Sequence[Record]) -> Effect:
        return await self._reactor.effect(
            [_as_today(one) for one in records] if self.newer else records
        )


def _as_today(record: Record) -> Record:
    assert record.event
    data = orjson.loads(record.event.data)
    if isinstance(data["reason"], dict):
        data["reason"] = data["reason"]["code"]
    return replace(record, event=replace(record.event, data=orjson.dumps(data)))


class Story:
    """One round: the held key's records wait, and everybody else's do not."""

    def __init__(self, road: Road, engine: Engine, settings: Settings) -> None:
        self.calls: list[Call] = []
        self._road = road
        self._engine = engine
        self._settings = settings
        self._watch = Watch(engine, Metrics(service.name))
        self._versions: dict[str, int] = {}

    async def tells(self, chance: random.Random, *, future: bool = False) -> None:
        """A record more of each key, in any order; the held key's from the future or not. Waits
        until the reader has passed them."""
        sent, entries = now(), []
        for key in chance.sample((HELD, *OTHERS), 3):
            self._versions[key] = version = self._versions.get(key, 0) + 1
            entries.append(told(key, version, chance, future=future and key == HELD))
        await self._road.tell(entries)
        self.calls += acknowledged(entries, sent)
        heads = await self._road.telling.published_heads(TOPIC)

        async def passed() -> bool:
            return reaches(await cursors(self._engine.log, service.name), heads)

        await until(passed)

    async def took(self, *keys: str) -> bool:
        """Whether all that was told of these has had its effect."""
        met = {one.item for one in await self.effects()}
        return {one.item for one in self.calls if one.key in keys} <= met

    async def effects(self) -> list[Seen]:
        return await the_effects(self._engine.log, lambda data: str(orjson.loads(data)["id"]))

    async def parked(self) -> list[str]:
        """The places that `dead-letters list` shows, as many as the metrics count."""
        found = await asyncio.to_thread(listed, service, self._settings)
        assert await self._counted() == len(found)
        return [str(one["id"]) for one in found]

    async def _counted(self) -> float:
        page, _ = await self._watch.page()
        families = text_string_to_metric_families(page.decode())
        named = [one for family in families for one in family.samples]
        return sum(one.value for one in named if one.name == "opendoor_records_parked")

    async def tried(self, attempts: int) -> bool:
        """Whether what waits first was tried again so often; 0 where nothing waits any more."""
        found = await asyncio.to_thread(listed, service, self._settings)
        return (found[0]["attempts"] if found else 0) == attempts and bool(found) == bool(attempts)

    async def retry(self, place: str) -> None:
        """What the command does; a file's only writing process is this one here."""
        await DeadLetters(self._engine.log.store).ask(place, "retry_requested")

    async def history(self) -> History:
        made = History(calls=self.calls, truth=await the_log(self._road.telling))
        made.seen = [*await the_published(self._road.telling), *await self.effects()]
        return made


@asynccontextmanager
async def learning_in(folder: Path) -> AsyncIterator[tuple[Engine, Settings]]:
    settings = load_settings(environment="development", data_dir=folder)
    await prepare(service, settings)
    engine = await open_engine(service, settings)
    try:
        yield engine, settings
    finally:
        await engine.close()


@asynccontextmanager
async def hearing(road: Road, engine: Engine) -> AsyncIterator[Upgradable]:
    """The service's own reader at work on the road."""
    code = Upgradable(Worker(engine, (), shared=False, name="one").reactor)
    consumer = Consumer(service.name, code.effect, engine.log, engine.appender)
    stop = asyncio.Event()
    running = asyncio.create_task(road.source().run(consumer.serve, stop))
    try:
        yield code
    finally:
        stop.set()
        await running


async def _story(road: Road, folder: Path, chance: random.Random, before: int) -> History:
    """`before` records of each key go through; then one of the held key cannot be taken."""
    async with learning_in(folder) as (engine, settings), hearing(road, engine) as code:
        story = Story(road, engine, settings)
        for _ in range(before):
            await story.tells(chance)
        await story.tells(chance, future=True)
        after = chance.randint(1, 3)
        for _ in range(after):
            await story.tells(chance, future=chance.random() < 0.3)
        assert await story.took(*OTHERS)
        first, *behind = await story.parked()
        assert len(behind) == after
        await story.retry(first)
        await until(partial(story.tried, 1))
        assert await story.parked() == [first, *behind]
        code.newer = True
        await story.retry(first)
        await until(partial(story.took, HELD))
        await until(partial(story.tried, 0))
        await story.tells(chance)
        return await story.history()


async def run(plan: Plan) -> Tally:
    """Each round on either bus, the bad record first or in the middle."""
    tally = Tally()
    with mock.patch.object(retries, "LOOK", retries.LOOK if plan.long else 0.1):
        for number in range(plan.rounds):
            for turn, way in enumerate(ROADS):
                await _tried(plan, number, way, (number + turn) % 2 * 3, tally)
            tally.rounds += 1
            plan.step()
    return tally


async def _tried(plan: Plan, number: int, way: Way, before: int, tally: Tally) -> None:
    folder = plan.folder / f"{way.__name__}-{number}"
    folder.mkdir()
    with capture_logs():
        async with way(plan, folder) as road:
            history = await _story(road, folder, plan.chance(number), before)
    tally.acknowledged += len(history.calls)
    tally.findings += check(history, VIEWS)
    tally.faults[f"future schema {'in the middle' if before else 'first'}"] += 1


TRIALS = (
    Trial(
        name="poison",
        promises="R8",
        method="On either bus learning's own reader meets a record of a future schema, first or "
        "in the middle: its key alone waits, `dead-letters list` and the metrics show as much, a "
        "retry by the same code fails, and one by newer code lets all of the key through in order.",
        run=run,
        short=1,
        share=10,
    ),
)
