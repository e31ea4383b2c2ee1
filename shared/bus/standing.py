"""How the bus stands, as the workers see it: a row each, for processes without a client of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from shared.log.base import Store
from shared.log.leases import real_later, real_now
from shared.log.tables import BUS_STATE

HOLDS = timedelta(seconds=30)
"""How long a worker's word counts: one that says nothing more has gone."""


async def report(store: Store, owner: str, faults: Sequence[str]) -> None:
    """A worker's word: what is wrong with the bus, in sentences; nothing where it is up."""

    def job(connection: Connection) -> None:
        now, until = real_now(store.dialect), real_later(store.dialect, HOLDS)
        over = (BUS_STATE.c.owner == owner) | (BUS_STATE.c.until <= now)
        connection.execute(delete(BUS_STATE).where(over))
        connection.execute(
            insert(BUS_STATE).values(
                owner=owner, down=int(bool(faults)), why=" ".join(faults), until=until
            )
        )

    await store.write(job)


async def reported(store: Store) -> str | None:
    """None where every worker says that the bus is up; else a sentence, also where none speaks."""
    now = real_now(store.dialect)
    rows: Sequence[Any] = await store.read(select(BUS_STATE).where(BUS_STATE.c.until > now))
    if not rows:
        return "No worker of this service is running."
    return next((str(row.why) for row in rows if row.down), None)
