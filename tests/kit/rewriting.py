"""A log in the hands of a forger who may do anything to its database."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, text, update

from shared.log.base import Head, Log, NewEvent, Recorded
from shared.log.chain import link
from shared.log.tables import EVENTS, to_micros

GUARD_OFF = {
    "postgresql": ("SET LOCAL session_replication_role = replica",),
    "sqlite": (
        "DROP TRIGGER IF EXISTS events_append_only_UPDATE",
        "DROP TRIGGER IF EXISTS events_append_only_DELETE",
    ),
}


async def rewrite(log: Log, position: int, data: bytes) -> None:
    """Puts other content at a position, and gives every row from there on a fresh hash, so that
    the chain is whole again."""
    rows = await log.events(0, 100_000)
    head = Head()
    changed: list[Recorded] = []
    for row in rows:
        one = _with(row, data) if row.position == position else row
        hash_ = link(head.hash, one.position, to_micros(one.recorded_at), one.digest)
        head = Head(position=one.position, hash=hash_, recorded_at=one.recorded_at)
        if one.position >= position:
            changed.append(replace(one, hash=hash_))

    def job(connection: Connection) -> None:
        guard_off(connection)
        for one in changed:
            connection.execute(
                update(EVENTS)
                .where(EVENTS.c.position == one.position)
                .values(data=one.data, digest=one.digest, hash=one.hash)
            )

    await log.store.write(job)


async def cut(log: Log, after: int) -> None:
    """Takes away every row after a position."""

    def job(connection: Connection) -> None:
        guard_off(connection)
        connection.execute(delete(EVENTS).where(EVENTS.c.position > after))

    await log.store.write(job)


def guard_off(connection: Connection) -> None:
    """Has the database look away for the rest of the transaction (SQLite: for ever)."""
    for statement in GUARD_OFF[connection.dialect.name]:
        connection.execute(text(statement))


def _with(row: Recorded, data: bytes) -> Recorded:
    told: dict[str, Any] = {
        name: getattr(row, name) for name in ("stream", "version", "type", "schema", "meta")
    }
    return replace(row, data=data, digest=NewEvent(data=data, **told).digest())
