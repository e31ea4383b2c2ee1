"""The writing process of a trial: it appends its lanes' entries, and may die of it."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

from shared.kernel.clock import SystemClock
from shared.log import sqlite_writer
from shared.log.appender import PATIENCE, Appender
from shared.log.base import Appended, Conflict, Entry, Log
from shared.log.opening import open_log
from shared.log.sqlite_files import connect
from tests.faults.history import Call, Outcome, Recorder, now
from tests.faults.lanes import Lane

FOR_EVER = 10**9
PAGES = 20
"""Pages after which SQLite moves its write-ahead log into the file: often, so that it is killed
there too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """When a process kills itself: so many seconds after it was told of its entry number
    `entries`, or before SQLite's statement number `statement`."""

    entries: int = FOR_EVER
    seconds: float = 0.0
    statement: int = FOR_EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a process writes: each lane from its number on and up to number `end`, all lanes at
    once. Its part of the history goes to `path`."""

    name: str
    url: str
    path: Path
    lanes: tuple[tuple[Lane, int], ...]
    end: int = FOR_EVER
    death: Death = Death()
    patience: float = PATIENCE


def write(job: Writing) -> None:
    """The whole life of the process."""
    with _traced(job.death.statement):
        asyncio.run(_write(job))


async def _write(job: Writing) -> None:
    log = open_log(job.url, SystemClock())
    writer = _Writer(job, log)
    try:
        await asyncio.gather(*(writer.lane(lane, start) for lane, start in job.lanes))
    finally:
        await log.close()


class _Writer:
    def __init__(self, job: Writing, log: Log) -> None:
        self._job = job
        self._log = log
        self._appender = Appender(log, patience=job.patience)
        self._recorder = Recorder(job.path)
        self._versions: dict[str, int] = {}
        self._told = 0

    async def lane(self, lane: Lane, start: int) -> None:
        for number in range(start, self._job.end):
            while not await self._attempt(lane, number):
                await self._look_again(lane.first_stream(number))

    async def _attempt(self, lane: Lane, number: int) -> bool:
        """Whether it stands there now; a shared stream may have grown meanwhile."""
        sent = now()
        call = Call(
            writer=self._job.name,
            item=lane.item(number),
            key=lane.name,
            sent=sent,
            ended=sent,
            outcome=Outcome.UNKNOWN,
        )
        self._recorder.write(call)
        entry = self._entry(lane, number)
        outcome = await self._appender.append(entry)
        taken = isinstance(outcome, Appended)
        if not taken and not (lane.hot and isinstance(outcome, Conflict)):
            raise AssertionError(f"{lane.item(number)} met {outcome}")
        told = Outcome.ACKNOWLEDGED if taken else Outcome.REFUSED
        self._recorder.write(replace(call, ended=now(), outcome=told))
        if taken and lane.hot:
            self._versions[entry.events[0].stream] = entry.events[0].version
        self._live_on()
        return taken

    def _entry(self, lane: Lane, number: int) -> Entry:
        if not lane.hot:
            return lane.entry(number)
        return lane.entry(number, self._versions.get(lane.first_stream(number), 0) + 1)

    async def _look_again(self, stream: str) -> None:
        known = self._versions.get(stream, 0)
        self._versions[stream] = known + len(await self._log.stream(stream, known))

    def _live_on(self) -> None:
        self._told += 1
        if self._told == self._job.death.entries:
            asyncio.get_running_loop().call_later(self._job.death.seconds, die)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def _traced(statement: int) -> Iterator[None]:
    """Has SQLite's writer count its statements, and die before that one."""
    statements = count(1)

    def before(_text: str) -> None:
        if next(statements) == statement:
            die()

    def traced(path: Path, *, synced: bool = True) -> sqlite3.Connection:
        db = connect(path, synced=synced)
        db.execute(f"PRAGMA wal_autocheckpoint = {PAGES}")
        db.set_trace_callback(before)
        return db

    with patch.object(sqlite_writer, "connect", traced):
        yield
