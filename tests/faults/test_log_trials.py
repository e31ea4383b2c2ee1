"""Each trial of the log finds the fault that is planted for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

import psycopg
import pytest
from sqlalchemy import Connection, text

from shared.log import chain
from shared.log.base import Entry, Log
from shared.log.base import Outcome as Answer
from shared.log.sqlite import SqliteLog
from shared.runtime.verbs import proving
from tests.faults import (
    log_batch,
    log_cut,
    log_file_damaged,
    log_frozen,
    log_raced,
    log_tampered,
)
from tests.faults.checker import Class
from tests.faults.crews import crew
from tests.faults.databases import ON_POSTGRES, ON_SQLITE, empty_log, opened
from tests.faults.history import Call, Outcome, load, now
from tests.faults.judging import APART, CHAIN, judged
from tests.faults.lanes import Lane
from tests.faults.processes import running
from tests.faults.trial import Plan, Tally
from tests.faults.writing import Death, Writing, write
from tests.kit.rewriting import GUARD_OFF
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import libpq

LANE = Lane(seed=1, name="lane-0")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(trial="planted", seed=1, rounds=2, folder=tmp_path)


def kinds(tally: Tally) -> set[str]:
    return {one.kind for one in tally.findings}


def call(number: int) -> Call:
    moment = now()
    return Call(
        writer="w",
        item=LANE.item(number),
        key=LANE.name,
        sent=moment,
        ended=moment,
        outcome=Outcome.ACKNOWLEDGED,
    )


PLANTED = {
    "an event that is gone": ("DELETE FROM events WHERE position = 3", {APART, CHAIN}),
    "an event that is changed": ("UPDATE events SET meta = x'7b' WHERE position = 3", {CHAIN}),
    "a contract that is gone": (
        "DELETE FROM published WHERE partition = 0 AND n = 1",
        {APART, Class.LOST_WRITE, Class.POLL_SKIP},
    ),
    "a key that is not bound": ("DELETE FROM request_keys WHERE key = 'lane-0/1'", {APART}),
    "a cursor left behind": ("UPDATE cursors SET n = 5", {APART}),
    "a contract that follows an earlier event": (
        "UPDATE published SET position = 99 WHERE partition = 0 AND n = 1",
        {Class.NON_MONOTONIC},
    ),
}


@pytest.mark.parametrize(("statement", "found"), PLANTED.values(), ids=PLANTED)
async def test_a_log_that_is_not_whole_is_found(plan: Plan, statement: str, found: set[str]):
    async with empty_log(plan, ON_SQLITE) as url, opened(url) as log:
        for number in range(6):
            await log.append([LANE.entry(number)])
        calls = [call(number) for number in range(6)]
        assert await judged(log, [LANE], calls) == []

        def plant(connection: Connection) -> None:
            for table in ("events", "published"):
                for guard in GUARD_OFF["sqlite"]:
                    connection.execute(text(guard.replace("events", table)))
            connection.execute(text(statement))

        await log.store.write(plant)
        assert found <= {one.kind for one in await judged(log, [LANE], calls)}


async def test_what_was_acknowledged_and_is_not_there_is_found(plan: Plan):
    async with empty_log(plan, ON_SQLITE) as url, opened(url) as log:
        await log.append([LANE.entry(0)])
        found = await judged(log, [LANE], [call(0), call(1)])
        assert {one.kind for one in found} == {Class.LOST_WRITE}


async def test_a_second_writer_that_is_let_in_is_found(plan: Plan):
    """Nobody else holds this file."""
    tally = Tally()
    async with empty_log(plan, ON_SQLITE) as url:
        job = Writing(name="first", url=url, path=plan.folder / "first", lanes=((LANE, 0),))
        await log_raced.second_writer(job, tally)
    assert kinds(tally) == {log_raced.ALONE}


async def test_a_process_says_what_it_ended_with(plan: Plan):
    job = Writing(
        name="w",
        url=f"sqlite:///{plan.folder / 'empty.db'}",
        path=plan.folder / "w.jsonl",
        lanes=((LANE, 0),),
        patience=0.0,
    )
    async with running(write, job) as child:
        assert await child.ended() == 1
        assert "not been migrated" in child.said()


async def test_a_process_dies_before_the_statement_that_it_was_told(plan: Plan):
    async with empty_log(plan, ON_SQLITE) as url:
        path, death = plan.folder / "w.jsonl", Death(statement=40)
        job = Writing(name="w", url=url, path=path, lanes=((LANE, 0),), death=death)
        async with running(write, job) as child:
            assert await child.ended() == -SIGKILL
        calls = load([path]).calls
        assert {one.outcome for one in calls[:-1]} == {Outcome.ACKNOWLEDGED}
        assert calls[-1].outcome is Outcome.UNKNOWN


async def test_a_lock_that_a_client_holds_is_found(
    plan: Plan, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    """A frozen writer that held it would look the same."""
    monkeypatch.setattr(log_frozen, "PATIENCE", 0.5)
    tally = Tally()
    async with empty_log(plan, ON_POSTGRES) as url, crew(plan, url, (1, 1)) as writers:
        for one in writers.members:
            assert await one.writes(1, 60)
        with psycopg.connect(libpq(url), autocommit=True) as holder:
            await asyncio.to_thread(holder.execute, "SELECT pg_advisory_lock(1)")
            await log_frozen.freeze(writers.members[0], writers.members, tally)
    assert kinds(tally) == {log_frozen.BLOCKED}


async def test_a_batch_in_many_trips_is_found(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    whole = SqliteLog.append

    async def one_by_one(log: SqliteLog, entries: Sequence[Entry]) -> list[Answer]:
        return [answer for one in entries for answer in await whole(log, [one])]

    monkeypatch.setattr(SqliteLog, "append", one_by_one)
    monkeypatch.setattr(log_batch, "SIZE", 20)
    assert kinds(await log_batch.run(plan, ON_SQLITE)) == {log_batch.ONE_TRIP}


async def test_a_batch_that_is_refused_whole_is_found(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    whole = SqliteLog.append

    async def all_or_nothing(log: SqliteLog, entries: Sequence[Entry]) -> list[Answer]:
        answers = await whole(log, entries)
        return [
            next((one for one in answers if type(one) is not type(answers[0])), answers[0])
        ] * len(answers)

    monkeypatch.setattr(SqliteLog, "append", all_or_nothing)
    monkeypatch.setattr(log_batch, "SIZE", 20)
    assert log_batch.REFUSED in kinds(await log_batch.run(plan, ON_SQLITE))


async def test_other_bytes_sent_again_are_found(
    plan: Plan, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    answered = log_cut.answered

    async def sealed_anew(log: Log, entries: Sequence[Entry]) -> list[Answer]:
        return await answered(log, [_other(one) for one in entries])

    def _other(entry: Entry) -> Entry:
        return replace(entry, events=tuple(replace(one, meta=b"{ }") for one in entry.events))

    monkeypatch.setattr(log_cut, "answered", sealed_anew)
    assert log_cut.AMISS in kinds(await log_cut.run(replace(plan, rounds=1)))


async def test_a_verifier_that_overlooks_content_is_found(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chain, "_digest", lambda row: row.digest)
    monkeypatch.setattr(log_tampered, "by_command", lambda *_: None)
    found = await log_tampered.run(replace(plan, rounds=6), ON_SQLITE)
    assert log_tampered.UNSEEN in kinds(found)


async def test_a_verifier_that_finds_nothing_is_found(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    def nothing(*_: object, **__: object) -> dict[str, object]:
        return {"intact": True, "sentence": ""}

    monkeypatch.setattr(proving, "verify", nothing)
    found = await log_file_damaged.run(replace(plan, rounds=30))
    assert kinds(found) == {log_tampered.UNSEEN}


async def test_a_verifier_that_falls_over_is_found(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    def fall(*_: object, **__: object) -> None:
        raise LookupError("on purpose")

    monkeypatch.setattr(proving, "verify", fall)
    assert kinds(await log_file_damaged.run(plan)) == {log_tampered.FELL}
