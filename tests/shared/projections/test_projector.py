"""Tests of shared/projections/projector.py, on both databases."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from shared.kernel.errors import Broken, Unavailable
from shared.log.base import Log
from shared.log.waking import Signal
from shared.projections.base import LOG_TOPIC, Projection, Rows, Seen, reader_of
from shared.projections.projector import Projector
from shared.projections.swapping import found
from tests.shared.projections.boxes import (
    A_STORY,
    BOXES,
    BOXES_VIEW,
    CODEC,
    THINGS,
    BoxBroken,
    BoxMade,
    ThingPut,
    caught_up,
    everything,
    rebuilt,
    record,
    rows_of,
)


def projector(log: Log, projection: Projection = BOXES_VIEW, batch: int = 100) -> Projector:
    return Projector(projection, log, CODEC.decode_known, batch=batch)


async def applied(log: Log) -> int:
    return await log.cursor(reader_of(BOXES_VIEW.name), LOG_TOPIC, 0)


async def test_rows_show_what_happened(log: Log):
    await record(log, *A_STORY)
    await caught_up(projector(log))
    assert await rows_of(log, BOXES) == [
        {"id": "a", "owner": "north", "things": 1, "position": 1, "labels": ["lamp", "key"]},
        {"id": "b", "owner": "west", "things": 0, "position": 12, "labels": []},
        {"id": "c", "owner": "east", "things": 1, "position": 9, "labels": ["map"]},
    ]
    assert await rows_of(log, THINGS) == [
        {"box": "a", "name": "key"},
        {"box": "b", "name": "lamp"},
        {"box": "c", "name": "map"},
    ]


@pytest.mark.parametrize("batch", [1, 2, 5])
async def test_live_rows_equal_those_filled_from_the_first_event(log: Log, batch: int):
    live = projector(log, batch=batch)
    for step in A_STORY:
        await record(log, step)
        await caught_up(live)
    followed = await everything(log)

    await rebuilt(log)
    assert await everything(log) == followed


async def test_a_new_projector_goes_on_where_the_last_one_ended(log: Log):
    await record(log, *A_STORY[:5])
    await caught_up(projector(log, batch=2))
    await record(log, *A_STORY[5:])
    second = projector(log, batch=2)
    await caught_up(second)
    assert second.state.applied == len(A_STORY)
    assert await applied(log) == len(A_STORY)
    followed = await everything(log)
    await rebuilt(log)
    assert await everything(log) == followed


async def test_a_commit_that_failed_on_the_way_leaves_nothing_or_all(log: Log, monkeypatch):
    """The process is told that the database is gone, whether it committed or not."""
    await record(log, *A_STORY)
    one = projector(log, batch=3)
    write = log.store.write

    for committed in (True, False, True, False):

        async def lossy(job, committed=committed):
            if committed:
                await write(job)
            raise Unavailable("The connection was lost in commit.")

        monkeypatch.setattr(log.store, "write", lossy)
        with pytest.raises(Unavailable):
            await one.step()
        monkeypatch.setattr(log.store, "write", write)
    await caught_up(one)
    survived = await everything(log)
    await rebuilt(log)
    assert await everything(log) == survived


async def test_a_stale_projector_drops_its_batch_and_reads_again(log: Log):
    await record(log, *A_STORY[:4])
    slow, quick = projector(log), projector(log)
    await caught_up(slow)
    await record(log, *A_STORY[4:8])
    await caught_up(quick)
    assert await slow.step() == 0
    await record(log, *A_STORY[8:])
    await caught_up(slow)
    both = await everything(log)
    await rebuilt(log)
    assert await everything(log) == both


async def test_two_projectors_at_once_apply_each_event_once(log: Log):
    await record(
        log, *[("a", BoxMade(owner="n")), *(("a", ThingPut(name=f"{n}")) for n in range(40))]
    )
    stop = asyncio.Event()
    running = [projector(log, batch=3) for _ in range(2)]
    tasks = [asyncio.create_task(one.run(stop)) for one in running]
    while await applied(log) < 41:
        await asyncio.wait(tasks, timeout=0.01)
    stop.set()
    await asyncio.gather(*tasks)
    (box,) = await rows_of(log, BOXES)
    assert box["things"] == 40


async def test_a_failing_view_halts_its_projection_alone_after_all_before_it(log: Log):
    async def refuses(rows: Rows, happened: ThingPut, seen: Seen) -> None:
        if happened.name == "map":
            rows.put(BOXES, id=seen.id, things=99)
            raise KeyError("a person's words")
        await BOXES_VIEW.views[ThingPut](rows, happened, seen)

    faulty = replace(BOXES_VIEW, views={**BOXES_VIEW.views, ThingPut: refuses})
    await record(log, *A_STORY)
    one = projector(log, faulty)
    with pytest.raises(Broken) as halted:
        await caught_up(one)
    assert one.state.red
    assert one.state.applied == 9
    assert "position 10 (thing_put): KeyError in test_projector.py:refuses" in one.state.why
    assert "words" not in halted.value.detail
    assert await applied(log) == 9
    assert [box["things"] for box in await rows_of(log, BOXES)] == [1, 1, 0]

    other = projector(log)
    await caught_up(other)
    assert not other.state.red
    assert other.state.applied == len(A_STORY)


async def test_a_row_that_the_database_refuses_halts_at_its_event(log: Log):
    async def careless(rows: Rows, happened: BoxBroken, seen: Seen) -> None:
        rows.put(BOXES, id=seen.id, things=None)

    faulty = replace(BOXES_VIEW, views={**BOXES_VIEW.views, BoxBroken: careless})
    await record(log, *A_STORY)
    one = projector(log, faulty)
    with pytest.raises(Broken):
        await caught_up(one)
    assert one.state.applied == 10
    assert "position 11 (box_broken): IntegrityError" in one.state.why


async def test_what_this_code_does_not_know_is_passed_by(bare_log: Log):
    log = bare_log
    narrow = replace(BOXES_VIEW, views={BoxMade: BOXES_VIEW.views[BoxMade]})
    await log.store.write(lambda connection: found(connection, (narrow,)))
    await record(log, *A_STORY)
    one = Projector(
        narrow,
        log,
        lambda recorded: None if recorded.stream == "box-a" else CODEC.decode_known(recorded),
    )
    await caught_up(one)
    assert [box["id"] for box in await rows_of(log, BOXES)] == ["b", "c"]
    assert one.state.applied == len(A_STORY)


async def test_runs_until_it_is_stopped_and_wakes_at_once(log: Log, monkeypatch):
    monkeypatch.setattr("shared.projections.projector.POLL", 3600.0)
    stop, appended = asyncio.Event(), Signal()
    one = projector(log)
    task = asyncio.create_task(one.run(stop, appended))
    for owner in ("north", "south"):
        position = await record(log, (owner, BoxMade(owner=owner)))
        appended.set()
        while one.state.applied < position:
            await one.applied.wait(one.applied.count, 5)
    stop.set()
    appended.set()
    await task
    assert len(await rows_of(log, BOXES)) == 2


async def test_finds_what_came_without_a_wake_up(log: Log):
    stop = asyncio.Event()
    one = projector(log)
    task = asyncio.create_task(one.run(stop))
    position = await record(log, ("a", BoxMade(owner="north")))
    while one.state.applied < position:
        await one.applied.wait(one.applied.count, 5)
    stop.set()
    await task


async def test_does_nothing_without_the_lease(log: Log):
    asked: list[bool] = []
    stop = asyncio.Event()

    async def held() -> bool:
        asked.append(True)
        stop.set()
        return False

    await record(log, *A_STORY)
    await projector(log).run(stop, held=held)
    assert asked
    assert await everything(log) == []


async def test_the_cursor_moves_before_any_row_is_written(log: Log, monkeypatch):
    order: list[str] = []
    write = log.store.write

    async def watching(job):
        def watched(connection: Connection):
            execute = connection.execute

            def noting(statement, *told):
                order.append(statement.table.name)
                return execute(statement, *told)

            monkeypatch.setattr(connection, "execute", noting)
            try:
                return job(connection)
            finally:
                monkeypatch.undo()

        return await write(watched)

    one = projector(log)
    await record(log, *A_STORY[:3])
    await caught_up(one)
    await record(log, *A_STORY[3:4])
    monkeypatch.setattr(log.store, "write", watching)
    await one.step()
    assert order[0] == "cursors"
    assert set(order[1:]) == {"boxes_g1", "things_g1"}
