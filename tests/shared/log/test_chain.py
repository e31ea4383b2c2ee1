"""The hash chain: any change of what was recorded is found, and where."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken
from shared.log import schema
from shared.log.base import Head, Recorded
from shared.log.chain import Fault, check, link, verify
from shared.log.sqlite import SqliteLog
from shared.log.sqlite_files import connect
from tests.kit.log_entries import entry, event

SECOND = timedelta(seconds=1)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db", SystemClock())
    await opened.store.write(schema.create)
    await opened.append([entry(event(f"s-{i}", 1), event(f"s-{i}", 2)) for i in range(5)])
    yield opened
    await opened.close()


async def test_an_untouched_log_is_whole(log: SqliteLog):
    seen: list[int] = []
    assert await verify(log, seen.append, page=4) == await log.head()
    assert seen == [4, 8, 10]


CHANGES: dict[str, Any] = {
    "stream": "s-9",
    "version": 7,
    "type": "Happened",
    "schema": 2,
    "data": b"{ }",
    "meta": b"{}",
    "digest": bytes(32),
    "hash": bytes(32),
}


@pytest.mark.parametrize("field", CHANGES)
async def test_a_changed_field_is_found(log: SqliteLog, field: str):
    rows = await log.events(0, 99)
    rows[4] = replace(rows[4], **{field: CHANGES[field]})
    found = check(rows, Head())
    assert isinstance(found, Fault)
    assert found.position == 5


@pytest.mark.parametrize("by", [SECOND, -SECOND, timedelta(microseconds=1)])
async def test_a_changed_time_is_found(log: SqliteLog, by: timedelta):
    rows = await log.events(0, 99)
    rows[4] = replace(rows[4], recorded_at=rows[4].recorded_at + by)
    found = check(rows, Head())
    assert isinstance(found, Fault)
    assert found.position == 5


async def test_missing_swapped_and_foreign_rows_are_found(log: SqliteLog):
    rows = await log.events(0, 99)
    without = rows[:4] + rows[5:]
    swapped = [*rows[:4], rows[5], rows[4], *rows[6:]]
    renumbered = rows[:4] + [replace(one, position=one.position - 1) for one in rows[5:]]
    for wrong in (without, swapped, renumbered):
        found = check(wrong, Head())
        assert isinstance(found, Fault)
        assert found.position == 5


async def test_a_consistent_rewriting_shows_in_every_later_hash(log: SqliteLog):
    rows = await log.events(0, 99)
    forged = replace(rows[4], data=b'{"forged":true}')
    rows[4] = replace(forged, digest=_digest(forged))
    found = check(rows, Head())
    assert isinstance(found, Fault)
    assert "follow" in found.reason


@given(
    field=st.sampled_from(["data", "meta", "digest", "hash"]),
    place=st.integers(0),
    bit=st.integers(0, 7),
)
def test_any_flipped_bit_is_found(field: str, place: int, bit: int):
    row = _row(Head())
    stored = bytearray(getattr(row, field))
    stored[place % len(stored)] ^= 1 << bit
    changed: dict[str, Any] = {field: bytes(stored)}
    assert isinstance(check([replace(row, **changed)], Head()), Fault)


async def test_the_damaged_position_is_named(log: SqliteLog, tmp_path: Path):
    _forge(tmp_path, "data = '{\"other\":1}'", 7)
    with pytest.raises(Broken, match="position 7"):
        await verify(log)


UNREADABLE = {
    "no text": "stream = CAST(x'ff41' AS TEXT)",
    "no time": "recorded_at = 9e18",
    "no bytes": "data = 7",
}


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("page", [4, 2_000])
async def test_a_row_that_cannot_even_be_read_is_named(
    log: SqliteLog, tmp_path: Path, change: str, page: int
):
    """A flipped bit makes any letter something that is no UTF-8."""
    _forge(tmp_path, change, 7)
    with pytest.raises(Broken, match="damaged at position 7: "):
        await verify(log, page=page)


@pytest.mark.parametrize("moved", [0, -(2**63) + 10])
async def test_a_row_that_was_moved_before_the_first_is_found(
    log: SqliteLog, tmp_path: Path, moved: int
):
    """Its sign is a bit as well; without the last row the others would be a whole chain."""
    _forge(tmp_path, f"position = {moved}", 10)
    with pytest.raises(Broken, match=f"damaged at position {moved}: "):
        await verify(log)


def _forge(folder: Path, change: str, position: int) -> None:
    with_guard_off = connect(folder / "log.db")
    with_guard_off.execute("DROP TRIGGER events_append_only_UPDATE")
    statement = f"UPDATE events SET {change} WHERE position = ?"  # noqa: S608 - this file's words
    with_guard_off.execute(statement, (position,))
    with_guard_off.close()


def test_the_link_is_fixed_for_ever():
    """Receipts and heads kept elsewhere depend on it."""
    assert link(bytes(32), 1, 1_545_211_800_000_000, bytes(range(32))).hex() == (
        "d995c16d5f7761525ccd7b93a82c472d71072c3f8538d9dba1677a9e434d969a"
    )


def _row(head: Head) -> Recorded:
    told = event("s-1", 1, b'{"some":"data"}')
    moment = SystemClock().now()
    row = Recorded(
        position=head.position + 1,
        stream=told.stream,
        version=told.version,
        type=told.type,
        schema=told.schema,
        recorded_at=moment,
        data=told.data,
        meta=told.meta,
        digest=told.digest(),
        hash=b"",
    )
    micros = int(moment.timestamp()) * 1_000_000 + moment.microsecond
    return replace(row, hash=link(head.hash, row.position, micros, row.digest))


def _digest(row: Recorded) -> bytes:
    return replace(event(row.stream, row.version, row.data), meta=row.meta).digest()
