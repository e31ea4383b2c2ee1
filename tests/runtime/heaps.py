"""The boxes' service with read models, as two versions of its code know them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, select

from shared.log.base import Log
from shared.projections.base import Projection, Rows, Seen
from shared.projections.projector import Projector
from shared.runtime.engine import Engine
from shared.runtime.service import Service
from tests.runtime.boxes import BoxFilled, BoxMade, service

TABLES = MetaData()
HEAPS = Table(
    "heaps",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("held", Integer, nullable=False),
)
OWNERS = Table(
    "owners",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
)
COUNTED = Table(
    "heaps",
    MetaData(),
    Column("id", String(64), primary_key=True),
    Column("held", Integer, nullable=False),
    Column("fillings", Integer, nullable=False),
)
"""As the new version has it."""


async def made(rows: Rows, happened: BoxMade, seen: Seen) -> None:
    rows.put(HEAPS, id=seen.id, held=0)


async def filled(rows: Rows, happened: BoxFilled, seen: Seen) -> None:
    heap = await rows.get(HEAPS, id=seen.id)
    assert heap is not None
    rows.put(HEAPS, id=seen.id, held=heap["held"] + happened.by)


async def made_counted(rows: Rows, happened: BoxMade, seen: Seen) -> None:
    rows.put(COUNTED, id=seen.id, held=0, fillings=0)


async def filled_counted(rows: Rows, happened: BoxFilled, seen: Seen) -> None:
    heap = await rows.get(COUNTED, id=seen.id)
    assert heap is not None
    told = {"held": heap["held"] + happened.by, "fillings": heap["fillings"] + 1}
    rows.put(COUNTED, id=seen.id, **told)


async def owned(rows: Rows, happened: BoxMade, seen: Seen) -> None:
    rows.put(OWNERS, id=seen.id, owner=happened.owner)


HEAPS_VIEW = Projection(name="heaps", tables=(HEAPS,), views={BoxMade: made, BoxFilled: filled})
COUNTED_VIEW = Projection(
    name="heaps", tables=(COUNTED,), views={BoxMade: made_counted, BoxFilled: filled_counted}
)
OWNERS_VIEW = Projection(name="owners", tables=(OWNERS,), views={BoxMade: owned})

OLD = replace(service, projections=(HEAPS_VIEW, OWNERS_VIEW), timers=())
NEW = replace(service, projections=(COUNTED_VIEW, OWNERS_VIEW), timers=())


def engine_of(engine: Engine, version: Service) -> Engine:
    """The same log, as another version's process has it open."""
    projectors = tuple(
        Projector(one, engine.log, engine.codec.decode_known) for one in version.projections
    )
    return replace(engine, service=version, projectors=projectors)


async def heaps(log: Log) -> Sequence[Any]:
    """(id, held) of every heap, as an older version asks for them."""
    return await log.store.read(select(HEAPS).order_by(HEAPS.c.id))


async def counted(log: Log) -> Sequence[Any]:
    """(id, held, fillings) of every heap, as the newer version asks for them."""
    return await log.store.read(select(COUNTED).order_by(COUNTED.c.id))
