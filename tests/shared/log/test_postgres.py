"""The log on PostgreSQL: the port's promises, and what only a server can do to us."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from tests.kit.cases.log import LogCases
from tests.kit.log_entries import TwoClocks
from tests.kit.servers.postgres import PostgresServer


async def _create(url: str) -> None:
    log = PostgresLog(url, SystemClock())
    await log.store.write(schema.create)
    await log.close()


def _create_apart(url: str) -> None:
    """In a thread of its own: a fixture may run beside a test's event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _create(url)).result()


@pytest.fixture
def log_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database with an empty log."""
    template = postgres_server.template("log", _create_apart)
    with postgres_server.fresh_database(template) as url:
        yield url


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
async def log(log_url: str, clock: TwoClocks) -> AsyncIterator[PostgresLog]:
    opened = PostgresLog(log_url, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def rivals(log: PostgresLog, log_url: str, clock: TwoClocks) -> AsyncIterator[list[Log]]:
    second = PostgresLog(log_url, clock, statement_cache=False)
    yield [log, second]
    await second.close()


class TestPostgresLog(LogCases):
    """Rivals have connections of their own, one without statement caches, as behind PgBouncer."""
