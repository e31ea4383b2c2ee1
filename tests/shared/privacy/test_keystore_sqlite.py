"""The SQLite key store: the port's promises, and that nothing of a destroyed key is left."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.errors import Unavailable
from shared.privacy.keystore import KeyStore, WrappedKey
from shared.privacy.keystore_sqlite import SqliteKeyStore
from tests.kit.cases.keystore import NOON, KeyStoreCases, OpenStore, keys


@pytest.fixture
async def open_store(tmp_path: Path) -> AsyncIterator[OpenStore]:
    opened: list[SqliteKeyStore] = []

    async def one_more() -> KeyStore:
        store = SqliteKeyStore(tmp_path / "deep" / "keys.db")
        opened.append(store)
        await store.prepare()
        return store

    yield one_more
    for store in opened:
        await store.close()


class TestSqliteKeyStore(KeyStoreCases):
    async def test_no_byte_of_a_destroyed_key_stays_in_its_files(
        self, open_store: OpenStore, tmp_path: Path
    ):
        secret = b"the very bytes of a wrapped key, sixty-four of them in all ....."
        store = await open_store()
        await store.add(
            [*keys(*(f"n{n}" for n in range(200))), WrappedKey("doomed__________", secret)]
        )
        assert secret in _everything(tmp_path)
        await store.destroy(["doomed__________"], NOON)
        assert secret not in _everything(tmp_path)

    async def test_its_file_is_for_its_owner_alone(self, open_store: OpenStore, tmp_path: Path):
        await open_store()
        assert stat.S_IMODE((tmp_path / "deep" / "keys.db").stat().st_mode) == 0o600

    async def test_a_file_that_is_no_database_is_unavailable(self, tmp_path: Path):
        (tmp_path / "keys.db").write_bytes(b"not a database at all" * 100)
        store = SqliteKeyStore(tmp_path / "keys.db")
        with pytest.raises(Unavailable):
            await store.prepare()
        await store.close()


def _everything(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
