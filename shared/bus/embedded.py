"""The embedded bus: a reader of another service's `published`, without copy or relay."""

import asyncio
from collections.abc import Sequence

from shared.bus.base import Record, Serve
from shared.bus.tasks import together
from shared.contracts.base import PARTITIONS
from shared.contracts.envelope import cloud_event
from shared.log.base import Log, Published
from shared.log.waking import Signal

POLL = 1.0
"""Seconds after which a series is looked at without a wake-up. The same process appends and wakes,
so a look finds nothing: four a second of each of fifty partitions kept an idle machine busy."""


class EmbeddedPartition:
    """One partition of a topic in the log of the service that tells it."""

    def __init__(self, topic: str, number: int, log: Log, told: Signal) -> None:
        self.topic = topic
        self.number = number
        self._log = log
        self._told = told

    async def read(self, after: int, limit: int) -> Sequence[Record]:
        seen = self._told.count
        rows = await self._log.published(self.topic, self.number, after, limit)
        if not rows:
            await self._told.wait(seen, POLL)
        return [_record(row) for row in rows]

    async def rewind(self, after: int) -> None:
        """Nothing to do: every read names where it begins."""

    async def bound(self) -> int:
        """The highest number told."""
        return (await self._log.published_heads(self.topic)).get(self.number, 0)


class EmbeddedSource:
    """The topics of one service, read from its log; `told` is set after each of its appends."""

    def __init__(self, log: Log, topics: Sequence[str], told: Signal) -> None:
        self._log = log
        self._told = told
        self.topics = tuple(topics)

    def partitions(self) -> list[EmbeddedPartition]:
        """Every partition of every topic: here one process owns all."""
        return [
            EmbeddedPartition(topic, number, self._log, self._told)
            for topic in self.topics
            for number in range(PARTITIONS[topic])
        ]

    async def behind(self, own: Log, reader: str) -> list[EmbeddedPartition]:
        """The partitions that tell more than the reader's cursor in its `own` log has reached."""
        return [
            EmbeddedPartition(topic, number, self._log, self._told)
            for (topic, number), head in (await self.heads()).items()
            if head > await own.cursor(reader, topic, number)
        ]

    async def heads(self) -> dict[tuple[str, int], int]:
        """The highest number told, by topic and partition, of those that tell anything."""
        return await told_heads(self._log, self.topics)

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        await together(*(serve(one, stop) for one in self.partitions()))


async def told_heads(log: Log, topics: Sequence[str]) -> dict[tuple[str, int], int]:
    """The highest number that a log tells, by topic and partition, of those that tell anything."""
    found = {}
    for topic in topics:
        for number, head in (await log.published_heads(topic)).items():
            found[topic, number] = head
    return found


def _record(row: Published) -> Record:
    event = cloud_event(row)
    return Record(
        topic=row.topic, partition=row.partition, n=row.n, event=event, raw=event.structured()
    )
