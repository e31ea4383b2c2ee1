"""The log on PostgreSQL: the port's promises, and what only a server can do to us."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.sql import SQL

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from shared.log.tables import METADATA
from tests.kit.cases.log import LogCases
from tests.kit.log_entries import TwoClocks
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import libpq


async def _create(url: str) -> None:
    log = PostgresLog(url, SystemClock())
    await log.store.write(schema.create)
    await log.close()


def _create_apart(url: str) -> None:
    """In a thread of its own: a fixture may run beside a test's event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _create(url)).result()


@pytest.fixture(scope="module")
def migrated_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database with a log, for this module's tests one after another."""
    with postgres_server.fresh_database() as url:
        _create_apart(url)
        yield url


@pytest.fixture
def log_url(migrated_url: str) -> str:
    """A database whose log is empty: to empty one is a hundred times cheaper than to make one."""
    names = ", ".join(METADATA.tables)
    with psycopg.connect(libpq(migrated_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # the guards look away
        connection.execute(SQL("TRUNCATE {}").format(SQL(names)))
    return migrated_url


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
