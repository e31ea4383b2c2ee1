"""In a batch of a thousand entries each that cannot be is refused alone, in one round trip."""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import asyncpg

from shared.log import sqlite_writer
from shared.log.base import Appended, Conflict, Entry, KeyUsed, Log, Stale
from shared.log.base import Outcome as Answer
from shared.log.sqlite_files import connect
from tests.faults.checker import Finding
from tests.faults.databases import ON_POSTGRES, ON_SQLITE, Dialect, empty_log, opened
from tests.faults.history import Call, Outcome, now
from tests.faults.judging import judged
from tests.faults.lanes import Lane
from tests.faults.trial import Plan, Tally, Trial

SIZE = 1_000
REFUSED = "one entry of a batch is refused alone"
ONE_TRIP = "a batch takes one round trip"


@dataclass(frozen=True, slots=True)
class _Spoiling:
    """How an entry is made one that cannot be, given one that stands, and what it is answered."""

    name: str
    spoil: Callable[[Entry, Entry], Entry]
    answer: type[Answer]


def _wrong_version(entry: Entry, stands: Entry) -> Entry:
    return replace(entry, events=(replace(stands.events[0], data=b"{}"), *entry.events[1:]))


def _used_key(entry: Entry, stands: Entry) -> Entry:
    return replace(entry, key=stands.key)


def _stale_cursor(entry: Entry, stands: Entry) -> Entry:
    return replace(entry, cursors=stands.cursors)


def _sent_before(entry: Entry, stands: Entry) -> Entry:
    return stands


SPOILING = (
    _Spoiling("a wrong version", _wrong_version, Conflict),
    _Spoiling("a used key", _used_key, KeyUsed),
    _Spoiling("a stale cursor", _stale_cursor, Stale),
    _Spoiling("sent before", _sent_before, Appended),
)


async def run(plan: Plan, dialect: Dialect) -> Tally:
    tally = Tally()
    lanes = [Lane(seed=plan.seed, name=f"lane-{n}") for n in range(SIZE)]
    with _statements(dialect) as statements:
        async with empty_log(plan, dialect) as url, opened(url) as log:
            calls = await _all_of(log, lanes, 0, tally)
            for number in range(1, plan.rounds + 1):
                await _spoiled(log, lanes, number, plan.chance(number), statements, tally)
                # What stands already is answered `already`; what was refused comes only now.
                calls += await _all_of(log, lanes, number, tally)
                tally.rounds += 1
                plan.step()
            tally.findings += await judged(log, lanes, calls)
    tally.acknowledged = sum(one.outcome is Outcome.ACKNOWLEDGED for one in calls)
    return tally


async def _spoiled(
    log: Log,
    lanes: Sequence[Lane],
    number: int,
    chance: random.Random,
    statements: list[str],
    tally: Tally,
) -> None:
    """A batch with one entry of each kind that cannot be, at seeded places."""
    entries = [one.entry(number) for one in lanes]
    expected: list[tuple[type[Answer], bool]] = [(Appended, False)] * len(lanes)
    for spoiling, at in zip(SPOILING, chance.sample(range(len(lanes)), len(SPOILING)), strict=True):
        entries[at] = spoiling.spoil(entries[at], lanes[at].entry(number - 1))
        expected[at] = spoiling.answer, spoiling.answer is Appended
        tally.faults[spoiling.name] += 1
    statements.clear()
    outcomes = await log.append(entries)
    if len(statements) != 1:
        tally.findings.append(Finding(ONE_TRIP, f"{len(statements)} for {len(entries)} entries"))
    for lane, outcome, wanted in zip(lanes, outcomes, expected, strict=True):
        if (type(outcome), isinstance(outcome, Appended) and outcome.already) != wanted:
            tally.findings.append(Finding(REFUSED, f"{lane.item(number)}: {outcome}"))


async def _all_of(log: Log, lanes: Sequence[Lane], number: int, tally: Tally) -> list[Call]:
    """Everybody's entry of that number."""
    sent = now()
    outcomes = await log.append([one.entry(number) for one in lanes])
    ended = now()
    for lane, outcome in zip(lanes, outcomes, strict=True):
        if not isinstance(outcome, Appended):
            tally.findings.append(Finding(REFUSED, f"{lane.item(number)}: {outcome}"))
    return [
        Call(
            writer="writer",
            item=lane.item(number),
            key=lane.name,
            sent=sent,
            ended=ended,
            outcome=Outcome.ACKNOWLEDGED if isinstance(outcome, Appended) else Outcome.REFUSED,
        )
        for lane, outcome in zip(lanes, outcomes, strict=True)
    ]


@contextmanager
def _statements(dialect: Dialect) -> Iterator[list[str]]:
    """What is asked of the server, a line a round trip; of SQLite, its transactions."""
    told: list[str] = []

    async def watched(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda one: told.append(one.query))

    def traced(path: Path, *, synced: bool = True) -> sqlite3.Connection:
        db = connect(path, synced=synced)
        db.set_trace_callback(lambda text: told.append(text) if text == "COMMIT" else None)
        return db

    pool = partial(asyncpg.create_pool, init=watched)
    with (
        patch.object(asyncpg, "create_pool", pool)
        if dialect == ON_POSTGRES
        else patch.object(sqlite_writer, "connect", traced)
    ):
        yield told


TRIALS = tuple(
    Trial(
        name=f"log batch, {dialect}",
        promises="R2",
        method=f"Of {SIZE:,} entries of one append one has a wrong version, one a used key, one a "
        "stale cursor and one was sent before: each is answered so, the others are appended, in "
        "one round trip.",
        run=partial(run, dialect=dialect),
        short=1,
        share=50,
    )
    for dialect in (ON_POSTGRES, ON_SQLITE)
)
