"""Trials: every read model of the three services is rebuilt while reports come in and fifty people
read; it equals the live one row for row, and nothing leaves by it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from services.demonstration import story_2018 as story
from services.demonstration.player import Player
from services.intake.projections.tables import INCIDENTS
from shared.bus.embedded import EmbeddedSource
from shared.log.tables import DEAD_LETTERS, EVENTS, PUBLISHED, REQUEST_KEYS
from shared.projections.base import Projection
from shared.runtime.building import Builder
from shared.runtime.engine import Engine
from shared.runtime.worker import Worker, run_timer
from tests.faults.checker import Class, Finding
from tests.faults.history import now
from tests.faults.row_digests import Digests, differences, digests
from tests.faults.trial import Plan, Tally, Trial
from tests.journeys.walks import NATIONAL, TRUST, VISITING, walk_2018
from tests.kit.bus import until
from tests.kit.processes import SERVICES
from tests.kit.world import World, embedded_world

START = datetime(2018, 12, 19, 9, tzinfo=UTC)
READERS = 50
PAUSE = 2.0
"""Seconds between two reads of one person; they begin one after another within it."""
REST = 180.0
"""Seconds in which everything must be taken once nobody reports, on a machine that is busy."""
LISTS: tuple[tuple[str, str, str], ...] = (
    ("/intake/events", TRUST, "trust"),
    ("/assurance/cases", VISITING, "commissioner"),
    ("/assurance/activity-modes", VISITING, "commissioner"),
    ("/assurance/relations", NATIONAL, "operator"),
    ("/learning/lessons", NATIONAL, "author"),
)
"""Lists that hold something from the beginning, and who reads them."""
LEAVES = (EVENTS, PUBLISHED, REQUEST_KEYS, DEAD_LETTERS)
"""Tables of the log to which a record, an attempt, a reminder or a proposal would add a row."""


@dataclass(slots=True, kw_only=True)
class Rebuilding:
    """A trial under way; `told` are the ids of the reports that were acknowledged, `reads` counts
    answers, `rows` those that were compared, `slowest` is the longest rebuild in seconds."""

    world: World
    plan: Plan
    tally: Tally = field(default_factory=Tally)
    told: list[str] = field(default_factory=list)
    reads: int = 0
    rows: int = 0
    slowest: float = 0.0

    @property
    def workers(self) -> Mapping[str, Worker]:
        return self.world.stage.workers

    @property
    def _player(self) -> Player:
        """Without a network between, which is not what is tried here."""
        stage, world = self.world.stage, self.world
        return Player(stage.client, stage.token, world.settle, world.at, world.key)

    async def round(self) -> None:
        """Rebuilt and shown under load, and followed from there on; at rest held against what is
        rebuilt once more, as the rows were that had only ever been followed."""
        await self._at_rest()
        await self._each(self._compared)
        async with self._load():
            await self._each(self._rebuilt)
        await self._at_rest()
        before = {name: await self._leaving(one.engine) for name, one in self.workers.items()}
        await self._each(self._compared)
        await self._timers()
        await self._at_rest()
        for name, one in self.workers.items():
            self._add(differences(before[name], await self._leaving(one.engine), f"{name}'s log"))
        await self._none_missing()
        self.tally.rounds += 1
        self.plan.step()

    @asynccontextmanager
    async def _load(self) -> AsyncIterator[None]:
        """Somebody reports and fifty people read; it ends once three more reports were taken and
        everybody has read."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(self._reports(stop))]
        tasks += [asyncio.create_task(self._reads(n, stop)) for n in range(READERS)]
        enough, read = len(self.told) + 3, self.reads + READERS
        try:
            yield

            async def so() -> bool:
                return len(self.told) >= enough and self.reads >= read

            await until(so)
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def _reports(self, stop: asyncio.Event) -> None:
        trust = self._player.person(TRUST, "trust")
        while not stop.is_set():
            incident = await story.reported(trust, story.connected_to_air("2018-12-14"))
            self.told.append(incident)
            await story.declared(trust, incident, "2018-12-17")

    async def _reads(self, number: int, stop: asyncio.Event) -> None:
        path, organisation, role = LISTS[number % len(LISTS)]
        headers = self.world.person(organisation, role).headers()
        client = self.world.stage.client
        await asyncio.sleep(PAUSE * number / READERS)
        while not stop.is_set():
            found = await client.get(path, headers=headers)
            if found.status_code != 200 or not found.json()["items"]:
                said = f"{path} answered {found.status_code}: {found.text[:200]}"
                self.tally.findings.append(Finding(Class.UNSEEN, said))
            self.reads += 1
            await asyncio.sleep(PAUSE)

    async def _each(self, does: Callable[[Engine, Projection], Awaitable[None]]) -> None:
        """For every read model; the services side by side."""

        async def of(engine: Engine) -> None:
            for projection in engine.service.projections:
                await does(engine, projection)

        await asyncio.gather(*(of(one.engine) for one in self.workers.values()))

    async def _rebuilt(self, engine: Engine, projection: Projection) -> None:
        began = now()
        built = await Builder(service=engine.service, log=engine.log).rebuild(projection)
        assert built.done == "built"
        self.slowest = max(self.slowest, (now() - began) / 1e9)
        self.tally.faults["rebuilt and shown under load"] += 1

    async def _compared(self, engine: Engine, projection: Projection) -> None:
        live = await digests(engine.log.store, projection.tables)
        await Builder(service=engine.service, log=engine.log).rebuild(projection)
        rebuilt = await digests(engine.log.store, projection.tables)
        self._add(differences(live, rebuilt, projection.name))
        self.rows += sum(map(len, live.values()))

    async def _timers(self) -> None:
        """What is due is asked for of the read models that were just shown."""
        for one in self.workers.values():
            for timer in one.engine.service.timers:
                await run_timer(one.engine, timer)

    async def _leaving(self, engine: Engine) -> Digests:
        return await digests(engine.log.store, LEAVES)

    async def _at_rest(self) -> None:
        """Returns once everybody has taken everything."""

        async def so() -> bool:
            idle = [await _idle(one) for one in self.workers.values()]
            return all(idle)

        for _ in range(2):
            await until(so, REST)

    async def _none_missing(self) -> None:
        store = self.workers["intake"].engine.log.store
        shown = {row.id for row in await store.read(select(INCIDENTS.c.id))}
        for one in self.told:
            if one not in shown:
                self.tally.findings.append(Finding(Class.UNSEEN, f"report {one} is in no list"))

    def _add(self, found: Iterable[Finding]) -> None:
        self.tally.findings += found


