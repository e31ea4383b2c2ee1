"""The log in a SQLite file: the port's promises, one writing process, errors by our names."""

import asyncio
import multiprocessing
import threading
from collections.abc import AsyncIterator
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken, Misconfigured, Unavailable
from shared.log import schema, sqlite_files
from shared.log.base import Log
from shared.log.chain import verify
from shared.log.sqlite import SqliteLog
from shared.log.tables import EVENTS
from tests.kit.cases.log import LogCases
from tests.kit.log_entries import TwoClocks, appended, contract, entry, event


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "log.db"


@pytest.fixture
async def log(path: Path, clock: TwoClocks) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(path, clock)
    await opened.store.write(schema.create)
    yield opened
    await opened.close()


@pytest.fixture
def rivals(log: SqliteLog) -> list[Log]:
    return [log, log]


class TestSqliteLog(LogCases):
    """One file has one writer, so its rivals are callers of the same log."""


def _append_elsewhere(path: str, answers: "Queue[str]") -> None:
    try:
        SqliteLog(Path(path), SystemClock())
    except Misconfigured as refusal:
        answers.put(refusal.detail)
    else:
        answers.put("opened")


def test_a_second_writing_process_is_told_so_in_one_sentence(log: SqliteLog, path: Path):
    spawning = multiprocessing.get_context("spawn")
    answers: Queue[str] = spawning.Queue()
    other = spawning.Process(target=_append_elsewhere, args=(str(path), answers))
    other.start()
    try:
        assert answers.get(timeout=60) == (
            "log.db is in use by another Open Door process; stop it first."
        )
    finally:
        other.join()


async def test_the_file_is_free_again_once_closed(log: SqliteLog, path: Path, clock: TwoClocks):
    appended((await log.append([entry(event())]))[0])
    with pytest.raises(Misconfigured):
        SqliteLog(path, clock)
    await log.close()
    again = SqliteLog(path, clock)
    assert (await again.head()).position == 1
    await again.close()


async def test_it_can_be_read_beside_its_writer(log: SqliteLog, path: Path, clock: TwoClocks):
    beside = SqliteLog(path, clock, reads_only=True)
    await log.append([entry(event("a"))])
    assert (await verify(beside)).position == 1
    with pytest.raises(Misconfigured):
        await beside.append([entry(event("b"))])
    with pytest.raises(Misconfigured):
        await beside.store.write(lambda connection: None)
    await beside.close()


def test_reading_makes_no_file(tmp_path: Path, clock: TwoClocks):
    with pytest.raises(Misconfigured, match="no file"):
        SqliteLog(tmp_path / "absent.db", clock, reads_only=True)
    assert list(tmp_path.iterdir()) == []


async def test_each_commit_is_synced(log: SqliteLog):
    def pragmas(connection: Connection) -> list[object]:
        return [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]

    assert await log.store.write(pragmas) == ["wal", 2]


async def test_readers_cannot_write(log: SqliteLog):
    with pytest.raises(Unavailable):
        await log.store.read(text("INSERT INTO cursors VALUES ('r', 't', 0, 1) RETURNING n"))


