"""A database behind a network that swallows every packet: closing ends all the same."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Unavailable
from shared.log import schema
from shared.log.appender import Appender
from shared.log.postgres import PostgresLog
from shared.privacy.keystore_postgres import PostgresKeyStore
from tests.kit.log_entries import entry, event
from tests.kit.proxy import Proxy, proxy_to

BOUND = 15.0
"""Seconds in which all must have ended, on a machine that others use; without a bound it is for
ever."""


@pytest.fixture
async def proxy(postgres_url: str) -> AsyncIterator[Proxy]:
    server = urlsplit(postgres_url)
    async with proxy_to(str(server.hostname), server.port or 5432) as proxy:
        yield proxy


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_log_closes_with_an_append_and_a_read_under_way(
    proxy: Proxy, postgres_url: str, cancelled: bool
):
    """Python cancels what is left of a process's tasks, and waits for each of them."""
    log = PostgresLog(proxy.url(postgres_url), SystemClock())
    await log.store.write(schema.create)
    await log.head()
    await log.store.read(text("SELECT 1"))
    appender = Appender(log)
    proxy.swallow()
    appending = asyncio.create_task(appender.append(entry(event("a"))))
    reading = asyncio.create_task(log.store.read(text("SELECT 1")))
    await asyncio.wait((appending, reading), timeout=0.1)
    if cancelled:
        reading.cancel()
    async with asyncio.timeout(BOUND):
        await appender.stop(0.1)
        with pytest.raises(Unavailable, match="stopping"):
            await appending
        await log.close()
        await asyncio.wait((reading,))
        assert reading.cancelled() or isinstance(reading.exception(), Unavailable)


async def test_a_key_store_closes(proxy: Proxy, postgres_url: str):
    store = PostgresKeyStore(proxy.url(postgres_url))
    await store.prepare()
    proxy.swallow()
    async with asyncio.timeout(BOUND):
        await store.close()
