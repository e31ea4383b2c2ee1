"""What tests of the bus are made of: records to tell, and a reader whose effects can be seen."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from shared.bus.base import Record, Source
from shared.bus.consumer import Consumer
from shared.bus.effects import Effect, EffectFailed
from shared.contracts.envelope import CloudEvent
from shared.kernel.errors import Unavailable
from shared.log.appender import Appender
from shared.log.base import CursorMove, Entry, Log, NewEvent

LESSONS, SOURCES = "opendoor.learning.v1", "opendoor.learning.sources.v1"
"""Two topics of one partition each."""
READER = "reader"
NO_TEXT = "\udfff"
"""Half a character: no database takes it."""
PATIENCE = 30.0


def told(n: int, key: str = "a", topic: str = LESSONS) -> CloudEvent:
    """Record number `n` of a topic's only partition; what it says names it."""
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": f"{key}/{n}",
            "type": "opendoor.learning.told.v1",
            "subject": key,
            "time": "2018-12-19T09:30:00Z",
            "source": f"urn:test:{topic}",
            "datacontenttype": "application/json",
            "partitionkey": key,
            "recordedtime": "2018-12-19T09:30:01Z",
            "sequence": f"{n:020d}",
        },
        data=orjson.dumps({"says": f"{key}/{n}"}),
    )


class Bus(Protocol):
    """One adapter with its two topics."""

    async def tell(self, *events: CloudEvent, topic: str = LESSONS) -> None:
        """Puts these on the topic as they are, whatever their numbers."""
        ...

    def source(self) -> Source:
        """Another reader's way to both topics."""
        ...


async def until(condition: Callable[[], Awaitable[object]], within: float = PATIENCE) -> None:
    """Returns once the condition holds; fails where it does not in so many seconds."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    while not await condition():
        assert loop.time() < give_up, "it never came true"
        await asyncio.sleep(0.02)


@dataclass(slots=True)
class Reader:
    """A consumer whose effect of each record is an event on stream `heard-<key>`, saying its id.

    `poison` are ids that it cannot take, `unfit` those whose effect its log refuses, `away` how
    often it finds its database gone first; `first` happens once, between a decision and its commit.
    """

    log: Log
    source: Source
    poison: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)
    away: int = 0
    first: Callable[[], Awaitable[None]] | None = None
    decided: int = 0
    consumer: Consumer = field(init=False)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.consumer = Consumer(READER, self._decide, self.log, Appender(self.log), red_pause=0.1)

    async def __aenter__(self) -> "Reader":
        self._stop.clear()
        self._running = asyncio.create_task(self.source.run(self.consumer.serve, self._stop))
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Ends as a worker does: within its grace time."""
        assert self._running
        self._stop.set()
        try:
            async with asyncio.timeout(10):
                await self._running
        finally:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _decide(self, records: Sequence[Record]) -> Effect:
        self.decided += 1
        if self.away:
            self.away -= 1
            raise Unavailable("The database is away.")
        versions: dict[str, int] = {}
        events = []
        for index, record in enumerate(records):
            if record.event is None or record.event.id in self.poison:
                raise EffectFailed(index, ValueError("what it says is not told"))
            stream = f"heard-{record.key}" + NO_TEXT * (record.event.id in self.unfit)
            if stream not in versions:
                versions[stream] = 0 if NO_TEXT in stream else len(await self.log.stream(stream))
            versions[stream] += 1
            events.append(heard(record.event.id, stream, versions[stream]))
        if self.first is not None:
            first, self.first = self.first, None
            await first()
        return Effect(events=tuple(events))

    async def heard(self, key: str = "a") -> list[str]:
        """The ids that had an effect, in the order of the key's stream."""
        return [one.data.decode() for one in await self.log.stream(f"heard-{key}")]

    async def hears(self, *ids: str, key: str = "a") -> None:
        """Waits until exactly these had an effect, and that they are in this order."""

        async def all_of_them() -> bool:
            return len(await self.heard(key)) >= len(ids)

        await until(all_of_them)
        assert await self.heard(key) == list(ids)

    async def reaches(self, n: int, topic: str = LESSONS) -> None:
        """Waits until its cursor stands there."""

        async def there() -> bool:
            return await self.log.cursor(READER, topic, 0) == n

        await until(there)

    async def parked(self) -> dict[str, str]:
        """What waits: the place's number and the error's first words, by id."""
        waiting = await self.consumer.letters.waiting()
        return {f"{one.key}/{one.n}" if one.key else "junk": one.error for one in waiting}


def heard(says: str, stream: str, version: int) -> NewEvent:
    """The effect of a record."""
    return NewEvent(
        stream=stream, version=version, type="heard", schema=1, data=says.encode(), meta=b"{}"
    )


async def raced(log: Log, key: str = "a") -> None:
    """Somebody else appends the next event of that key's stream."""
    stream = f"heard-{key}"
    version = len(await log.stream(stream)) + 1
    await log.append([Entry(events=(heard("somebody else", stream, version),))])


async def taken_elsewhere(log: Log, says: str) -> None:
    """Another process takes record 1, with its effect."""
    move = CursorMove(reader=READER, topic=LESSONS, partition=0, source=0, target=1)
    await log.append([Entry(events=(heard(says, "heard-a", 1),), cursors=(move,))])


async def taken_up_to(log: Log, n: int) -> None:
    """The reader has taken records up to number `n`."""
    move = CursorMove(reader=READER, topic=LESSONS, partition=0, source=0, target=n)
    await log.append([Entry(cursors=(move,))])


async def retried_unmarked(log: Log, n: int) -> None:
    """A process retried a parked record and died before it could say so."""
    move = CursorMove(reader=f"{READER}#{n}", topic=LESSONS, partition=0, source=0, target=1)
    await log.append([Entry(cursors=(move,))])
