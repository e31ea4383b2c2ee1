"""The key store in a PostgreSQL database of its own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from shared.kernel.errors import Broken, Misconfigured, Unavailable
from shared.privacy.keystore import StoredSigningKey, Tombstone, WrappedKey
from shared.privacy.letting_go import Connections

_EXISTS = text(
    "SELECT to_regclass('sealing_keys') IS NOT NULL AND to_regclass('signing_keys') IS NOT NULL"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7061318552017490)")
_TABLE = text(
    """
    CREATE TABLE IF NOT EXISTS sealing_keys (
        id text COLLATE "C" PRIMARY KEY,
        wrapped bytea,
        destroyed_at timestamptz,
        CHECK ((wrapped IS NULL) <> (destroyed_at IS NULL))
    )
    """
)
_SIGNING_TABLE = text(
    """
    CREATE TABLE IF NOT EXISTS signing_keys (
        number integer PRIMARY KEY,
        id text COLLATE "C" NOT NULL UNIQUE,
        public bytea NOT NULL,
        wrapped bytea NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_until timestamptz
    )
    """
)
_SIGNING_KEYS = text(
    "SELECT number, id, public, wrapped, valid_from, valid_until FROM signing_keys ORDER BY number"
)
_RETIRE = text("UPDATE signing_keys SET valid_until = :retires WHERE valid_until IS NULL")
_ADD_SIGNING = text(
    """
    INSERT INTO signing_keys (number, id, public, wrapped, valid_from)
    VALUES (:number, :id, :public, :wrapped, :valid_from)
    """
)
_NEWEST_SIGNING = text("SELECT coalesce(max(number), 0) FROM signing_keys")
_REWRAP_SIGNING = text("UPDATE signing_keys SET wrapped = :wrapped WHERE id = :id")
_ADD = text(
    """
    INSERT INTO sealing_keys (id, wrapped)
    SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:wrapped AS bytea[]))
    """
)
_FIND = text(
    "SELECT id, wrapped, destroyed_at FROM sealing_keys WHERE id = ANY(CAST(:ids AS text[]))"
)
_DESTROY = text(
    """
    INSERT INTO sealing_keys (id, destroyed_at)
    SELECT id, :at FROM unnest(CAST(:ids AS text[])) AS given (id)
    ON CONFLICT (id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
    WHERE sealing_keys.wrapped IS NOT NULL
    """
)
_REPLACE = text(
    """
    UPDATE sealing_keys SET wrapped = given.wrapped
    FROM unnest(CAST(:ids AS text[]), CAST(:wrapped AS bytea[])) AS given (id, wrapped)
    WHERE sealing_keys.id = given.id AND sealing_keys.wrapped IS NOT NULL
    """
)
_LIVING = text(
    "SELECT id, wrapped, destroyed_at FROM sealing_keys "
    "WHERE wrapped IS NOT NULL AND id > :after ORDER BY id LIMIT :limit"
)
_TOMBSTONES = text(
    "SELECT id, wrapped, destroyed_at FROM sealing_keys "
    "WHERE wrapped IS NULL AND id > :after ORDER BY id LIMIT :limit"
)
_VACUUM = text("VACUUM (SKIP_LOCKED, TRUNCATE FALSE) sealing_keys")
_DURABLE = text("SET LOCAL synchronous_commit = on")
_SETTINGS = text(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')"
)


WAIT_SECONDS = 5
"""How long a caller waits for a connection."""


class _Cut(Unavailable):
    """A connection that had been made was dead; another one may serve at once."""


class PostgresKeyStore:
    """Every write waits until it is durable, on the synchronous standby too where there is one.

    A destroyed key's old row is vacuumed at once; its bytes may stay on the disk until the space
    is used again, and in archives for the days that those are kept, wrapped as they were.
    """

    def __init__(self, url: str, *, statement_cache: bool = True) -> None:
        # PgBouncer in transaction mode bears no cached statements (K12).
        uncached = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        self._engine = create_async_engine(
            url,
            pool_size=4,
            max_overflow=4,
            pool_recycle=1800,
            pool_timeout=WAIT_SECONDS,
            connect_args={"timeout": WAIT_SECONDS, **({} if statement_cache else uncached)},
        )
        self._connections = Connections(self._engine)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def prepare(self) -> None:
        if (await self._rows(_EXISTS, {}))[0][0]:
            return
        with _our_names():
            async with self._engine.begin() as connection:
                await connection.execute(_ONE_AT_A_TIME)
                await connection.execute(_TABLE)
                await connection.execute(_SIGNING_TABLE)

    async def require_durable(self) -> None:
        """Raises Misconfigured for a server that can lose what it acknowledged (F3)."""
        off = sorted(name for name, setting in await self._rows(_SETTINGS, {}) if setting != "on")
        if off:
            raise Misconfigured(f"The key store's server can lose keys: {', '.join(off)} is off.")

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        await self._write(_ADD, _columns(keys))

    async def find(self, ids: Collection[str]) -> Mapping[str, WrappedKey | Tombstone]:
        rows = await self._rows(_FIND, {"ids": list(ids)}) if ids else ()
        return {row.id: _stored(row) for row in rows}

    async def destroy(self, ids: Collection[str], at: datetime) -> None:
        # In one order everywhere, or two erasers could wait for one another.
        await self._write(_DESTROY, {"ids": sorted(set(ids)), "at": at})
        await self._vacuum()

    async def replace(self, keys: Sequence[WrappedKey]) -> None:
        await self._write(_REPLACE, _columns(sorted(keys, key=lambda key: key.id)))
        await self._vacuum()

    async def living(self, after: str, limit: int) -> Sequence[WrappedKey]:
        rows = await self._rows(_LIVING, {"after": after, "limit": limit})
        return [one for one in map(_stored, rows) if isinstance(one, WrappedKey)]

    async def tombstones(self, after: str, limit: int) -> Sequence[Tombstone]:
        rows = await self._rows(_TOMBSTONES, {"after": after, "limit": limit})
        return [one for one in map(_stored, rows) if isinstance(one, Tombstone)]

    async def signing_keys(self) -> Sequence[StoredSigningKey]:
        return [_signing(row) for row in await self._rows(_SIGNING_KEYS, {})]

    async def add_signing_key(self, key: StoredSigningKey, retires: datetime) -> bool:
        with _our_names():
            async with self._engine.begin() as connection:
                await connection.execute(_DURABLE)
                await connection.execute(_ONE_AT_A_TIME)
                newest = (await connection.execute(_NEWEST_SIGNING)).scalar_one()
                if newest + 1 != key.number:
                    return False
                await connection.execute(_RETIRE, {"retires": retires})
                await connection.execute(_ADD_SIGNING, _values(key))
        return True

    async def rewrap_signing_key(self, key: StoredSigningKey) -> None:
        await self._write(_REWRAP_SIGNING, {"id": key.id, "wrapped": key.wrapped})

    async def close(self) -> None:
        """Within some seconds; connections of a server that does not answer are dropped."""
        await self._connections.close()

    async def _rows(self, statement: TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
        try:
            return await self._asked(statement, values)
        except _Cut:
            return await self._asked(statement, values)

    async def _asked(self, statement: TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
        with _our_names():
            async with self._autocommit.connect() as connection:
                return (await connection.execute(statement, values)).fetchall()

    async def _write(self, statement: TextClause, values: Mapping[str, Any]) -> None:
        with _our_names():
            async with self._engine.begin() as connection:
                await connection.execute(_DURABLE)
                await connection.execute(statement, values)

    async def _vacuum(self) -> None:
        with _our_names():
            async with self._autocommit.connect() as connection:
                await connection.execute(_VACUUM)


def _columns(keys: Sequence[WrappedKey]) -> dict[str, list[Any]]:
    return {"ids": [key.id for key in keys], "wrapped": [key.wrapped for key in keys]}


def _values(key: StoredSigningKey) -> dict[str, Any]:
    return {
        "number": key.number,
        "id": key.id,
        "public": key.public,
        "wrapped": key.wrapped,
        "valid_from": key.valid_from,
    }


def _signing(row: Any) -> StoredSigningKey:
    until = row.valid_until
    return StoredSigningKey(
        number=row.number,
        id=row.id,
        public=row.public,
        wrapped=row.wrapped,
        valid_from=row.valid_from.astimezone(UTC),
        valid_until=until.astimezone(UTC) if until else None,
    )


def _stored(row: Any) -> WrappedKey | Tombstone:
    if row.wrapped is not None:
        return WrappedKey(row.id, row.wrapped)
    return Tombstone(row.id, row.destroyed_at)


@contextmanager
def _our_names() -> Iterator[None]:
    """The statements are constants: what fails is the way to the server, or the server."""
    try:
        yield
    except IntegrityError:
        raise Broken("A new key has the id of one that exists or was destroyed.") from None
    except (
        DBAPIError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,
        TimeoutError,
    ) as error:
        kind = _Cut if getattr(error, "connection_invalidated", False) else Unavailable
        raise kind(f"The key store did not answer: {type(error).__name__}.") from error
