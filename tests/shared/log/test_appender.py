"""Group commit: who shares a commit, who waits, and what each caller is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken, Unavailable
from shared.log import schema
from shared.log.appender import Appender, checked
from shared.log.base import Appended, Conflict, Entry, Log, Outcome
from shared.log.chain import verify
from shared.log.sqlite import SqliteLog
from tests.kit.log_entries import already, appended, entry, event, move, parked, request_key

GONE = Unavailable("gone")


class ScriptedLog:
    """Notes each batch, waits while `gate` is shut, then raises the next of `errors`."""

    def __init__(self) -> None:
        self.batches: list[list[Entry]] = []
        self.errors: list[Exception | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.called = asyncio.Event()

    async def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        self.batches.append(list(entries))
        self.called.set()
        await self.gate.wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        place = sum(len(batch) for batch in self.batches[:-1])
        return [
            Appended(position=place + i + 1, hash=b"", recorded_at=datetime.now(UTC))
            for i in range(len(entries))
        ]

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]


@pytest.fixture
async def scripted() -> ScriptedLog:
    return ScriptedLog()


@pytest.fixture
async def appender(scripted: ScriptedLog) -> AsyncIterator[Appender]:
    made = Appender(cast(Log, scripted))
    yield made
    scripted.gate.set()
    await made.stop()


async def begun(appender: Appender, *entries: Entry) -> list[asyncio.Task[Outcome]]:
    """Callers that have handed in their entries."""
    tasks = [asyncio.create_task(appender.append(one)) for one in entries]
    await asyncio.sleep(0)
    return tasks


async def first_in_flight(scripted: ScriptedLog, appender: Appender) -> asyncio.Task[Outcome]:
    """A caller whose commit is under way and does not end until the gate opens."""
    scripted.gate.clear()
    (task,) = await begun(appender, entry(event("first")))
    await scripted.called.wait()
    return task


async def test_commits_at_once_when_idle(appender: Appender, scripted: ScriptedLog):
    outcomes = [await appender.append(entry(event(f"s-{i}"))) for i in range(3)]
    assert [appended(one).position for one in outcomes] == [1, 2, 3]
    assert scripted.sizes == [1, 1, 1]


async def test_gathers_while_a_commit_is_under_way(appender: Appender, scripted: ScriptedLog):
    await first_in_flight(scripted, appender)
    tasks = await begun(appender, *(entry(event(f"s-{i}")) for i in range(10)))
    scripted.gate.set()
    outcomes = await asyncio.gather(*tasks)
    assert [appended(one).position for one in outcomes] == list(range(2, 12))
    assert scripted.sizes == [1, 10]


@pytest.mark.parametrize(
    "shared",
    [
        [entry(event("same", 1, b"1")), entry(event("same", 1, b"2"))],
        [entry(event("a"), key=request_key()), entry(event("b"), key=request_key())],
        [entry(event("a"), cursors=(move(0, 1),)), entry(event("b"), cursors=(move(1, 2),))],
    ],
    ids=("version", "key", "cursor"),
)
async def test_what_shares_something_waits_for_the_next_commit(
    appender: Appender, scripted: ScriptedLog, shared: list[Entry]
):
    await first_in_flight(scripted, appender)
    between = entry(event("between"))
    tasks = await begun(appender, shared[0], shared[1], between)
    scripted.gate.set()
    await asyncio.gather(*tasks)
    assert scripted.batches[1:] == [[shared[0], between], [shared[1]]]


async def test_what_waits_keeps_its_order(appender: Appender, scripted: ScriptedLog):
    await first_in_flight(scripted, appender)
    same = [entry(event("same", 1, str(i).encode())) for i in range(4)]
    tasks = await begun(appender, *same)
    scripted.gate.set()
    await asyncio.gather(*tasks)
    assert scripted.batches[1:] == [[one] for one in same]


async def test_a_commit_has_an_upper_bound(scripted: ScriptedLog):
    appender = Appender(cast(Log, scripted), events_at_once=4)
    await first_in_flight(scripted, appender)
    pairs = [entry(event(f"s-{i}", 1), event(f"s-{i}", 2)) for i in range(5)]
    large = entry(*(event("large", version) for version in range(1, 9)))
    tasks = await begun(appender, *pairs, large)
    scripted.gate.set()
    await asyncio.gather(*tasks)
    assert scripted.sizes == [1, 2, 2, 1, 1]


async def test_an_unknown_outcome_is_sent_again_unchanged(
    appender: Appender, scripted: ScriptedLog
):
    scripted.errors = [GONE, GONE]
    told = entry(event())
    appended(await appender.append(told))
    assert len(scripted.batches) == 3
    assert all(batch[0] is told for batch in scripted.batches)


async def test_an_outage_is_told_to_everyone_who_waits(scripted: ScriptedLog):
    appender = Appender(cast(Log, scripted), patience=0)
    scripted.errors = [GONE]
    first = await first_in_flight(scripted, appender)
    tasks = await begun(appender, entry(event("a")), entry(event("b")))
    scripted.gate.set()
    outcomes = await asyncio.gather(first, *tasks, return_exceptions=True)
    assert outcomes == [GONE, GONE, GONE]
    appended(await appender.append(entry(event("c"))))


async def test_one_bad_entry_fails_alone(appender: Appender, scripted: ScriptedLog):
    scripted.errors = [None, ValueError("whole"), None, ValueError("bad"), None]
    await first_in_flight(scripted, appender)
    tasks = await begun(appender, *(entry(event(name)) for name in "abc"))
    scripted.gate.set()
    good, bad, other = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(good, Appended)
    assert isinstance(other, Appended)
    assert str(bad) == "bad"


async def test_a_broken_log_is_told_to_all(appender: Appender, scripted: ScriptedLog):
    broken = Broken("clock")
    scripted.errors = [None, broken]
    await first_in_flight(scripted, appender)
    tasks = await begun(appender, entry(event("a")), entry(event("b")))
    scripted.gate.set()
    assert await asyncio.gather(*tasks, return_exceptions=True) == [broken, broken]
    assert scripted.sizes == [1, 2]


async def test_a_caller_that_goes_away_takes_nobody_along(
    appender: Appender, scripted: ScriptedLog
):
    first = await first_in_flight(scripted, appender)
    leaving, staying = await begun(appender, entry(event("a")), entry(event("b")))
    for task in (first, leaving):
        task.cancel()
    scripted.gate.set()
    appended(await staying)
    assert scripted.sizes == [1, 2]


async def test_stopping_finishes_what_waits_and_takes_nothing_more(scripted: ScriptedLog):
    appender = Appender(cast(Log, scripted))
    await first_in_flight(scripted, appender)
    tasks = await begun(appender, entry(event("a")), entry(event("b")))
    stopping = asyncio.create_task(appender.stop())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await appender.append(entry(event("c")))
    assert not stopping.done()
    scripted.gate.set()
    await stopping
    assert all(task.done() for task in tasks)
    await appender.stop()


@pytest.mark.parametrize(
    "odd",
    [
        entry(),
        entry(event("a", 1), event("a", 3)),
        entry(event("a", 2), event("a", 1)),
        entry(event("a", 0)),
        entry(event("a", 1), event("a", 1, b"[]")),
        entry(cursors=(move(0, 1), move(0, 2))),
        entry(parked=(parked(1),)),
        entry(cursors=(move(0, 1),), parked=(parked(1), parked(1, b"again"))),
        entry(event("a"), cursors=(move(3, 3),)),
        entry(event("a"), cursors=(move(3, 2),)),
    ],
)
async def test_an_entry_that_cannot_be_right_is_refused_at_the_door(
    appender: Appender, scripted: ScriptedLog, odd: Entry
):
    with pytest.raises(Broken):
        await appender.append(odd)
    assert scripted.batches == []


def test_versions_may_begin_anywhere_and_streams_alternate():
    assert len(checked(entry(event("a", 7), event("b", 1), event("a", 8), event("b", 2)))) == 4


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db", SystemClock())
    await opened.store.write(schema.create)
    yield opened
    await opened.close()


async def test_everyone_gets_their_own_outcome_from_a_real_log(log: SqliteLog):
    appender = Appender(log)
    called: list[int] = []
    appender.on_appended(lambda: called.append(1))
    taken = entry(event("taken-1", 1, b"[]"))
    appended(await appender.append(entry(event("taken-1"))))

    async def write(writer: int) -> list[int]:
        places = []
        for version in range(1, 6):
            outcome = await appender.append(entry(event(f"s-{writer}", version)))
            places.append(appended(outcome).position)
            assert await appender.append(taken) == Conflict(stream="taken-1")
        return places

    found = await asyncio.gather(*(write(writer) for writer in range(20)))
    await appender.stop()
    for writer, places in enumerate(found):
        assert [one.position for one in await log.stream(f"s-{writer}")] == places
    assert (await verify(log)).position == 101
    assert 1 < len(called) <= 101


async def test_nobody_is_woken_for_what_was_there(log: SqliteLog):
    appender = Appender(log)
    told = entry(event())
    await appender.append(told)
    called: list[int] = []
    appender.on_appended(lambda: called.append(1))
    already(await appender.append(told))
    await asyncio.sleep(0)
    assert called == []
    appended(await appender.append(entry(event("other"))))
    await asyncio.sleep(0)
    assert called == [1]


async def test_stopping_waits_so_long_and_fails_what_has_no_outcome():
    log = ScriptedLog()
    log.gate.clear()
    appender = Appender(cast(Log, log))
    first = asyncio.create_task(appender.append(entry(event("a"))))
    await log.called.wait()
    second = asyncio.create_task(appender.append(entry(event("b"))))
    await asyncio.sleep(0)
    await appender.stop(0.01)
    for one in (first, second):
        with pytest.raises(Unavailable, match="stopping"):
            await one
    with pytest.raises(Unavailable, match="stopping"):
        await appender.append(entry(event("c")))


async def test_each_commit_that_was_answered_is_measured():
    log, seen = ScriptedLog(), list[tuple[float, int]]()
    log.errors = [None, Broken("mad")]
    appender = Appender(cast(Log, log))
    appender.on_committed(lambda seconds, outcomes: seen.append((seconds, len(outcomes))))
    await appender.append(entry(event("a")))
    with pytest.raises(Broken):
        await appender.append(entry(event("b")))
    ((seconds, count),) = seen
    assert seconds >= 0
    assert count == 1
