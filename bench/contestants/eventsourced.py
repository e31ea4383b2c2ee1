"""The `eventsourcing` library on the same server: `save` of an aggregate with one event."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.contestants.base import Run
from bench.contestants.payload import EVENT, META
from bench.sampling import Sample, closed_loop_of_threads

CONNECTIONS = 128
AT_ONCE = 2_000


class Report(Aggregate):
    """A report as the library would have it written: one event at its creation."""

    @event("Reported")
    def __init__(self, data: dict[str, Any], meta: dict[str, Any]) -> None:
        self.data = data
        self.meta = meta


class Reports(Application[UUID]):
    """The library's application, with its defaults but for how much of its log is read at once."""

    log_section_size = AT_ONCE


def environment(url: str) -> dict[str, str]:
    """What the library is told: its PostgreSQL module, and a connection for each client."""
    parts = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.removeprefix("/"),
        "POSTGRES_HOST": parts.hostname or "",
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
        "POSTGRES_POOL_SIZE": str(CONNECTIONS),
        "POSTGRES_MAX_OVERFLOW": "0",
    }


@asynccontextmanager
async def saving(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of an empty database."""
    application = Reports(environment(told["url"]))

    def step() -> None:
        application.save(Report(data=EVENT, meta=META))

    async def run(clients: int, seconds: float) -> Sample:
        return await asyncio.to_thread(closed_loop_of_threads, step, clients, seconds)

    try:
        yield run
    finally:
        application.close()
