"""A process frozen within a transaction: what it holds is let go of, and others go on."""

import asyncio
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, text

from shared.kernel.errors import Unavailable
from shared.log import leases, postgres_store, schema
from shared.log.postgres_store import PostgresStore

LONG = timedelta(minutes=1)


async def _frozen(url: str, inside: Event, woken: Event) -> None:
    """Stands still, loop and all, with the row of a lease locked; then wants to go on."""
    store = PostgresStore(url)

    def job(connection: Connection) -> None:
        connection.execute(text("UPDATE leases SET owner = owner"))
        inside.set()
        woken.wait(60)
        connection.execute(text("SELECT 1"))

    try:
        await store.write(job)
    finally:
        await store.close()


async def test_a_lease_is_taken_over_from_a_process_frozen_within_a_transaction(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres_store, "IDLE", "500ms")
    store, inside, woken = PostgresStore(postgres_url), Event(), Event()
    await store.write(schema.create)
    await leases.acquire(store, "relay", "one", timedelta())
    frozen = asyncio.create_task(
        asyncio.to_thread(asyncio.run, _frozen(postgres_url, inside, woken))
    )
    try:
        await asyncio.to_thread(inside.wait, 60)
        async with asyncio.timeout(30):
            assert await leases.acquire(store, "relay", "two", LONG)
    finally:
        woken.set()
        with pytest.raises(Unavailable, match="cannot be reached"):
            await frozen
        await store.close()
