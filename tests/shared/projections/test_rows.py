"""Tests of shared/projections/rows.py: what a view reads is what it has done."""

import pytest
from sqlalchemy.exc import IntegrityError

from shared.log.base import Log
from shared.projections.rows import BufferedRows
from tests.shared.projections.boxes import BOXES, SHELVES, TABLES, THINGS, rows_of


async def written(log: Log, rows: BufferedRows) -> None:
    await log.store.write(rows.write)
    rows.settle()


@pytest.fixture
async def log(bare_log: Log) -> Log:
    """An empty log with the plain tables beside it."""
    await bare_log.store.write(TABLES.create_all)
    return bare_log


@pytest.fixture
async def held(log: Log) -> Log:
    """A log beside which one box stands already."""
    rows = BufferedRows(log.store)
    rows.put(BOXES, id="a", owner="north", things=2, labels=["x"])
    await written(log, rows)
    return log


async def test_reads_through_to_the_database(held: Log):
    rows = BufferedRows(held.store)
    assert await rows.get(BOXES, id="a") == {
        "id": "a",
        "owner": "north",
        "things": 2,
        "position": None,
        "labels": ["x"],
    }
    assert await rows.get(BOXES, id="b") is None


async def test_a_put_overwrites_the_named_columns_alone(held: Log):
    rows = BufferedRows(held.store)
    rows.put(BOXES, id="a", things=3)
    rows.put(BOXES, id="a", owner="south")
    assert (await rows.get(BOXES, id="a") or {})["labels"] == ["x"]
    await written(held, rows)
    (box,) = await rows_of(held, BOXES)
    assert (box["things"], box["owner"], box["labels"]) == (3, "south", ["x"])


async def test_a_put_that_nobody_read_leaves_the_rest_as_it_was(held: Log):
    rows = BufferedRows(held.store)
    rows.put(BOXES, id="a", things=3)
    await written(held, rows)
    (box,) = await rows_of(held, BOXES)
    assert (box["things"], box["owner"]) == (3, "north")
    assert (await rows.get(BOXES, id="a") or {})["owner"] == "north"


async def test_a_row_put_after_its_deletion_is_new(held: Log):
    rows = BufferedRows(held.store)
    rows.delete(BOXES, id="a")
    assert await rows.get(BOXES, id="a") is None
    rows.put(BOXES, id="a", owner="south")
    assert await rows.get(BOXES, id="a") == {
        "id": "a",
        "owner": "south",
        "things": 0,
        "position": None,
        "labels": None,
    }
    await written(held, rows)
    (box,) = await rows_of(held, BOXES)
    assert (box["owner"], box["things"], box["position"]) == ("south", 0, None)


async def test_deleting_what_is_not_there_is_no_fault(held: Log):
    rows = BufferedRows(held.store)
    rows.delete(BOXES, id="b")
    await written(held, rows)
    assert len(await rows_of(held, BOXES)) == 1


async def test_a_table_of_keys_alone_takes_the_same_row_twice(log: Log):
    for _ in range(2):
        rows = BufferedRows(log.store)
        rows.put(THINGS, box="a", name="lamp")
        await written(log, rows)
    assert await rows_of(log, THINGS) == [{"box": "a", "name": "lamp"}]


async def test_what_a_view_does_to_its_copy_stays_there(held: Log):
    rows = BufferedRows(held.store)
    box = await rows.get(BOXES, id="a")
    assert box is not None
    box["labels"].append("y")
    assert (await rows.get(BOXES, id="a") or {})["labels"] == ["x"]


async def test_keeps_rows_between_batches_without_reading_again(held: Log, monkeypatch):
    rows = BufferedRows(held.store)
    await rows.get(BOXES, id="a")
    rows.put(BOXES, id="a", things=7)
    await written(held, rows)

    async def unread(statement):
        raise AssertionError("read again")

    monkeypatch.setattr(held.store, "read", unread)
    assert (await rows.get(BOXES, id="a") or {})["things"] == 7


async def test_tables_that_began_empty_need_no_reading_until_rows_are_let_go(log: Log, monkeypatch):
    monkeypatch.setattr("shared.projections.rows.KEPT", 2)
    rows = BufferedRows(log.store, complete=True)
    for box in "abc":
        assert await rows.get(BOXES, id=box) is None
        rows.put(BOXES, id=box, owner=box, things=1, position=1, labels=[])
    await written(log, rows)
    assert (await rows.get(BOXES, id="a") or {})["owner"] == "a"


@pytest.mark.parametrize("row", [{"owner": "x"}, {"id": "a", "colour": "red"}])
async def test_a_key_left_out_or_an_unknown_column_is_a_fault_of_the_view(log: Log, row):
    with pytest.raises(KeyError):
        BufferedRows(log.store).put(BOXES, **row)


@pytest.mark.parametrize("read_first", [True, False])
async def test_a_part_of_a_row_that_is_there_may_lack_what_an_insert_needs(log: Log, read_first):
    rows = BufferedRows(log.store)
    for shelf in "ab":
        rows.put(SHELVES, id=shelf, owner="north", note="old")
    await written(log, rows)
    rows = BufferedRows(log.store)
    if read_first:
        await rows.get(SHELVES, id="a")
    rows.put(SHELVES, id="a", note="new")
    await written(log, rows)
    assert await rows_of(log, SHELVES) == [
        {"id": "a", "owner": "north", "note": "new"},
        {"id": "b", "owner": "north", "note": "old"},
    ]


@pytest.mark.parametrize("read_first", [True, False])
async def test_a_part_of_a_row_that_is_not_there_is_a_fault_of_the_view(log: Log, read_first):
    rows = BufferedRows(log.store)
    if read_first:
        assert await rows.get(SHELVES, id="a") is None
    rows.put(SHELVES, id="a", note="new")
    with pytest.raises((LookupError, IntegrityError)):
        await written(log, rows)
    assert await rows_of(log, SHELVES) == []


async def test_a_table_of_another_projection_is_not_written(log: Log):
    rows = BufferedRows(log.store, stored={BOXES: BOXES})
    with pytest.raises(KeyError, match="things"):
        rows.put(THINGS, box="a", name="lamp")
    with pytest.raises(KeyError, match="things"):
        await rows.get(THINGS, box="a", name="lamp")