async def test_a_full_disk_is_unavailable_and_harms_nothing(log: SqliteLog):
    await log.append([entry(event("a"))])

    def pages(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())

    def at_most(connection: Connection, count: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")

    held = await log.store.write(pages)
    await log.store.write(partial(at_most, count=held + 2))
    large = entry(event("b", 1, bytes(100_000)), contracts=(contract(),))
    with pytest.raises(Unavailable, match="room"):
        await log.append([large])
    with pytest.raises(Unavailable, match="room"):
        await log.store.write(partial(_insert_cursors, 10_000))
    await log.store.write(partial(at_most, count=100_000))
    appended((await log.append([large]))[0])
    assert (await verify(log)).position == 2


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_taken_away_takes_no_more(log: SqliteLog, path: Path, replaced: bool):
    """Written on, it would be gone with the process, and every answer with it."""
    await log.append([entry(event("a"))])
    _take_away(path, replaced)
    with pytest.raises(Broken, match="removed or replaced"):
        await log.append([entry(event("b"))])
    with pytest.raises(Broken, match="removed or replaced"):
        await log.store.write(partial(_insert_cursors, 1))
    with pytest.raises(Broken, match="removed or replaced"):
        await log.head()


def _take_away(path: Path, replaced: bool) -> None:
    path.unlink()
    if replaced:
        path.touch()


def _insert_cursors(count: int, connection: Connection) -> None:
    for n in range(count):
        connection.exec_driver_sql("INSERT INTO cursors VALUES (?, 't', 0, 1)", (f"r{n}",))


async def test_a_busy_file_is_unavailable(
    path: Path, clock: TwoClocks, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_files, "BUSY_SECONDS", 0.05)
    log = SqliteLog(path, clock)
    await log.store.write(schema.create)
    rude = sqlite_files.connect(path)
    rude.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy"):
        await log.append([entry(event())])
    with pytest.raises(Unavailable, match="busy"):
        await log.store.write(lambda connection: None)
    rude.execute("ROLLBACK")
    rude.close()
    assert await log.store.write(_count_events) == 0
    appended((await log.append([entry(event())]))[0])
    await log.close()


async def test_a_file_without_tables_is_not_migrated_yet(path: Path, clock: TwoClocks):
    log = SqliteLog(path, clock)
    for asking in (log.head(), log.append([entry(event())]), log.store.read(select(EVENTS))):
        with pytest.raises(Unavailable, match="migrated"):
            await asking
    await log.close()


def test_a_file_that_is_no_database_is_broken(path: Path, clock: TwoClocks):
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(Broken, match="backup"):
        SqliteLog(path, clock)


async def test_a_damaged_row_is_broken(log: SqliteLog, path: Path):
    await log.append([entry(event("a")), entry(event("b"))])
    forger = sqlite_files.connect(path)
    forger.execute("DROP TRIGGER events_append_only_UPDATE")
    forger.execute("UPDATE events SET recorded_at = 9e18 WHERE position = 2")
    with pytest.raises(Broken, match="position 2"):
        await verify(log)
    forger.execute("UPDATE events SET stream = CAST(x'ff41' AS TEXT) WHERE position = 1")
    with pytest.raises(Broken, match="backup"):
        await verify(log)
    forger.close()


async def test_appends_go_before_jobs_that_wait(log: SqliteLog):
    order: list[str] = []
    begun, gate = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        begun.set()
        gate.wait(30)

    def note(connection: Connection) -> None:
        order.append(f"job after {_count_events(connection)}")

    tasks = [asyncio.create_task(log.store.write(hold))]
    await asyncio.to_thread(begun.wait, 30)
    tasks += [asyncio.create_task(log.store.write(note)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(log.append([entry(event("a"))]))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks, waiting)
    assert order == ["job after 1", "job after 1"]


def _count_events(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(EVENTS)) or 0)


async def test_one_failing_job_harms_no_other(log: SqliteLog):
    def write(name: str, connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO cursors VALUES (?, 't', 0, 1)", (name,))
        if name == "bad":
            raise LookupError("on purpose")

    outcomes = await asyncio.gather(
        *(log.store.write(partial(write, name)) for name in ("a", "bad", "b")),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [type(None), LookupError, type(None)]
    assert [await log.cursor(name, "t", 0) for name in ("a", "bad", "b")] == [1, 0, 1]


async def test_one_bad_append_harms_no_other(log: SqliteLog):
    outcomes = await asyncio.gather(
        log.append([entry(event("a"))]),
        log.append([entry(event("b", 2**70))]),
        log.append([entry(event("c\udfff"))]),
        log.append([entry(event("d"))]),
        return_exceptions=True,
    )
    assert [isinstance(one, Exception) for one in outcomes] == [False, True, True, False]
    assert [one.stream for one in await log.events(0, 9)] == ["a", "d"]


async def test_closing_finishes_what_waits(path: Path, clock: TwoClocks):
    log = SqliteLog(path, clock)
    await log.store.write(schema.create)
    waiting = [asyncio.create_task(log.append([entry(event(f"s-{i}"))])) for i in range(20)]
    await asyncio.sleep(0)
    await log.close()
    for outcomes in await asyncio.gather(*waiting):
        appended(outcomes[0])
    with pytest.raises(Unavailable):
        await log.append([entry(event("late"))])
    reopened = SqliteLog(path, clock)
    assert (await reopened.head()).position == 20
    await reopened.close()


def test_a_caller_whose_loop_is_gone_harms_nobody(path: Path, clock: TwoClocks):
    log = SqliteLog(path, clock)
    gate = threading.Event()

    async def leave() -> None:
        await log.store.write(schema.create)
        blocked = asyncio.create_task(log.store.write(lambda _: gate.wait(30)))
        leaving = asyncio.create_task(log.append([entry(event("a"))]))
        await asyncio.sleep(0)
        blocked.cancel()
        leaving.cancel()

    asyncio.run(leave())
    gate.set()

    async def come() -> int:
        appended((await log.append([entry(event("b"))]))[0])
        position = (await log.head()).position
        await log.close()
        return position

    assert asyncio.run(come()) == 2
