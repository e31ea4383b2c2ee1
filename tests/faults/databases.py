"""A log of its own for a trial, on either database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.opening import SQLITE, open_log
from tests.faults.trial import Plan

Dialect = str
"""A database as the report names it."""
ON_POSTGRES, ON_SQLITE = "PostgreSQL", "SQLite"


@asynccontextmanager
async def empty_log(plan: Plan, dialect: Dialect, name: str = "log") -> AsyncIterator[str]:
    """The URL of a database with an empty log. Raises UnavailableError."""
    if dialect == ON_SQLITE:
        url = f"{SQLITE}{plan.folder / name}.db"
        await _create(url)
        yield url
        return
    server = plan.postgres()
    # In a thread: it runs an event loop of its own.
    template = await asyncio.to_thread(server.template, "faults_log", build)
    with server.fresh_database(template) as url:
        yield url


@asynccontextmanager
async def opened(url: str, *, reads_only: bool = False) -> AsyncIterator[Log]:
    """A log, closed afterwards."""
    log = open_log(url, SystemClock(), reads_only=reads_only)
    try:
        yield log
    finally:
        await log.close()


def build(url: str) -> None:
    """Makes an empty log of an empty database, from outside any event loop."""
    asyncio.run(_create(url))


async def _create(url: str) -> None:
    async with opened(url) as log:
        await log.store.write(schema.create)
