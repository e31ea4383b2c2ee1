"""The relay, carrying what is published on PostgreSQL to topics that are new each time."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.contestants.base import Run
from bench.contestants.payload import TOPIC, Entries
from bench.sampling import Sample, cpu_seconds, sample_of
from bench.waiting import until
from shared.bus.kafka import make_topics
from shared.bus.relay import Relay
from shared.contracts.envelope import cloud_event
from shared.kernel.clock import SystemClock
from shared.log.appender import Appender
from shared.log.base import Log
from shared.log.chain import verify
from shared.log.opening import open_log

AT_ONCE = 500
LOOK = 0.002
LATEST = 120.0


async def fill(log: Log, number: int, name: str = "relay") -> None:
    """So many events with a contract and a key each."""
    appender, entries = Appender(log), Entries(name)
    for begun in range(0, number, AT_ONCE):
        many = min(AT_ONCE, number - begun)
        await asyncio.gather(*(appender.append(entries.next()) for _ in range(many)))
    await appender.stop(5)


async def record_bytes(log: Log) -> int:
    """How long one record is on its way: key, value and headers."""
    (row,) = await log.published(TOPIC, 1, 0, 1)
    event = cloud_event(row)
    headers = sum(len(name) + len(value) for name, value in event.kafka_headers())
    return len(row.key) + len(event.data) + headers


@asynccontextmanager
async def relaying(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of a database that holds `records`, and Kafka's `bootstrap`."""
    log = open_log(told["url"], SystemClock())

    async def run(clients: int, seconds: float) -> Sample:
        prefix = f"b{secrets.token_hex(6)}."
        await make_topics(told["bootstrap"], (TOPIC,), replication=1, prefix=prefix)
        relay = Relay(log, TOPIC, told["bootstrap"], prefix, f"bench-{prefix}")
        stop = asyncio.Event()
        carrying = asyncio.create_task(relay.run(stop))
        try:
            return await _carried(relay, told["records"])
        finally:
            stop.set()
            await carrying

    try:
        yield run
    finally:
        await log.close()


async def _carried(relay: Relay, records: int) -> Sample:
    """From the moment at which the producer stands to the last acknowledgement."""
    await until(lambda: relay.state.standing == "running", LATEST, LOOK)
    began, cpu = time.perf_counter(), cpu_seconds()
    await until(lambda: relay.state.sent >= records, LATEST, LOOK)
    took = time.perf_counter() - began
    return sample_of(1, [took / records] * records, took, cpu_seconds() - cpu)


@asynccontextmanager
async def verifying(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of a database whose whole chain is verified."""
    log = open_log(told["url"], SystemClock())

    async def run(clients: int, seconds: float) -> Sample:
        began, cpu = time.perf_counter(), cpu_seconds()
        head = await verify(log)
        took = time.perf_counter() - began
        return sample_of(1, [took / head.position] * head.position, took, cpu_seconds() - cpu)

    try:
        yield run
    finally:
        await log.close()
