"""Generations on both databases: begun, filled, shown in the place of another, dropped."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import BigInteger, Column, MetaData, String, Table, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Broken, NotNow, Unavailable
from shared.log.base import Log
from shared.log.tables import CURSORS
from shared.projections import swapping
from shared.projections.base import LOG_TOPIC, Projection, Rows, Seen, reader_of
from shared.projections.generations import (
    GENERATIONS,
    Generation,
    Retired,
    applied_now,
    generations,
    stand,
)
from shared.projections.projector import Projector
from shared.projections.rows import BufferedRows
from shared.projections.swapping import BEFORE, begin, drop, found, swap
from tests.shared.projections.boxes import (
    A_STORY,
    BOXES,
    BOXES_VIEW,
    CODEC,
    NAME,
    NEW_MEANING,
    TABLES,
    THINGS,
    BoxBroken,
    BoxMade,
    ThingPut,
    caught_up,
    everything,
    filled,
    rebuilt,
    record,
    rows_of,
    states,
)

WIDER = Table(
    "boxes",
    MetaData(),
    Column("id", String(64), primary_key=True),
    *(Column(one.name, one.type) for one in BOXES.columns if one.name != "id"),
    Column("made", BigInteger),
)


async def made(rows: Rows, happened: BoxMade, seen: Seen) -> None:
    rows.put(WIDER, id=seen.id, owner=happened.owner, things=0, made=seen.position)


WIDE = Projection(name=NAME, tables=(WIDER, THINGS), views={BoxMade: made})


async def there(log: Log) -> set[str]:
    """Tables and views, but the log's own."""

    def look(connection):
        found_ = inspect(connection)
        return {*found_.get_table_names(), *found_.get_view_names()}

    names: set[str] = await log.store.write(look)
    return {name for name in names if name.startswith(("boxes", "things"))}


async def test_a_new_database_shows_generation_1(log: Log):
    assert await there(log) == {"boxes", "boxes_g1", "things", "things_g1"}
    (one,) = await generations(log.store)
    assert (one.name, one.generation, one.state, one.applied) == (NAME, 1, "current", 0)
    assert one.shape == BOXES_VIEW.shape
    assert one.tables == ("boxes_g1", "things_g1")


async def test_finding_them_again_changes_nothing(log: Log):
    before = await generations(log.store)
    await log.store.write(partial(found, projections=(BOXES_VIEW,)))
    assert await generations(log.store) == before


async def test_plain_tables_of_an_older_version_become_generation_1_with_all_they_hold(
    bare_log: Log,
):
    log = bare_log
    await record(log, *A_STORY)

    def older(connection):
        TABLES.create_all(connection)
        connection.execute(insert(BOXES).values(id="a", owner="north", things=1, labels=["key"]))
        connection.execute(insert(THINGS).values(box="a", name="key"))
        told = {"reader": reader_of(NAME), "topic": LOG_TOPIC, "partition": 0, "n": 5}
        connection.execute(insert(CURSORS).values(told))

    await log.store.write(older)
    held = await everything(log)
    await log.store.write(partial(found, projections=(BOXES_VIEW,)))
    assert await everything(log) == held
    (one,) = await generations(log.store)
    assert (one.state, one.shape, one.applied) == ("current", BOXES_VIEW.shape, 5)
    assert await applied_now(log.store, NAME) == 5


async def test_plain_tables_of_another_form_are_shown_until_theirs_is_built(bare_log: Log):
    log = bare_log
    await record(log, *A_STORY)
    await log.store.write(TABLES.create_all)
    await log.store.write(lambda connection: found(connection, (WIDE,)))
    (one,) = await generations(log.store)
    assert (one.state, one.shape) == ("current", BEFORE)
    assert await (await filled(log, WIDE)).show()
    assert {row["made"] for row in await rows_of(log, WIDER)} == {1, 9, 12}


async def test_what_is_new_to_a_log_with_a_past_is_left_to_be_built(bare_log: Log):
    log = bare_log
    await record(log, *A_STORY)
    await log.store.write(partial(found, projections=(BOXES_VIEW,)))
    assert await there(log) == set()
    with pytest.raises(Unavailable, match="opendoor projections build"):
        await stand(log.store, BOXES_VIEW)
    assert await (await filled(log, BOXES_VIEW)).show()
    assert len(await rows_of(log, BOXES)) == 3


async def test_what_is_filled_anew_equals_what_followed_row_for_row(log: Log):
    live = Projector(BOXES_VIEW, log, CODEC.decode_known, batch=2)
    for step in A_STORY:
        await record(log, step)
        await caught_up(live)
    followed = await everything(log)
    await rebuilt(log)
    assert await everything(log) == followed
    assert await states(log) == {1: "retired", 2: "current"}


async def test_a_follower_of_the_same_shape_comes_over(log: Log):
    live = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:6])
    await caught_up(live)
    await rebuilt(log)
    await record(log, *A_STORY[6:])
    assert await live.step() == 0
    await caught_up(live)
    assert live.state.applied == len(A_STORY) == await applied_now(log.store, NAME)
    assert [row["id"] for row in await rows_of(log, BOXES)] == ["a", "b", "c"]


