"""Readers that read on in events and contracts, as every reader of the log does."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.kernel.errors import Unavailable
from shared.log.base import Log
from tests.faults.databases import opened
from tests.faults.history import Recorder, Seen, now
from tests.faults.lanes import PARTITIONS, TOPIC, item_in

EVENTS = "events"
AT_ONCE = 500
PAUSE = 0.01
"""Seconds between two looks of a reader."""


@dataclass(slots=True)
class Tail:
    """Where a reader stands, and what it has met: events by position, contracts by `n`."""

    name: str
    seen: list[Seen] = field(default_factory=list)
    _at: dict[str, int] = field(default_factory=dict)

    async def step(self, log: Log) -> list[Seen]:
        """What is new, one page of each series."""
        before = len(self.seen)
        self.seen += await self._events(log)
        for partition in range(PARTITIONS):
            self.seen += await self._told(log, partition)
        return self.seen[before:]

    async def rest(self, log: Log) -> None:
        """Reads until there is nothing more."""
        while await self.step(log):
            continue

    async def _events(self, log: Log) -> list[Seen]:
        rows = await log.events(self._at.get(EVENTS, 0), AT_ONCE)
        return [
            self._met(EVENTS, row.position, item_in(row.data), row.digest.hex()) for row in rows
        ]

    async def _told(self, log: Log, partition: int) -> list[Seen]:
        series = f"{TOPIC}/{partition}"
        rows = await log.published(TOPIC, partition, self._at.get(series, 0), AT_ONCE)
        return [
            self._met(series, row.n, item_in(row.data), hashlib.sha256(row.data).hexdigest())
            for row in rows
        ]

    def _met(self, series: str, n: int, item: str, digest: str) -> Seen:
        self._at[series] = n
        return Seen(reader=self.name, series=series, n=n, item=item, digest=digest, at=now())


@asynccontextmanager
async def reading_on(tail: Tail, url: str) -> AsyncIterator[None]:
    """Reads all the while, by connections of its own."""
    over = asyncio.Event()
    async with opened(url, reads_only=True) as log, asyncio.TaskGroup() as beside:
        beside.create_task(_read_on(tail, log, over))
        try:
            yield
        finally:
            over.set()


async def _read_on(tail: Tail, log: Log, over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(Unavailable):
            await tail.step(log)
        await asyncio.sleep(PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reading process does: it reads on until it has met so many items, and writes what it
    met to `path`."""

    name: str
    url: str
    path: Path
    items: int


def read(job: Reading) -> None:
    """The whole life of the process."""
    asyncio.run(_read(job))


async def _read(job: Reading) -> None:
    tail, recorder = Tail(job.name), Recorder(job.path)
    async with opened(job.url, reads_only=True) as log:
        while len(tail.seen) < job.items:
            recorder.write(*await tail.step(log))
            await asyncio.sleep(PAUSE)
