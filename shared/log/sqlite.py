"""The log in one SQLite file: one writer thread, a few readers."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from shared.kernel.clock import Clock
from shared.kernel.errors import Broken, Misconfigured
from shared.log.base import Entry, Head, Outcome, Published, Recorded, Request
from shared.log.sqlite_store import Readers, SqliteStore
from shared.log.sqlite_writer import Writer
from shared.log.tables import from_micros

T = TypeVar("T")

NAMES_AT_ONCE = 500

_EVENTS = (
    "SELECT position, stream, version, type, schema, recorded_at, data, meta, digest, hash"
    " FROM events"
)
_PUBLISHED = (
    "SELECT topic, partition, n, position, id, type, key, subject, time, recorded_at,"
    " attributes, data FROM published WHERE topic = ? AND partition = ? AND n > ?"
    " ORDER BY n LIMIT ?"
)
_REQUEST = (
    "SELECT client, key, fingerprint, stream, version, position, status, recorded_at"
    " FROM request_keys WHERE client = ? AND key = ?"
)
_HEADS = """
WITH RECURSIVE held(partition) AS (
    SELECT min(partition) FROM published WHERE topic = :topic
    UNION ALL
    SELECT (SELECT min(p.partition) FROM published p
             WHERE p.topic = :topic AND p.partition > held.partition)
      FROM held WHERE held.partition IS NOT NULL
)
SELECT held.partition,
       (SELECT max(p.n) FROM published p WHERE p.topic = :topic AND p.partition = held.partition)
  FROM held WHERE held.partition IS NOT NULL
"""
"""Steps from partition to partition by index; grouping would read every row of the topic."""


class SqliteLog:
    """See `shared.log.base.Log`. Raises Misconfigured when another process writes the file.

    `reads_only` opens it beside the process that writes it, to verify or export. Without `synced`
    an acknowledged commit may be lost with the machine: for tests and the demonstration alone.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        readers: int = 2,
        reads_only: bool = False,
        synced: bool = True,
    ) -> None:
        if reads_only and not path.exists():
            raise Misconfigured(f"There is no file {path.name} to read.")
        self._writer = None if reads_only else Writer(path, clock, synced=synced)
        self._readers = Readers(path, readers)
        self.store = SqliteStore(self._readers, self._writer)

    async def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        if self._writer is None:
            raise Misconfigured("This log was opened for reading only.")
        return await self._writer.append(entries) if entries else []

    async def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        return await self._recorded(
            f"{_EVENTS} WHERE stream = ? AND version > ? ORDER BY version", (stream, after)
        )

    async def streams(self, names: Sequence[str]) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        for start in range(0, len(names), NAMES_AT_ONCE):
            some = names[start : start + NAMES_AT_ONCE]
            places = ", ".join("?" for _ in some)
            for one in await self._recorded(
                f"{_EVENTS} WHERE stream IN ({places}) ORDER BY stream, version", tuple(some)
            ):
                found[one.stream].append(one)
        return dict(found)

    async def events(self, after: int, limit: int) -> list[Recorded]:
        return await self._recorded(
            f"{_EVENTS} WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        )

    async def published(
        self, topic: str, partition: int, after: int, limit: int
    ) -> list[Published]:
        told = (topic, partition, after, limit)
        return await self._ask(lambda db: [_published(row) for row in db.execute(_PUBLISHED, told)])

    async def published_heads(self, topic: str) -> dict[int, int]:
        return await self._ask(lambda db: dict(db.execute(_HEADS, {"topic": topic}).fetchall()))

    async def head(self) -> Head:
        if self._writer is not None:
            self._writer.require_in_place()
        statement = "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"
        row = await self._ask(lambda db: db.execute(statement).fetchone())
        if row is None:
            return Head()
        return Head(position=row[0], hash=row[1], recorded_at=from_micros(row[2]))

    async def request(self, client: str, key: str) -> Request | None:
        row = await self._ask(lambda db: db.execute(_REQUEST, (client, key)).fetchone())
        return None if row is None else _request(row)

    async def cursor(self, reader: str, topic: str, partition: int) -> int:
        statement = "SELECT n FROM cursors WHERE reader = ? AND topic = ? AND partition = ?"
        row = await self._ask(
            lambda db: db.execute(statement, (reader, topic, partition)).fetchone()
        )
        return 0 if row is None else int(row[0])

    async def close(self) -> None:
        await self._readers.close()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)

    async def _recorded(self, statement: str, told: tuple[Any, ...]) -> list[Recorded]:
        return await self._ask(lambda db: [_recorded(row) for row in db.execute(statement, told)])

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return await self._readers.ask(question)


def _recorded(row: Any) -> Recorded:
    try:
        recorded_at = from_micros(row[5])
    except (OverflowError, TypeError) as error:
        raise Broken(f"The log is damaged at position {row[0]}: its time is none.") from error
    return Recorded(
        position=row[0],
        stream=row[1],
        version=row[2],
        type=row[3],
        schema=row[4],
        recorded_at=recorded_at,
        data=row[6],
        meta=row[7],
        digest=row[8],
        hash=row[9],
    )


def _published(row: Any) -> Published:
    return Published(
        topic=row[0],
        partition=row[1],
        n=row[2],
        position=row[3],
        id=row[4],
        type=row[5],
        key=row[6],
        subject=row[7],
        time=row[8],
        recorded_at=from_micros(row[9]),
        attributes=row[10],
        data=row[11],
    )


def _request(row: Any) -> Request:
    return Request(
        client=row[0],
        key=row[1],
        fingerprint=row[2],
        stream=row[3],
        version=row[4],
        position=row[5],
        status=row[6],
        recorded_at=from_micros(row[7]),
    )