async def test_followers_of_an_older_shape_go_on_beside_the_new_one(log: Log):
    old = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:6])
    await caught_up(old)
    new = await filled(log, NEW_MEANING)
    assert await new.show()
    await record(log, *A_STORY[6:])
    await caught_up(old)
    assert old.state.applied == len(A_STORY)
    assert await applied_now(log.store, NAME) == 6
    await caught_up(new)
    assert await applied_now(log.store, NAME) == len(A_STORY)
    # The older version again: nothing is filled twice, what it followed is shown once more.
    assert await (await filled(log, BOXES_VIEW)).show()
    assert await states(log) == {1: "current", 2: "retired"}


async def test_what_is_far_behind_is_not_shown(log: Log):
    old = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:2])
    begun = await log.store.write(partial(begin, projection=NEW_MEANING))
    new = Projector(NEW_MEANING, log, CODEC.decode_known, pinned=begun.generation, batch=2)
    await caught_up(new)
    await record(log, *A_STORY[2:])
    await caught_up(old)
    shown = await everything(log)
    assert not await new.show()
    assert await everything(log) == shown
    assert await states(log) == {1: "current", 2: "building"}
    await caught_up(new)
    assert await new.show()
    assert await everything(log) == shown


async def test_what_is_a_hair_behind_catches_up_as_it_is_shown(log: Log):
    """While reports come in the shown one is ahead at every try: others would wait for ever."""
    old = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:6])
    new = await filled(log, NEW_MEANING)
    await record(log, *A_STORY[6:])
    await caught_up(old)
    shown = await everything(log)
    assert await new.show()
    assert await everything(log) == shown
    assert await states(log) == {1: "retired", 2: "current"}
    assert (new.state.applied, await applied_now(log.store, NAME)) == (len(A_STORY),) * 2
    last = await record(log, ("a", ThingPut(name="bell")))
    await caught_up(new)
    assert new.state.applied == last
    assert [row["things"] for row in await rows_of(log, BOXES)] == [2, 0, 1]


async def test_a_view_that_fails_on_the_last_events_halts_at_them(log: Log):
    async def fails(rows: Rows, happened: BoxBroken, seen: Seen) -> None:
        raise KeyError("a person's words")

    old = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:6])
    new = await filled(log, replace(NEW_MEANING, views={**NEW_MEANING.views, BoxBroken: fails}))
    await record(log, *A_STORY[6:])
    await caught_up(old)
    shown = await everything(log)
    assert not await new.show()
    with pytest.raises(Broken, match="halted at position 11"):
        await caught_up(new)
    assert await everything(log) == shown
    assert await states(log) == {1: "current", 2: "building"}


async def test_begun_and_left_it_goes_on_where_it_stood(log: Log):
    await record(log, *A_STORY)
    await caught_up(Projector(BOXES_VIEW, log, CODEC.decode_known))
    begun = await log.store.write(partial(begin, projection=NEW_MEANING))
    first = Projector(NEW_MEANING, log, CODEC.decode_known, pinned=begun.generation, batch=3)
    await first.step()

    read: list[int] = []

    def counted(recorded):
        read.append(recorded.position)
        return CODEC.decode_known(recorded)

    again = await log.store.write(partial(begin, projection=NEW_MEANING))
    assert again.generation == begun.generation
    assert again.applied == 3
    second = Projector(NEW_MEANING, log, counted, pinned=again.generation)
    await caught_up(second)
    assert min(read) == 4
    followed = await everything(log)
    assert await second.show()
    assert await everything(log) == followed


async def test_a_swap_that_breaks_in_the_middle_has_not_happened(log: Log, monkeypatch):
    await record(log, *A_STORY)
    await caught_up(Projector(BOXES_VIEW, log, CODEC.decode_known))
    new = await filled(log, NEW_MEANING)
    shown = await everything(log)

    def crash(connection, one, state):
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as planted:
        planted.setattr(swapping, "_mark", crash)
        with pytest.raises(RuntimeError):
            await new.show()
    assert await everything(log) == shown
    assert await states(log) == {1: "current", 2: "building"}
    assert await new.show()
    assert await states(log) == {1: "retired", 2: "current"}


async def test_two_that_begin_at_once_begin_one(log: Log):
    begun = await asyncio.gather(
        *(log.store.write(partial(begin, projection=NEW_MEANING)) for _ in range(4))
    )
    assert {one.generation for one in begun} == {2}
    assert await states(log) == {1: "current", 2: "building"}


async def test_columns_that_others_read_do_not_vanish(log: Log):
    await log.store.write(partial(begin, projection=WIDE))
    wide = await filled(log, WIDE)
    assert await wide.show()
    with pytest.raises(NotNow, match=r"boxes would lose made.*--others-stopped"):
        await log.store.write(partial(begin, projection=BOXES_VIEW))
    assert await states(log) == {1: "retired", 2: "current"}
    back = partial(begin, projection=BOXES_VIEW, others_stopped=True)
    assert (await log.store.write(back)).generation == 1
    narrow = Projector(BOXES_VIEW, log, CODEC.decode_known)
    with pytest.raises(NotNow, match="boxes would lose made"):
        await narrow.show()
    assert await narrow.show(others_stopped=True)


