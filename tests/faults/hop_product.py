"""The product's own processes under load: the API, and the workers that relay, project and hear,
killed with -9 at any instant."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
import orjson
from sqlalchemy import func, select

from services.demonstration.player import Person
from services.demonstration.story_2018 import connected_to_air
from services.intake.projections.tables import INCIDENTS
from shared.log.base import Log
from tests.faults.checker import Class, Finding, check
from tests.faults.history import Call, History, Outcome, Seen, View, now
from tests.faults.hop_child import LIVES
from tests.faults.hop_setting import TOPIC, Setting, opened
from tests.faults.hop_views import (
    Watcher,
    cursors,
    reaches,
    the_effects,
    the_log,
    the_published,
)
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until
from tests.kit.processes import ProcessWorld, process_world

SERVICES = ("intake", "learning")
VICTIMS = ("serve intake", "work intake", "work learning")
LONGEST = 3.0
"""Seconds of load before a process is killed, at most."""
POSTING = 4
AGAIN = 0.2
PASSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
VIEWS = (View("published"), View("Kafka", repeats=True), View("effects"), View("read model"))


@dataclass(slots=True)
class Reports:
    """People who report, each one report after another, sent again until it is answered."""

    world: ProcessWorld
    calls: list[Call] = field(default_factory=list)

    @asynccontextmanager
    async def posted(self) -> AsyncIterator[None]:
        over = asyncio.Event()
        people = [asyncio.create_task(self._report(f"p{n}", over)) for n in range(POSTING)]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*people)

    async def _report(self, who: str, over: asyncio.Event) -> None:
        person = self.world.player.person("RTH", "trust", who)
        while not over.is_set():
            sent, key = now(), secrets.token_hex(8)
            item = f"incident-{await self._filed(person, key)}"
            self.calls.append(
                Call(
                    writer=f"{who} {key}",
                    item=f"{item}/1",
                    key=item,
                    sent=sent,
                    ended=now(),
                    outcome=Outcome.ACKNOWLEDGED,
                )
            )

    async def _filed(self, person: Person, key: str) -> str:
        """Posts one report until it is answered; its id."""
        while True:
            with suppress(httpx.TransportError):
                report = connected_to_air("2018-12-10")
                answer = await person.post("/intake/events", report, key=key)
                if answer.status == HTTPStatus.CREATED:
                    return answer.id
                assert answer.status in PASSING, answer
            await asyncio.sleep(AGAIN)


async def run(plan: Plan) -> Tally:
    tally, prefix = Tally(), f"t{secrets.token_hex(6)}."
    async with process_world(
        plan.folder,
        datetime(2018, 12, 19, 9, tzinfo=UTC),
        postgres=plan.postgres(),
        kafka=plan.kafka(),
        prefix=prefix,
        services=SERVICES,
    ) as world:
        logs = {name: opened(world.databases[name]) for name in SERVICES}
        watcher = Watcher(
            Setting(
                telling=world.databases["intake"],
                hearing=world.databases["learning"],
                bootstrap=world.kafka.bootstrap,
                prefix=prefix,
                folder=str(plan.folder),
            )
        )
        reports = Reports(world)
        try:
            async with watcher.watching():
                for number in range(plan.rounds):
                    await _round(plan, number, reports, logs, tally)
                history = await _history(reports, logs, watcher)
        finally:
            await asyncio.gather(*(one.close() for one in logs.values()))
    tally.acknowledged = len(history.acknowledged())
    tally.findings += check(history, VIEWS)
    return tally


async def _round(
    plan: Plan, number: int, reports: Reports, logs: dict[str, Log], tally: Tally
) -> None:
    chance = plan.chance(number)
    victim = VICTIMS[(number + plan.seed) % len(VICTIMS)]
    world, loop = reports.world, asyncio.get_running_loop()
    async with reports.posted():
        await asyncio.sleep(chance.uniform(0, LONGEST))
        assert await world.end(victim, signal.SIGKILL) == -signal.SIGKILL
        tally.faults[f"kill -9 {victim}"] += 1
        await world.start(*victim.split())
    ended = loop.time()
    heads = await logs["intake"].published_heads(TOPIC)

    async def arrived() -> bool:
        """Cheap to ask, as it is asked without end."""
        taken = reaches(await cursors(logs["learning"], "learning"), heads)
        (shown,) = await logs["intake"].store.read(select(func.count()).select_from(INCIDENTS))
        return taken and shown[0] >= len(reports.calls)

    try:
        await until(arrived, LIVES)
        tally.recovered(loop.time() - ended)
    except AssertionError:
        where = f"not well {LIVES:g} s after {victim} was killed"
        tally.findings.append(Finding(Class.UNSEEN, where))
    tally.rounds += 1
    plan.step()


async def _history(reports: Reports, logs: dict[str, Log], watcher: Watcher) -> History:
    made = History(calls=reports.calls, truth=await the_log(logs["intake"]))
    made.seen = [
        *await the_published(logs["intake"]),
        *watcher.seen,
        *await _heard(logs["learning"]),
    ]
    made.seen += await _rows(logs["intake"])
    return made


async def _heard(learning: Log) -> list[Seen]:
    """What learning remembers of reports: the first event of each incident."""
    effects = await the_effects(learning, lambda data: str(orjson.loads(data).get("id", "/0")))
    return [one for one in effects if one.n == 1]


async def _rows(intake: Log) -> list[Seen]:
    """The incidents of the read model."""
    rows = await intake.store.read(select(INCIDENTS.c.id))
    return [
        Seen(
            reader="read model",
            series=f"row {one.id}",
            n=1,
            item=f"incident-{one.id}/1",
            digest="",
            at=now(),
        )
        for one in rows
    ]


TRIALS = (
    Trial(
        name="product's processes",
        promises="R1 R2 R3",
        method="Intake and learning as the command line starts them, while reports are posted and "
        "sent again until they are answered: the API or a worker (relay, projector, consumer) is "
        "killed with -9 at any instant and started again. Only in the long run.",
        run=run,
        short=0,
        share=10,
    ),
)
