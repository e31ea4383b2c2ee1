"""The key store in an SQLite file of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from shared.kernel.errors import Broken, Unavailable
from shared.privacy.keystore import StoredSigningKey, Tombstone, WrappedKey

T = TypeVar("T")
Row = tuple[str, bytes | None, str | None]

_TABLE = """
CREATE TABLE IF NOT EXISTS sealing_keys (
    id TEXT PRIMARY KEY,
    wrapped BLOB,
    destroyed_at TEXT,
    CHECK ((wrapped IS NULL) <> (destroyed_at IS NULL))
) STRICT, WITHOUT ROWID
"""
_SIGNING_TABLE = """
CREATE TABLE IF NOT EXISTS signing_keys (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    public BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT
) STRICT
"""
_SIGNING_KEYS = """
SELECT number, id, public, wrapped, valid_from, valid_until FROM signing_keys ORDER BY number
"""
_RETIRE = "UPDATE signing_keys SET valid_until = ? WHERE valid_until IS NULL"
_ADD_SIGNING = "INSERT INTO signing_keys VALUES (?, ?, ?, ?, ?, NULL)"
_DESTROY = """
INSERT INTO sealing_keys (id, wrapped, destroyed_at) VALUES (?, NULL, ?)
ON CONFLICT (id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
WHERE wrapped IS NOT NULL
"""
_LIVING = """
SELECT id, wrapped, destroyed_at FROM sealing_keys
WHERE wrapped IS NOT NULL AND id > ? ORDER BY id LIMIT ?
"""
_TOMBSTONES = """
SELECT id, wrapped, destroyed_at FROM sealing_keys
WHERE wrapped IS NULL AND id > ? ORDER BY id LIMIT ?
"""
_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # A destroyed key's bytes are overwritten in the file, not only unlinked.
    "PRAGMA secure_delete = ON",
)
_ASKED_AT_ONCE = 500


class SqliteKeyStore:
    """One connection on one thread of its own: reads are single look-ups, writes are rare."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="key-store")
        self._connection: sqlite3.Connection | None = None

    async def prepare(self) -> None:
        await self._run(_make_tables)

    async def require_durable(self) -> None:
        """The connection's own settings see to it."""

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        rows = [(key.id, key.wrapped) for key in keys]
        await self._run(
            lambda connection: connection.executemany(
                "INSERT INTO sealing_keys (id, wrapped) VALUES (?, ?)", rows
            )
        )

    async def find(self, ids: Collection[str]) -> Mapping[str, WrappedKey | Tombstone]:
        wanted = list(dict.fromkeys(ids))
        rows = await self._run(lambda connection: list(_find(connection, wanted)))
        return {row[0]: _stored(row) for row in rows}

    async def destroy(self, ids: Collection[str], at: datetime) -> None:
        rows = [(one, _text(at)) for one in ids]
        await self._run(lambda connection: connection.executemany(_DESTROY, rows))
        await self._run(_forget_old_pages)

    async def replace(self, keys: Sequence[WrappedKey]) -> None:
        rows = [(key.wrapped, key.id) for key in keys]
        await self._run(
            lambda connection: connection.executemany(
                "UPDATE sealing_keys SET wrapped = ? WHERE id = ? AND wrapped IS NOT NULL", rows
            )
        )
        await self._run(_forget_old_pages)

    async def living(self, after: str, limit: int) -> Sequence[WrappedKey]:
        rows = await self._page(_LIVING, after, limit)
        return [one for one in map(_stored, rows) if isinstance(one, WrappedKey)]

    async def tombstones(self, after: str, limit: int) -> Sequence[Tombstone]:
        rows = await self._page(_TOMBSTONES, after, limit)
        return [one for one in map(_stored, rows) if isinstance(one, Tombstone)]

    async def signing_keys(self) -> Sequence[StoredSigningKey]:
        rows = await self._run(lambda connection: connection.execute(_SIGNING_KEYS).fetchall())
        return [_signing(*row) for row in rows]

    async def add_signing_key(self, key: StoredSigningKey, retires: datetime) -> bool:
        return await self._run(lambda connection: _added_as_newest(connection, key, retires))

    async def rewrap_signing_key(self, key: StoredSigningKey) -> None:
        await self._run(
            lambda connection: connection.execute(
                "UPDATE signing_keys SET wrapped = ? WHERE id = ?", (key.wrapped, key.id)
            )
        )
        await self._run(_forget_old_pages)

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown()

    async def _page(self, statement: str, after: str, limit: int) -> Sequence[Row]:
        return await self._run(
            lambda connection: connection.execute(statement, (after, limit)).fetchall()
        )

    async def _run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Runs a job in one transaction on the store's thread."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._in_transaction, job)
        except sqlite3.IntegrityError:
            raise Broken("A new key has the id of one that exists or was destroyed.") from None
        except sqlite3.Error as error:
            raise Unavailable(f"The key store did not answer: {type(error).__name__}.") from error

    def _in_transaction(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = _connect(self._path)
        with self._connection:
            return job(self._connection)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False)
    path.chmod(0o600)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute(_TABLE)
    connection.execute(_SIGNING_TABLE)


def _added_as_newest(
    connection: sqlite3.Connection, key: StoredSigningKey, retires: datetime
) -> bool:
    # The driver begins a transaction by itself only before the first change.
    connection.execute("BEGIN IMMEDIATE")
    (newest,) = connection.execute("SELECT coalesce(max(number), 0) FROM signing_keys").fetchone()
    if newest + 1 != key.number:
        return False
    connection.execute(_RETIRE, (_text(retires),))
    made = (key.number, key.id, key.public, key.wrapped, _text(key.valid_from))
    connection.execute(_ADD_SIGNING, made)
    return True


def _signing(
    number: int, id_: str, public: bytes, wrapped: bytes, valid_from: str, valid_until: str | None
) -> StoredSigningKey:
    return StoredSigningKey(
        number=number,
        id=id_,
        public=public,
        wrapped=wrapped,
        valid_from=datetime.fromisoformat(valid_from),
        valid_until=datetime.fromisoformat(valid_until) if valid_until else None,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _find(connection: sqlite3.Connection, ids: Sequence[str]) -> Iterable[Row]:
    rest = iter(ids)
    while some := list(islice(rest, _ASKED_AT_ONCE)):
        marks = ", ".join("?" * len(some))
        statement = f"SELECT id, wrapped, destroyed_at FROM sealing_keys WHERE id IN ({marks})"  # noqa: S608 - question marks only
        yield from connection.execute(statement, some)


def _forget_old_pages(connection: sqlite3.Connection) -> None:
    """Empties the write-ahead log: it still holds the pages as they were."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _stored(row: Row) -> WrappedKey | Tombstone:
    key_id, wrapped, destroyed_at = row
    if wrapped is not None:
        return WrappedKey(key_id, wrapped)
    return Tombstone(key_id, datetime.fromisoformat(str(destroyed_at)))
