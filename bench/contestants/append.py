"""Open Door's log: event, contract, attributes and request key, durable, by group commit."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.contestants.base import Run
from bench.contestants.payload import Entries
from bench.sampling import Sample, closed_loop
from shared.kernel.clock import SystemClock
from shared.log.appender import Appender
from shared.log.base import Appended
from shared.log.opening import open_log


@asynccontextmanager
async def append(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of a migrated database; `name` keeps the streams of several processes apart."""
    log = open_log(told["url"], SystemClock())
    appender = Appender(log)
    entries = Entries(told["name"])

    async def step() -> None:
        outcome = await appender.append(entries.next())
        if not isinstance(outcome, Appended):
            raise RuntimeError(f"an append was answered {outcome}")

    async def run(clients: int, seconds: float) -> Sample:
        return await closed_loop(step, clients, seconds)

    try:
        yield run
    finally:
        await appender.stop(5)
        await log.close()
