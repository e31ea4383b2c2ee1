"""The embedded bus: a reader of another service's `published`, without copy or relay."""

import asyncio
from collections.abc import Sequence

from shared.bus.base import Record, Serve
from shared.bus.tasks import together
from shared.contracts.base import PARTITIONS
from shared.contracts.envelope import cloud_event
from shared.log.base import Log, Published
from shared.log.waking import Signal

POLL = 0.25
"""Seconds after which a series is looked at without a wake-up."""


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
        found = []
        for topic in self.topics:
            heads = await self._log.published_heads(topic)
            for number, head in heads.items():
                if head > await own.cursor(reader, topic, number):
                    found.append(EmbeddedPartition(topic, number, self._log, self._told))
        return found

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        await together(*(serve(one, stop) for one in self.partitions()))


def _record(row: Published) -> Record:
    event = cloud_event(row)
    return Record(
        topic=row.topic, partition=row.partition, n=row.n, event=event, raw=event.structured()
    )