async def test_a_follower_at_the_head_shows_what_it_has_filled(log: Log):
    await record(log, *A_STORY)
    await log.store.write(partial(begin, projection=WIDE))
    stop = asyncio.Event()
    new = Projector(WIDE, log, CODEC.decode_known)
    running = asyncio.create_task(new.run(stop))
    async with asyncio.timeout(20):
        while (await states(log))[1] != "retired":
            await new.applied.wait(new.applied.count, 0.01)
    stop.set()
    await running
    assert await states(log) == {1: "retired", 2: "current"}
    assert {row["made"] for row in await rows_of(log, WIDER)} == {1, 9, 12}


async def test_a_follower_keeps_back_what_would_take_columns_away(log: Log):
    assert await (await filled(log, WIDE)).show()
    begun = await log.store.write(partial(begin, projection=NEW_MEANING, others_stopped=True))
    stop = asyncio.Event()
    new = Projector(NEW_MEANING, log, CODEC.decode_known)
    running = asyncio.create_task(new.run(stop))
    last = await record(log, *A_STORY)
    async with asyncio.timeout(20):
        while new.state.applied < last or not new._kept_back:
            await new.applied.wait(new.applied.count, 0.01)
    stop.set()
    await running
    assert (await states(log))[begun.generation] == "building"


async def test_what_was_dropped_is_followed_no_more(log: Log):
    old = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await record(log, *A_STORY[:6])
    await caught_up(old)
    assert await (await filled(log, WIDE)).show()
    (former,) = [one for one in await generations(log.store) if one.state == "retired"]
    await log.store.write(partial(drop, gone=former))
    assert await there(log) == {"boxes", "boxes_g2", "things", "things_g2"}
    await record(log, *A_STORY[6:])
    assert await old.step() == 0
    with pytest.raises(Retired, match="newer form"):
        await old.step()
    assert await there(log) == {"boxes", "boxes_g2", "things", "things_g2"}
    assert await states(log) == {1: "dropped", 2: "current"}


async def test_what_is_shown_is_not_dropped(log: Log):
    (one,) = await generations(log.store)
    await log.store.write(partial(drop, gone=replace(one, state="retired")))
    assert await there(log) == {"boxes", "boxes_g1", "things", "things_g1"}


async def test_nobody_writes_to_the_plain_name_once_another_generation_is_shown(log: Log):
    """As a worker would from before there were generations: into the wrong table, silently."""
    await record(log, *A_STORY)
    assert await (await filled(log, NEW_MEANING)).show()
    shown = await everything(log)
    stray = BufferedRows(log.store)
    stray.put(BOXES, id="a", owner="stray", things=99, position=1, labels=[])
    with pytest.raises((DBAPIError, Broken)):
        await log.store.write(stray.write)
    with pytest.raises((DBAPIError, Broken)):
        await log.store.write(lambda connection: connection.execute(update(BOXES).values(things=7)))
    assert await everything(log) == shown


async def test_a_table_goes_from_one_projection_to_another(log: Log):
    await record(log, *A_STORY)
    await caught_up(Projector(BOXES_VIEW, log, CODEC.decode_known))

    async def put(rows: Rows, happened: ThingPut, seen: Seen) -> None:
        rows.put(THINGS, box=seen.id, name=happened.name)

    async def only_made(rows: Rows, happened: BoxMade, seen: Seen) -> None:
        rows.put(BOXES, id=seen.id, owner=happened.owner, things=0)

    things = Projection(name="things", tables=(THINGS,), views={ThingPut: put})
    boxes = replace(BOXES_VIEW, tables=(BOXES,), views={BoxMade: only_made})
    assert await (await filled(log, things)).show()
    begun = await log.store.write(partial(begin, projection=boxes, others_stopped=True))
    one = Projector(boxes, log, CODEC.decode_known, pinned=begun.generation)
    await caught_up(one)
    assert await one.show(others_stopped=True)
    assert len(await rows_of(log, THINGS)) == 4
    assert len(await rows_of(log, BOXES)) == 3


def test_a_generation_says_where_its_rows_lie():
    one = Generation(
        name="boxes",
        generation=3,
        shape="v1-x",
        state="current",
        columns={"boxes": ["id"]},
        since=None,  # type: ignore[arg-type]  # not looked at
        applied=0,
    )
    assert (one.reader, one.lease) == ("projection:boxes:g3", "projection:boxes:v1-x")
    assert one.tables == ("boxes_g3",)


async def test_nothing_is_swapped_that_was_never_begun(log: Log):
    assert not await log.store.write(partial(swap, projection=BOXES_VIEW, generation=7))
    rows = await log.store.read(select(GENERATIONS))
    assert [row.state for row in rows] == ["current"]
