"""The append of SQLite: the same steps as the PostgreSQL function, in the writer's transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Table

from shared.kernel.clock import Clock
from shared.kernel.errors import Broken
from shared.log.base import (
    Appended,
    Conflict,
    CursorMove,
    Entry,
    KeyUsed,
    NewContract,
    Outcome,
    Stale,
)
from shared.log.chain import link
from shared.log.tables import (
    CURSORS,
    EVENTS,
    PARKED,
    PUBLISHED,
    REQUEST_KEYS,
    from_micros,
    to_micros,
)

AHEAD = timedelta(minutes=5) // timedelta(microseconds=1)

_TAKEN = {
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}


_SIZES = (256, 64, 16, 4, 1)
"""Rows of one INSERT: few sizes, so that each statement is prepared once."""


@cache
def _insert_into(table: Table, count: int) -> str:
    places = f"({', '.join('?' for _ in table.columns)})"
    names = ", ".join(table.columns.keys())
    rows = ", ".join([places] * count)
    return f"INSERT INTO {table.name} ({names}) VALUES {rows}"  # noqa: S608 - our own tables


def _insert_all(db: sqlite3.Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts many rows in few steps: after each step this thread has to win the interpreter back
    from an event loop that may be busy."""
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            values = [value for row in rows[done : done + size] for value in row]
            db.execute(_insert_into(table, size), values)
            done += size


_INSERT_PARKED = """
INSERT INTO dead_letters (reader, topic, partition, n, key, record, error, state, attempts, at)
VALUES (?,?,?,?,?,?,?,?,0,?)
ON CONFLICT (reader, topic, partition, n) DO UPDATE SET key = excluded.key,
    record = excluded.record, error = excluded.error, state = excluded.state, at = excluded.at
"""
_HERE = "reader = ? AND topic = ? AND partition = ?"


class _StaleCursor(Exception):
    """A cursor stands elsewhere."""


def append(db: sqlite3.Connection, entries: Sequence[Entry], clock: Clock) -> list[Outcome]:
    """Inserts the entries that can be and says why the others cannot. Raises Broken for entries
    that share something and for a clock gone mad; then nothing was inserted."""
    row = db.execute(
        "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"
    ).fetchone()
    head: tuple[int, bytes, int] = row or (0, bytes(32), 0)
    stamp = _stamp(head[2] if row else None, clock)
    db.execute("SAVEPOINT append")
    try:
        outcomes = _append(db, entries, head, stamp)
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK TO append")
            db.execute("RELEASE append")
        raise
    db.execute("RELEASE append")
    return outcomes


def _append(
    db: sqlite3.Connection, entries: Sequence[Entry], head: tuple[int, bytes, int], stamp: int
) -> list[Outcome]:
    try:
        return list(_insert(db, entries, head, stamp))
    except (sqlite3.IntegrityError, _StaleCursor) as error:
        _require_refusal(error)
    db.execute("ROLLBACK TO append")
    judged = [_judge(db, entry, head, stamp) for entry in entries]
    kept = [entry for entry, refused in zip(entries, judged, strict=True) if refused is None]
    try:
        appended = iter(_insert(db, kept, head, stamp))
    except (sqlite3.IntegrityError, _StaleCursor) as error:
        _require_refusal(error)
        raise Broken("Entries of one append share a version, a request key or a cursor.") from error
    return [next(appended) if refused is None else refused for refused in judged]


def _require_refusal(error: Exception) -> None:
    if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode not in _TAKEN:
        raise error


def _stamp(previous: int | None, clock: Clock) -> int:
    now = to_micros(datetime.now(UTC) + clock.offset())
    stamp = now if previous is None else max(previous, now)
    ahead = previous is None or stamp > previous + AHEAD
    if ahead and stamp > to_micros(clock.now()) + AHEAD:
        raise Broken("The database's clock is more than five minutes ahead; nothing is recorded.")
    return stamp


