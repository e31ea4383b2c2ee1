"""The aggregate and read models that the tests of projections share: boxes that hold things."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, MetaData, String, Table, select

from shared.kernel.decider import Aggregate
from shared.kernel.messages import event
from shared.log.base import Appended, Entry, Log, NewEvent
from shared.log.codec import Codec
from shared.log.meta import Meta
from shared.projections.base import Projection, Rows, Seen
from shared.projections.generations import generations
from shared.projections.projector import Projector
from shared.projections.swapping import begin

TABLES = MetaData()
BOXES = Table(
    "boxes",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64)),
    Column("things", BigInteger, nullable=False, default=0),
    Column("position", BigInteger),
    Column("labels", JSON),
)
THINGS = Table(
    "things",
    TABLES,
    Column("box", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
)
SHELVES = Table(
    "shelves",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("note", String(64)),
)


@event("box_made")
class BoxMade:
    owner: str


@event("thing_put")
class ThingPut:
    name: str


@event("thing_taken")
class ThingTaken:
    name: str


@event("box_broken")
class BoxBroken:
    pass


@event("box_dusted")
class BoxDusted:
    """Told to nobody: no view of the boxes has a step for it."""


BOX: Aggregate[int] = Aggregate(
    name="box",
    initial=0,
    steps=dict.fromkeys(
        (BoxMade, ThingPut, ThingTaken, BoxBroken, BoxDusted), lambda count, happened: count + 1
    ),
)
CODEC = Codec((BOX,))


async def made(rows: Rows, happened: BoxMade, seen: Seen) -> None:
    rows.put(BOXES, id=seen.id, owner=happened.owner, position=seen.position, labels=[])


async def put(rows: Rows, happened: ThingPut, seen: Seen) -> None:
    box = await rows.get(BOXES, id=seen.id)
    assert box is not None
    box["labels"].append(happened.name)
    rows.put(BOXES, id=seen.id, things=box["things"] + 1, labels=box["labels"])
    rows.put(THINGS, box=seen.id, name=happened.name)


async def taken(rows: Rows, happened: ThingTaken, seen: Seen) -> None:
    if await rows.get(THINGS, box=seen.id, name=happened.name) is None:
        return
    box = await rows.get(BOXES, id=seen.id)
    assert box is not None
    rows.put(BOXES, id=seen.id, things=box["things"] - 1)
    rows.delete(THINGS, box=seen.id, name=happened.name)


async def broken(rows: Rows, happened: BoxBroken, seen: Seen) -> None:
    rows.delete(BOXES, id=seen.id)


BOXES_VIEW = Projection(
    name="boxes",
    tables=(BOXES, THINGS),
    views={BoxMade: made, ThingPut: put, ThingTaken: taken, BoxBroken: broken},
)


NAME = BOXES_VIEW.name
NEW_MEANING = replace(BOXES_VIEW, version=2)
"""The same tables, of which an author says that they mean something else."""


async def record(log: Log, *happened: tuple[str, object]) -> int:
    """Appends events, each with the id of its box; the last one's position."""
    entries: list[Entry] = []
    versions: dict[str, int] = {}
    for id_, one in happened:
        stream = BOX.stream(id_)
        if stream not in versions:
            versions[stream] = len(await log.stream(stream))
        versions[stream] += 1
        entries.append(Entry(events=(encoded(stream, versions[stream], one),)))
    position = 0
    for entry in entries:
        (outcome,) = await log.append([entry])
        assert isinstance(outcome, Appended)
        position = outcome.position
    return position


def encoded(stream: str, version: int, happened: object) -> NewEvent:
    meta = Meta(command=f"{stream}/{version}", at="2018-12-19T09:30:00Z", organisation="RX1")
    return CODEC.encode(stream, version, happened, meta, seal=lambda scope, path, text: text)


async def caught_up(one: Projector) -> None:
    while await one.step():
        pass


async def filled(log: Log, projection: Projection) -> Projector:
    """What begins in the projection's shape, and is at the head."""
    begun = await log.store.write(partial(begin, projection=projection))
    one = Projector(projection, log, CODEC.decode_known, pinned=begun.generation)
    await caught_up(one)
    return one


async def states(log: Log) -> dict[int, str]:
    return {one.generation: one.state for one in await generations(log.store, NAME)}


async def rebuilt(log: Log, projection: Projection = BOXES_VIEW) -> Projector:
    """Fills a further generation from the first event and shows it; who did so."""
    begun = await log.store.write(lambda connection: begin(connection, projection, anew=True))
    one = Projector(projection, log, CODEC.decode_known, pinned=begun.generation)
    await caught_up(one)
    assert await one.show()
    return one


async def rows_of(log: Log, table: Table) -> list[dict[str, Any]]:
    """Every row of a table, by primary key."""
    found: Sequence[Any] = await log.store.read(select(table).order_by(*table.primary_key))
    return [dict(row._mapping) for row in found]


async def everything(log: Log) -> list[dict[str, object]]:
    return await rows_of(log, BOXES) + await rows_of(log, THINGS)


A_STORY: tuple[tuple[str, object], ...] = (
    ("a", BoxMade(owner="north")),
    ("b", BoxMade(owner="south")),
    ("a", ThingPut(name="lamp")),
    ("a", ThingPut(name="key")),
    ("b", BoxDusted()),
    ("b", ThingPut(name="lamp")),
    ("a", ThingTaken(name="lamp")),
    ("a", ThingTaken(name="lamp")),
    ("c", BoxMade(owner="east")),
    ("c", ThingPut(name="map")),
    ("b", BoxBroken()),
    ("b", BoxMade(owner="west")),
)
"""With every step, one without a view, a thing taken twice, and a box made again."""