async def _idle(worker: Worker) -> bool:
    """Whether its read models and what it hears stand at their heads."""
    log = worker.engine.log
    head = (await log.head()).position
    for source in worker.sources:
        assert isinstance(source, EmbeddedSource)
        if await source.behind(log, worker.consumer.reader):
            return False
    return all(one.state.applied == head for one in worker.engine.projectors)


@asynccontextmanager
async def rebuilding(plan: Plan, url: str = "") -> AsyncIterator[Rebuilding]:
    """The story of 2018 on the database at `url`, and workers that follow from there on."""
    settings = {"heads_seconds": 86400, "pool_size": 8, **({"database_url": url} if url else {})}
    async with embedded_world(plan.folder, START, **settings) as world:
        await walk_2018(world)
        workers = world.stage.workers.values()
        for one in workers:
            one.start()
        try:
            yield Rebuilding(world=world, plan=plan)
        finally:
            await asyncio.gather(*(one.stop() for one in workers))


async def run_on(plan: Plan, url: str = "") -> Tally:
    """So many times every read model."""
    async with rebuilding(plan, url) as trial:
        for _ in range(plan.rounds):
            await trial.round()
        tally = trial.tally
        tally.acknowledged = len(trial.told)
        tally.remarks["answers meanwhile"] = f"{trial.reads:,}"
        tally.remarks["rows compared"] = f"{trial.rows:,}"
        tally.remarks["slowest rebuild"] = f"{trial.slowest:.1f} s"
        return tally


async def on_postgres(plan: Plan) -> Tally:
    with plan.postgres().fresh_databases(*SERVICES) as url:
        return await run_on(plan, url.replace("{part}", "{service}"))


METHOD = (
    "Every read model of the three services is rebuilt from the first event and shown, while "
    "reports come in and 50 people read lists, of which none fails and none is empty. Before that, "
    "and at rest afterwards, the rows that were followed are compared one by one with those of a "
    "further rebuild. By it the log, what it tells, request keys and parked records stay as they "
    "were, also when clocks look at the new rows."
)

TRIALS = tuple(
    Trial(
        name=f"projection-rebuild-{name}",
        promises="R9",
        method=METHOD,
        run=run,
        short=short,
        share=100,
    )
    for name, run, short in (("sqlite", run_on, 1), ("postgresql", on_postgres, 0))
)
