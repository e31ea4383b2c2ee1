"""The log on PostgreSQL: one statement an append, plain reads."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg

from shared.kernel.clock import Clock
from shared.log.base import Entry, Head, Outcome, Published, Recorded, Request
from shared.log.postgres_call import STATEMENT, arguments, outcomes
from shared.log.postgres_errors import again_if_cut, our_names
from shared.log.postgres_store import PostgresStore

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15
"""After so long without an answer the connection is cut. An append waits five for its lock; what
lasts longer is a network that swallows packets, which nothing else would end."""

CLOSE_SECONDS = 1.0
"""How long closing waits for a server: one that swallows packets would be waited for for ever."""

_EVENTS = (
    "SELECT position, stream, version, type, schema, recorded_at, data, meta, digest, hash"
    " FROM events"
)
_PUBLISHED = (
    "SELECT topic, partition, n, position, id, type, key, subject, time, recorded_at,"
    " attributes, data FROM published"
)
_REQUEST = (
    "SELECT client, key, fingerprint, stream, version, position, status, recorded_at"
    " FROM request_keys WHERE client = $1 AND key = $2"
)
_HEADS = """
WITH RECURSIVE held(partition) AS (
    SELECT min(p.partition) FROM published p WHERE p.topic = $1
    UNION ALL
    SELECT (SELECT min(p.partition) FROM published p
             WHERE p.topic = $1 AND p.partition > held.partition)
      FROM held WHERE held.partition IS NOT NULL
)
SELECT held.partition,
       (SELECT max(p.n) FROM published p WHERE p.topic = $1 AND p.partition = held.partition)
  FROM held WHERE held.partition IS NOT NULL
"""
"""Steps from partition to partition by index; grouping would read every row of the topic."""


class PostgresLog:
    """See `shared.log.base.Log`. Connections are made when first needed.

    `statement_cache=False` serves behind PgBouncer in transaction mode.
    """

    def __init__(
        self, url: str, clock: Clock, *, pool_size: int = 4, statement_cache: bool = True
    ) -> None:
        self.store = PostgresStore(url, pool_size=pool_size, statement_cache=statement_cache)
        self._clock = clock
        self._dsn = plain_url(url)
        self._pool_size = pool_size
        self._cache_size = 100 if statement_cache else 0
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._appending: set[asyncio.Task[list[Outcome]]] = set()

    async def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        """One call; a caller that is cancelled leaves it running, as cutting the statement would
        leave the outcome unknown."""
        if not entries:
            return []
        running = asyncio.create_task(self._append(entries))
        self._appending.add(running)
        running.add_done_callback(self._appending.discard)
        return await asyncio.shield(running)

    async def _append(self, entries: Sequence[Entry]) -> list[Outcome]:
        told = arguments(entries, self._clock.offset(), self._clock.now())
        with our_names():
            async with self._connection() as connection:
                answer = await connection.fetchrow(STATEMENT, *told)
        return outcomes(entries, answer)

    async def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        rows = await self._fetch(
            f"{_EVENTS} WHERE stream = $1 AND version > $2 ORDER BY version", stream, after
        )
        return [_recorded(row) for row in rows]

    async def streams(self, names: Sequence[str]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        rows = await self._fetch(
            f"{_EVENTS} WHERE stream = ANY($1) ORDER BY stream, version", list(names)
        )
        for row in rows:
            found[row["stream"]].append(_recorded(row))
        return dict(found)

    async def events(self, after: int, limit: int) -> list[Recorded]:
        rows = await self._fetch(
            f"{_EVENTS} WHERE position > $1 ORDER BY position LIMIT $2", after, limit
        )
        return [_recorded(row) for row in rows]

    async def published(
        self, topic: str, partition: int, after: int, limit: int
    ) -> list[Published]:
        rows = await self._fetch(
            f"{_PUBLISHED} WHERE topic = $1 AND partition = $2 AND n > $3 ORDER BY n LIMIT $4",
            topic,
            partition,
            after,
            limit,
        )
        return [Published(**row) for row in rows]

    async def published_heads(self, topic: str) -> dict[int, int]:
        return dict(await self._fetch(_HEADS, topic))

    async def head(self) -> Head:
        rows = await self._fetch(
            "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"
        )
        return Head(**rows[0]) if rows else Head()

    async def request(self, client: str, key: str) -> Request | None:
        rows = await self._fetch(_REQUEST, client, key)
        return Request(**rows[0]) if rows else None

    async def cursor(self, reader: str, topic: str, partition: int) -> int:
        rows = await self._fetch(
            "SELECT n FROM cursors WHERE reader = $1 AND topic = $2 AND partition = $3",
            reader,
            topic,
            partition,
        )
        return int(rows[0]["n"]) if rows else 0

    async def settings(self) -> dict[str, str]:
        """The server's settings by name, as its catalogue says them; see `postgres_check`."""
        return dict(await self._fetch("SELECT name, setting FROM pg_settings"))

    async def close(self) -> None:
        """Within some seconds, also where the server does not answer: what is appended at that
        moment then has an unknown outcome, as after a crash."""
        await asyncio.gather(self._close_pool(), self.store.close())

    async def _close_pool(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                if self._appending:
                    await asyncio.wait(self._appending)
                if self._pool is not None:
                    await self._pool.close()
        except TimeoutError:
            if self._pool is not None:
                self._pool.terminate()
            # Each ends with its connection now; what became of it nobody waits to hear.
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await asyncio.gather(*self._appending, return_exceptions=True)

    async def _fetch(self, statement: str, *told: Any) -> list[asyncpg.Record]:
        return await again_if_cut(lambda: self._fetch_once(statement, told))

    async def _fetch_once(self, statement: str, told: tuple[Any, ...]) -> list[asyncpg.Record]:
        with our_names():
            async with self._connection() as connection:
                rows: list[asyncpg.Record] = await connection.fetch(statement, *told)
        return rows

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        pool = await self._connected()
        async with pool.acquire() as connection:
            cut = asyncio.get_running_loop().call_later(ANSWER_SECONDS, connection.terminate)
            try:
                yield connection
            finally:
                cut.cancel()

    async def _connected(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await self._open()
        return self._pool

    async def _open(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self._dsn,
            min_size=0,
            max_size=self._pool_size,
            timeout=CONNECT_SECONDS,
            statement_cache_size=self._cache_size,
            connection_class=_PlainConnection,
            server_settings={"application_name": "open-door-log"},
        )


class _PlainConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg carries no types
    """Nothing is set on a connection, so nothing needs resetting when it goes back."""

    def get_reset_query(self) -> str:
        return ""


def plain_url(url: str) -> str:
    """The driver's own form of `postgresql+asyncpg://...`: what SQLAlchemy hands over as `ssl` is
    `sslmode` in an address, and an unknown word there would be sent to the server as a setting."""
    parts = urlsplit(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    told = [("sslmode" if name == "ssl" else name, value) for name, value in parse_qsl(parts.query)]
    return parts._replace(query=urlencode(told)).geturl()


def _recorded(row: Any) -> Recorded:
    return Recorded(
        position=row[0],
        stream=row[1],
        version=row[2],
        type=row[3],
        schema=row[4],
        recorded_at=row[5],
        data=row[6],
        meta=row[7],
        digest=row[8],
        hash=row[9],
    )
