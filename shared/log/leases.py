"""Leases: who alone may do something now, by name, until the database's clock says it is over."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.log.base import Store
from shared.log.tables import LEASES, Instant


async def acquire(store: Store, name: str, owner: str, lasting: timedelta) -> bool:
    """Whether `owner` holds the lease now: taken because it was free or over, or renewed."""
    return await store.write(lambda connection: _acquire(connection, name, owner, lasting))


async def renew(store: Store, name: str, owner: str, lasting: timedelta) -> bool:
    """Whether `owner` still held the lease and holds it for so much longer."""

    def job(connection: Connection) -> bool:
        now = real_now(store.dialect)
        mine = and_(LEASES.c.name == name, LEASES.c.owner == owner, LEASES.c.expires_at > now)
        until = real_later(store.dialect, lasting)
        return connection.execute(update(LEASES).where(mine).values(expires_at=until)).rowcount == 1

    return await store.write(job)


async def release(store: Store, name: str, owner: str) -> None:
    """Gives the lease back, if `owner` has it."""
    mine = and_(LEASES.c.name == name, LEASES.c.owner == owner)
    await store.write(lambda connection: connection.execute(delete(LEASES).where(mine)))


async def holder(store: Store, name: str) -> str | None:
    """Who holds the lease now."""
    held = and_(LEASES.c.name == name, LEASES.c.expires_at > real_now(store.dialect))
    rows = await store.read(select(LEASES.c.owner).where(held))
    return str(rows[0].owner) if rows else None


class Held:
    """A lease that a process keeps, asked for again when a third of it has gone."""

    def __init__(self, store: Store, name: str, owner: str, lasting: timedelta) -> None:
        self.name = name
        self._store, self._owner, self._lasting = store, owner, lasting
        self._until = 0.0

    async def now(self) -> bool:
        """Whether this process holds it now. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        lasting = self._lasting.total_seconds()
        if loop.time() < self._until - lasting * 2 / 3:
            return True
        asked = loop.time()
        mine = await acquire(self._store, self.name, self._owner, self._lasting)
        self._until = asked + lasting if mine else 0.0
        return mine

    async def give_back(self) -> None:
        """Lets the next one have it at once. Raises Unavailable."""
        if self._until:
            self._until = 0.0
            await release(self._store, self.name, self._owner)


def _acquire(connection: Connection, name: str, owner: str, lasting: timedelta) -> bool:
    dialect = connection.dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    until = real_later(dialect, lasting)
    free = or_(LEASES.c.owner == owner, LEASES.c.expires_at <= real_now(dialect))
    taken = (
        insert(LEASES)
        .values(name=name, owner=owner, expires_at=until)
        .on_conflict_do_update(
            index_elements=[LEASES.c.name],
            set_={"owner": owner, "expires_at": until},
            where=free,
        )
    )
    return connection.execute(taken).rowcount == 1


def real_now(dialect: str) -> ColumnElement[Any]:
    """Real time as the database says it; SQLite has no clock but the machine's."""
    if dialect == "postgresql":
        return func.clock_timestamp()
    return literal(datetime.now(UTC), Instant())


def real_later(dialect: str, lasting: timedelta) -> ColumnElement[Any]:
    """So much later than now, by the same clock."""
    if dialect == "postgresql":
        return func.clock_timestamp() + lasting
    return literal(datetime.now(UTC) + lasting, Instant())
