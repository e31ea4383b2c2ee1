"""The boxes' service with an open engine: asked as the web would ask it, told as a bus would."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from shared.bus.base import Record
from shared.bus.effects import Effect
from shared.contracts.base import spec_of
from shared.contracts.envelope import CloudEvent, Tell, instant, seal_envelope
from shared.contracts.learning import LessonDrawnV1
from shared.kernel.clock import SettableClock
from shared.kernel.decider import Actor
from shared.kernel.ids import CountedIds
from shared.log.base import Appended, Entry, Published, Recorded
from shared.log.opening import open_log
from shared.runtime.engine import Engine, open_engine
from shared.runtime.migrations import upgrade
from shared.runtime.reacting import Reactor
from shared.runtime.settings import Settings, load_settings
from shared.web.asked import Asked, Done
from tests.runtime.boxes import BOX, TOPIC, Box, FillBox, MakeBox, service

NOW = datetime(2018, 12, 19, 10, tzinfo=UTC)


PATIENCE = 20
"""Seconds after which what a test waits for will not come."""


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Lets others go on until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what a task or a database says has no event
            await asyncio.sleep(0)


def actor(organisation: str = "OWNER", role: str = "trust") -> Actor:
    return Actor(
        client="client",
        person="person",
        organisation=organisation,
        kind="trust",
        roles=frozenset({role}),
    )


@dataclass(slots=True, kw_only=True)
class House:
    """What a test holds on to."""

    engine: Engine
    clock: SettableClock
    reactor: Reactor
    keys: Iterator[int] = field(default_factory=itertools.count)

    def asks(
        self,
        command: Any,
        box: str | None = None,
        *,
        key: str | None = None,
        by: Actor | None = None,
        expects: int | None = None,
    ) -> Asked:
        """A command as the web hands it on; a fresh key where none is named."""
        acting = by or actor()
        content = repr((command, box, acting.organisation)).encode()
        return Asked(
            row=service.row_for(type(command)),
            id=box,
            command=command,
            actor=acting,
            client=acting.client,
            key=key or f"key-{next(self.keys)}",
            fingerprint=hashlib.sha256(content).digest(),
            expected_version=expects,
            correlation="story",
            request_id="",
            traceparent="",
        )

    async def ask(self, command: Any, box: str | None = None, **more: Any) -> Done:
        return await self.engine.handle(self.asks(command, box, **more))

    async def made(self, **told: Any) -> str:
        """A new box's id."""
        return (await self.ask(MakeBox(**told))).id

    async def box(self, id_: str) -> Box:
        return (await self.engine.reach.load(BOX, id_))[0]

    async def filled(self, id_: str, by: int = 1) -> Done:
        return await self.ask(FillBox(by=by), id_)

    async def recorded(self, id_: str) -> list[Recorded]:
        return await self.engine.log.stream(BOX.stream(id_))

    async def position(self) -> int:
        return (await self.engine.log.head()).position

    async def told(self) -> list[Published]:
        return await self.engine.log.published(TOPIC, 0, 0, 100)

    async def hear(self, *records: Record) -> Effect:
        """One batch, decided and appended."""
        effect = await self.reactor.effect(records)
        if effect.events:
            entry = Entry(events=effect.events, contracts=effect.contracts)
            assert isinstance(await self.engine.appender.append(entry), Appended)
        return effect


def drawn(*boxes: str, by: int = 1, what: str = "fill", number: str = "1", n: int = 1) -> Record:
    """A record that fills the boxes named, or does what `what` says."""
    told = LessonDrawnV1(
        lesson="l1",
        number=number,
        version=by,
        what=what,
        on="2018-12-19",
        incidents=list(boxes),
    )
    return record(told, "lesson-l1", n)


def record(contract: Any, stream: str, n: int) -> Record:
    """A contract as a bus gives it."""
    spec = spec_of(type(contract))
    envelope = seal_envelope(
        Tell(contract=contract, time=instant(NOW), subject="l1"),
        stream=stream,
        version=n,
        correlation="story",
        causation="",
        traceparent="",
    )
    attributes = {
        **orjson.loads(envelope.attributes),
        "id": envelope.id,
        "type": envelope.type,
        "time": envelope.time,
        "sequence": f"{n:020d}",
    }
    event = CloudEvent(attributes=attributes, data=envelope.data)
    return Record(topic=spec.topic, partition=0, n=n, event=event, raw=b"")


def settings_in(folder: Path) -> Settings:
    return load_settings(environment="development", data_dir=folder)


async def migrate(settings: Settings) -> str:
    """The boxes' database made ready; the revision that it reached."""
    log = open_log(settings.database_for(service.name), SettableClock(NOW), synced=False)
    try:
        return await log.store.write(lambda connection: upgrade(connection, service.migrations))
    finally:
        await log.close()


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """Migrated, opened, closed."""
    settings = settings_in(folder)
    await migrate(settings)
    clock = SettableClock(NOW)
    ids = CountedIds(settings.secret())
    engine = await open_engine(service, settings, clock, ids, synced=False)
    try:
        yield House(engine=engine, clock=clock, reactor=Reactor(engine.desk))
    finally:
        await engine.close()
