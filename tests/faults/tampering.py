"""Single bits of stored events, flipped by somebody whom no guard of the database stops."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Unavailable
from shared.log.base import Log
from shared.log.tables import EPOCH, EVENTS
from tests.kit.rewriting import guard_off

Row = dict[str, Any]
NAMES = tuple(EVENTS.columns.keys())
WIDTHS = {"position": 64, "version": 64, "schema": 32, "recorded_at": 64}
"""Bits of a number; the highest is its sign."""
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One bit of one column of the row at a position; `now` is where that row stands now."""

    position: int
    column: str
    bit: int
    now: int

    def __str__(self) -> str:
        return f"bit {self.bit} of {self.column} at position {self.position}"


async def saved(log: Log) -> list[Row]:
    """Every row as it stands."""
    found = await log.store.read(select(EVENTS).order_by(EVENTS.c.position))
    return [dict(zip(NAMES, row, strict=True)) for row in found]


async def put_back(log: Log, rows: Sequence[Row]) -> None:
    """Makes the log what it was."""

    def job(connection: Connection) -> None:
        guard_off(connection)
        connection.execute(delete(EVENTS))
        connection.execute(insert(EVENTS), rows)

    await log.store.write(job)


async def flipped(log: Log, rows: Sequence[Row], chance: random.Random) -> Flip:
    """Flips a bit of any column of any row, where the database can hold that: PostgreSQL's texts
    are UTF-8 without NUL, and no two rows share a position or a version of a stream."""
    while True:
        row = chance.choice(rows)
        column = chance.choice(NAMES)
        at = row["position"]
        flip = Flip(position=at, column=column, bit=chance.randrange(_bits(column, row)), now=at)
        if column == "position":
            flip = replace(flip, now=int(_other(flip, at, EPOCH)))
        try:
            await _apply(log, flip, row[column])
        except (DBAPIError, Unavailable, UnicodeDecodeError):
            continue
        return flip


def _bits(column: str, row: Row) -> int:
    return WIDTHS.get(column) or 8 * len(row[column])


async def _apply(log: Log, flip: Flip, value: Any) -> None:
    expression, told = _WRITES[log.store.dialect](flip, value)
    statement = f"UPDATE events SET {flip.column} = {expression} WHERE position = :at"  # noqa: S608 - the names are our own

    def job(connection: Connection) -> None:
        guard_off(connection)
        connection.execute(text(statement), {"at": flip.position, **told})

    await log.store.write(job)


def _on_sqlite(flip: Flip, value: Any) -> tuple[str, Row]:
    if isinstance(value, str):
        return "CAST(:value AS TEXT)", {"value": _in_bytes(value.encode(), flip.bit)}
    return ":value", {"value": _other(flip, value, EPOCH)}


def _on_postgres(flip: Flip, value: Any) -> tuple[str, Row]:
    if isinstance(value, str):
        return ":value", {"value": _in_bytes(value.encode(), flip.bit).decode()}
    other = _other(flip, value, _POSTGRES_EPOCH)
    if not isinstance(value, datetime):
        return ":value", {"value": other}
    days, micros = divmod(int(other), 86_400_000_000)
    since = "timestamptz '2000-01-01 00:00:00+00'"
    lapse = "make_interval(days => CAST(:days AS integer), secs => CAST(:secs AS float8))"
    return f"{since} + {lapse}", {"days": days, "secs": micros / 1e6}


_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_WRITES = {"sqlite": _on_sqlite, "postgresql": _on_postgres}


def _other(flip: Flip, value: Any, epoch: datetime) -> int | bytes:
    if isinstance(value, bytes):
        return _in_bytes(value, flip.bit)
    stored = (value - epoch) // MICROSECOND if isinstance(value, datetime) else int(value)
    size = WIDTHS[flip.column] // 8
    raw = stored.to_bytes(size, "little", signed=True)
    return int.from_bytes(_in_bytes(raw, flip.bit), "little", signed=True)


def _in_bytes(stored: bytes, bit: int) -> bytes:
    changed = bytearray(stored)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
