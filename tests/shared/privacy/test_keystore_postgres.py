"""The PostgreSQL key store: the port's promises on a real server."""

import socket
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.kernel.errors import Misconfigured, Unavailable
from shared.privacy.keystore import KeyStore, Tombstone
from shared.privacy.keystore_postgres import PostgresKeyStore
from shared.privacy.opening import open_keystore
from tests.kit.cases.keystore import NOON, A, B, KeyStoreCases, OpenStore
from tests.kit.servers.postgres_process import OwnPostgres


@pytest.fixture
async def open_store(postgres_url: str) -> AsyncIterator[OpenStore]:
    opened: list[KeyStore] = []

    async def one_more() -> KeyStore:
        store = open_keystore(postgres_url, "intake", statement_cache=len(opened) != 1)
        opened.append(store)
        await store.prepare()
        return store

    yield one_more
    for store in opened:
        await store.close()


class TestPostgresKeyStore(KeyStoreCases):
    async def test_the_database_itself_refuses_a_row_that_is_neither_key_nor_tombstone(
        self, open_store: OpenStore, postgres_url: str
    ):
        await open_store()
        engine = create_async_engine(postgres_url)
        statement = "INSERT INTO sealing_keys (id) VALUES ('neither')"
        with pytest.raises(Exception, match="check constraint"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
        await engine.dispose()


async def test_a_server_that_may_lose_keys_is_refused_where_it_matters(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    store = PostgresKeyStore(postgres_url)
    off = text("SELECT 'fsync', 'off' UNION SELECT 'full_page_writes', 'on'")
    monkeypatch.setattr("shared.privacy.keystore_postgres._SETTINGS", off)
    with pytest.raises(Misconfigured, match="fsync is off"):
        await store.require_durable()
    await store.close()


async def test_a_server_that_crashes_is_unavailable_and_keeps_what_it_had(
    own_postgres: OwnPostgres,
):
    store = PostgresKeyStore(own_postgres.url)
    await store.prepare()
    await store.require_durable()
    await store.add([A, B])
    await store.destroy([A.id], NOON)
    own_postgres.crash()
    with pytest.raises(Unavailable):
        await store.find([A.id])
    own_postgres.start()
    assert await store.find([A.id, B.id]) == {A.id: Tombstone(A.id, NOON), B.id: B}
    await store.close()


async def test_a_server_that_came_back_unnoticed_answers_at_once(own_postgres: OwnPostgres):
    store = PostgresKeyStore(own_postgres.url)
    await store.prepare()
    await store.add([A])
    own_postgres.crash()
    own_postgres.start()
    assert await store.find([A.id]) == {A.id: A}
    await store.close()


async def test_an_address_where_nobody_answers_is_unavailable():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        store = PostgresKeyStore(f"postgresql+asyncpg://nobody@127.0.0.1:{port}/none")
        with pytest.raises(Unavailable):
            await store.prepare()
        await store.close()