def _insert(
    db: sqlite3.Connection, entries: Sequence[Entry], head: tuple[int, bytes, int], stamp: int
) -> list[Appended]:
    position, hash_, _ = head
    events: list[tuple[Any, ...]] = []
    contracts: list[tuple[NewContract, int | None]] = []
    keys: list[tuple[Any, ...]] = []
    parked: list[tuple[Any, ...]] = []
    outcomes: list[Appended] = []
    recorded_at = from_micros(stamp)
    for entry in entries:
        first = position + 1
        for one in entry.events:
            position += 1
            digest = one.digest()
            hash_ = link(hash_, position, stamp, digest)
            events.append(
                (position, one.stream, one.version, one.type, one.schema, stamp,
                 one.data, one.meta, digest, hash_)
            )  # fmt: skip
        for told in entry.contracts:
            contracts.append((told, None if told.event is None else first + told.event))
        if entry.key is not None:
            key = entry.key
            keys.append(
                (key.client, key.key, key.fingerprint, key.stream, key.version, position,
                 key.status, stamp)
            )  # fmt: skip
        for cursor in entry.cursors:
            _move(db, cursor)
        for record in entry.parked:
            parked.append(
                (record.reader, record.topic, record.partition, record.n, record.key,
                 record.record, record.error, PARKED, stamp)
            )  # fmt: skip
        outcomes.append(Appended(position=position, hash=hash_, recorded_at=recorded_at))
    _insert_all(db, EVENTS, events)
    _insert_all(db, PUBLISHED, _numbered(db, contracts, stamp))
    _insert_all(db, REQUEST_KEYS, keys)
    db.executemany(_INSERT_PARKED, parked)
    return outcomes


def _numbered(
    db: sqlite3.Connection, contracts: Sequence[tuple[NewContract, int | None]], stamp: int
) -> list[tuple[Any, ...]]:
    heads: dict[tuple[str, int], int] = {}
    rows: list[tuple[Any, ...]] = []
    for told, position in contracts:
        series = (told.topic, told.partition)
        if series not in heads:
            heads[series] = _series_head(db, *series)
        heads[series] += 1
        rows.append(
            (told.topic, told.partition, heads[series], position, told.id, told.type, told.key,
             told.subject, told.time, stamp, told.attributes, told.data)
        )  # fmt: skip
    return rows


def _series_head(db: sqlite3.Connection, topic: str, partition: int) -> int:
    statement = "SELECT max(n) FROM published WHERE topic = ? AND partition = ?"
    return int(db.execute(statement, (topic, partition)).fetchone()[0] or 0)


def _move(db: sqlite3.Connection, cursor: CursorMove) -> None:
    place = (cursor.reader, cursor.topic, cursor.partition)
    moved = db.execute(
        f"UPDATE cursors SET n = ? WHERE {_HERE} AND n = ?",  # noqa: S608 - constant text
        (cursor.target, *place, cursor.source),
    )
    if moved.rowcount == 1:
        return
    if cursor.source != 0:
        raise _StaleCursor
    db.execute(_insert_into(CURSORS, 1), (*place, cursor.target))


def _judge(
    db: sqlite3.Connection, entry: Entry, head: tuple[int, bytes, int], stamp: int
) -> Outcome | None:
    """Why an entry is refused, in the order already, stale, key used, conflict; None: append it."""
    found = [_event_at(db, one.stream, one.version) for one in entry.events]
    if found and all(
        row is not None and row[3] == one.digest()
        for row, one in zip(found, entry.events, strict=True)
    ):
        return _already(found[-1] or head)
    stands = [_cursor(db, one) for one in entry.cursors]
    if not found and stands and stands == [one.target for one in entry.cursors]:
        return _already(head if head[0] else (0, head[1], stamp))
    for cursor, n in zip(entry.cursors, stands, strict=True):
        if n != cursor.source:
            return Stale(reader=cursor.reader, topic=cursor.topic, partition=cursor.partition)
    if entry.key is not None and _key_used(db, entry.key.client, entry.key.key):
        return KeyUsed(client=entry.key.client, key=entry.key.key)
    for row, one in zip(found, entry.events, strict=True):
        if row is not None:
            return Conflict(stream=one.stream)
    return None


def _already(row: tuple[int, bytes, int] | tuple[int, bytes, int, bytes]) -> Appended:
    return Appended(position=row[0], hash=row[1], recorded_at=from_micros(row[2]), already=True)


def _event_at(
    db: sqlite3.Connection, stream: str, version: int
) -> tuple[int, bytes, int, bytes] | None:
    row: tuple[int, bytes, int, bytes] | None = db.execute(
        "SELECT position, hash, recorded_at, digest FROM events WHERE stream = ? AND version = ?",
        (stream, version),
    ).fetchone()
    return row


def _cursor(db: sqlite3.Connection, cursor: CursorMove) -> int:
    row = db.execute(
        f"SELECT n FROM cursors WHERE {_HERE}",  # noqa: S608 - constant text
        (cursor.reader, cursor.topic, cursor.partition),
    ).fetchone()
    return int(row[0]) if row else 0


def _key_used(db: sqlite3.Connection, client: str, key: str) -> bool:
    statement = "SELECT 1 FROM request_keys WHERE client = ? AND key = ?"
    return db.execute(statement, (client, key)).fetchone() is not None
