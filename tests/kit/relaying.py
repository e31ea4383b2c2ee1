"""What tests of the relay are made of: a teller, a running relay, and what Kafka holds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.relay import Relay
from shared.contracts.envelope import CloudEvent, from_kafka
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken
from shared.log import schema
from shared.log.base import Entry, Log, NewContract, NewEvent
from shared.log.sqlite import SqliteLog
from tests.kit.bus import LESSONS


class Teller:
    """A log that tells lessons, one after another."""

    def __init__(self, log: Log, name: str = "lesson") -> None:
        self.log = log
        self._name = name
        self._told = 0

    async def tells(self, count: int) -> None:
        entries = [self._entry(n) for n in range(self._told + 1, self._told + count + 1)]
        self._told += count
        await self.log.append(entries)

    def _entry(self, n: int) -> Entry:
        stream = f"{self._name}-{n}"
        event = NewEvent(
            stream=stream, version=1, type="told", schema=1, data=b"{}", meta=b'{"command":"c"}'
        )
        contract = NewContract(
            topic=LESSONS,
            partition=0,
            id=f"{stream}/1",
            type="opendoor.learning.told.v1",
            key=stream,
            subject=stream,
            time="2018-12-19T09:30:00Z",
            attributes=b'{"source":"urn:test","partitionkey":"%s"}' % stream.encode(),
            data=b'{"n":%d}' % n,
        )
        return Entry(events=(event,), contracts=(contract,))


@asynccontextmanager
async def teller_in(path: Path, name: str = "lesson") -> AsyncIterator[Teller]:
    log = SqliteLog(path, SystemClock())
    await log.store.write(schema.create)
    try:
        yield Teller(log, name)
    finally:
        await log.close()


@asynccontextmanager
async def carrying(relay: Relay) -> AsyncIterator[Relay]:
    """Runs it as a worker does, and ends it within a worker's grace time."""
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    try:
        yield relay
        stop.set()
        async with asyncio.timeout(8):
            await running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, Broken):
            await running


async def records(bootstrap: str, topic: str, *, at_least: int) -> list[CloudEvent]:
    """Every record of the topic's only partition, once there are so many."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    found: list[CloudEvent] = []
    try:
        async with asyncio.timeout(30):
            while (
                len(found) < at_least or len(found) < (await consumer.end_offsets([place]))[place]
            ):
                for one in (await consumer.getmany(place, timeout_ms=100)).get(place, ()):
                    found.append(from_kafka(one.headers, one.value))
    finally:
        await consumer.stop()
    return found


def numbers(events: Sequence[CloudEvent]) -> list[int]:
    return [one.sequence for one in events]


def is_dense(found: Sequence[int]) -> bool:
    """Whether a reader that drops what it has seen finds each next number one more."""
    last = 0
    for n in found:
        if n > last + 1:
            return False
        last = max(last, n)
    return True
