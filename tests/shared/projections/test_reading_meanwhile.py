"""Reading while generations change: nothing fails, nothing is empty, nothing goes back."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Column, MetaData, String, Table, select, text

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Misconfigured, Unavailable
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from shared.log.schema import create
from shared.projections import swapping
from shared.projections.base import Projection
from shared.projections.generations import applied_now
from shared.projections.projector import Projector
from shared.projections.swapping import begin, found
from tests.shared.projections.boxes import (
    A_STORY,
    BOXES,
    BOXES_VIEW,
    CODEC,
    NAME,
    NEW_MEANING,
    THINGS,
    ThingPut,
    caught_up,
    filled,
    record,
    rows_of,
    states,
)


async def test_readers_never_fail_and_never_see_less_while_generations_change(log: Log):
    """Each reader sees what was there at least once, whole; so does who waits for a position."""
    await record(log, *A_STORY)
    live = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await caught_up(live)
    stop = asyncio.Event()
    following = asyncio.create_task(live.run(stop))

    async def reads() -> int:
        looks, seen, applied = 0, 0, 0
        while not stop.is_set():
            rows = await log.store.read(
                select(BOXES.c.things, BOXES.c.id, THINGS.c.name).join(
                    THINGS, THINGS.c.box == BOXES.c.id
                )
            )
            now = await applied_now(log.store, NAME)
            assert (len(rows) >= seen, now >= applied) == (True, True)
            looks, seen, applied = looks + 1, len(rows), now
        return looks

    readers = [asyncio.create_task(reads()) for _ in range(3)]
    for n in range(4):
        last = await record(log, *((box, ThingPut(name=f"{n}")) for box in "abc"))
        one = await filled(log, replace(BOXES_VIEW, version=n % 2 + 1))
        if one.projection.version == 1:
            one = await _again(log)
        while not await _shown(one):
            await caught_up(one)
        while await applied_now(log.store, NAME) < last:
            await caught_up(one)
    stop.set()
    looks = await asyncio.gather(*readers)
    await following
    assert min(looks) > 5
    assert {row["things"] for row in await rows_of(log, BOXES)} == {4, 5}
    assert len(await rows_of(log, THINGS)) == 15


async def _again(log: Log) -> Projector:
    begun = await log.store.write(partial(begin, projection=BOXES_VIEW, anew=True))
    one = Projector(BOXES_VIEW, log, CODEC.decode_known, pinned=begun.generation)
    await caught_up(one)
    return one


async def _shown(one: Projector) -> bool:
    try:
        return await one.show()
    except Unavailable:
        return False


@pytest.mark.parametrize("bare_log", ["postgresql"], indirect=True)
async def test_a_reader_that_takes_long_keeps_a_swap_waiting_and_nobody_else(log: Log, monkeypatch):
    """Readers of a SQLite file stand in nobody's way."""
    assert isinstance(log, PostgresLog)
    monkeypatch.setattr(swapping, "PATIENCE", "50ms")
    new = await filled(log, NEW_MEANING)
    begun, go = asyncio.Event(), asyncio.Event()

    async def long_reader() -> None:
        async with log.store._engine.connect() as connection:
            await connection.execute(select(BOXES))
            begun.set()
            await go.wait()

    reading = asyncio.create_task(long_reader())
    await begun.wait()
    with pytest.raises(Unavailable):
        await new.show()
    assert await states(log) == {1: "current", 2: "building"}
    assert await rows_of(log, BOXES) == []
    go.set()
    await reading
    assert await new.show()


async def test_a_read_whose_plan_has_grown_stale_is_asked_again(postgres_url: str):
    """A prepared statement of PostgreSQL may not change its columns' types; a process learns of
    another's swap by nothing else."""
    here, elsewhere = (PostgresLog(postgres_url, SystemClock()) for _ in range(2))
    turned = Table(
        "boxes",
        MetaData(),
        *(Column(c.name, String(20), primary_key=c.primary_key) for c in BOXES.columns),
    )
    everyone = text("SELECT * FROM boxes")
    try:
        await here.store.write(create)
        await here.store.write(partial(found, projections=(BOXES_VIEW,)))
        await asyncio.gather(*(here.store.read(everyone) for _ in range(8)))
        other = await filled(elsewhere, Projection(name=NAME, tables=(turned, THINGS), views={}))
        assert await other.show()
        await asyncio.gather(*(here.store.read(everyone) for _ in range(8)))
    finally:
        for log in (here, elsewhere):
            await log.close()
            await log.store.close()


@pytest.mark.parametrize("bare_log", ["postgresql"], indirect=True)
async def test_what_others_built_on_a_view_stands_in_the_way_and_is_said(log: Log):
    theirs = text("CREATE VIEW theirs AS SELECT id FROM boxes")
    await log.store.write(lambda connection: connection.execute(theirs))
    new = await filled(log, NEW_MEANING)
    with pytest.raises(Misconfigured, match="depends on its read models"):
        await new.show()
    assert await states(log) == {1: "current", 2: "building"}
