"""Which tasks of a worker do not run: seen in its own process, and told to all others in rows."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from shared.log.base import Log, Store
from shared.log.leases import real_later, real_now
from shared.log.tables import TASK_STATES
from shared.runtime.supervise import Supervisor, TaskState
from shared.runtime.worker import Worker
from shared.web.health import Check, Checked

LOOK_SECONDS = 1.0
REPEAT_SECONDS = 10.0
HOLDS = timedelta(seconds=30)
"""How long a worker's word counts: one that says nothing more has gone."""

BAD = ("red", "waiting")

Standings = Callable[[], Sequence[TaskState]]
"""How every task stands now."""

_T = TASK_STATES.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A task that does not run, as its worker `owner` said; `since` it first saw it so (UTC)."""

    owner: str
    task: str
    standing: str
    why: str
    since: datetime


def standings_of(worker: Worker, relays: Standings = tuple) -> Sequence[TaskState]:
    """Every task of a worker, and every partition that it reads under `<topic>/<partition>`. A
    relay rides out what it meets within its task: its own word of that name counts."""
    found = {one.name: one for one in worker.supervisor.states.values()}
    for place in worker.consumer.states.values():
        name = f"{place.topic}/{place.partition}"
        found[name] = TaskState(name, place.standing, place.why)
    found.update((one.name, one) for one in relays() if one.standing in BAD)
    return tuple(found.values())


def tasks_check(standings: Standings) -> Check:
    """Tasks of this process: what stands red or waits makes a service degraded."""

    async def look() -> Checked:
        states = standings()
        bad = [one.name for one in states if one.standing in BAD]
        figures = {one.name: {"standing": one.standing, "why": one.why} for one in states}
        return Checked(ok=not bad, detail=_not_running(bad), figures=figures)

    return Check(name="tasks", look=look)


def told_check(log: Log) -> Check:
    """Tasks of the service's workers, as they last said; for a process that runs none."""

    async def look() -> Checked:
        bad = await told(log.store)
        figures = {one.task: {"standing": one.standing, "why": one.why} for one in bad}
        return Checked(ok=not bad, detail=_not_running(figures), figures=figures)

    return Check(name="tasks", look=look)


async def told(store: Store) -> list[Told]:
    """What does not run now, by task. Raises Unavailable."""
    holds = _T.until > real_now(store.dialect)
    rows: Sequence[Any] = await store.read(
        select(TASK_STATES).where(holds).order_by(_T.task, _T.owner)
    )
    return [
        Told(owner=row.owner, task=row.task, standing=row.standing, why=row.why, since=row.since)
        for row in rows
    ]


class Reporter:
    """Writes a worker's tasks that do not run: at once when they change, then now and again."""

    def __init__(self, store: Store, owner: str, standings: Standings) -> None:
        self._store = store
        self._owner = owner
        self._standings = standings
        self._said: dict[str, TaskState] = {}
        self._since: dict[str, datetime] = {}
        self._again = 0.0

    def add_to(self, worker: Worker) -> None:
        """Begins to report, until the worker stops."""
        worker.also("task-report", lambda stop: self._run(worker.supervisor))

    async def _run(self, supervisor: Supervisor) -> None:
        while not supervisor.stopping.is_set():
            await self.step()
            await supervisor.pause(LOOK_SECONDS)
        await self._write({})

    async def step(self) -> None:
        """One look, and a word where one is due."""
        now = asyncio.get_running_loop().time()
        bad = {
            one.name: TaskState(one.name, one.standing, one.why)
            for one in self._standings()
            if one.standing in BAD
        }
        if bad != self._said or (bad and now >= self._again):
            await self._write(bad)
            self._said, self._again = bad, now + REPEAT_SECONDS

    async def _write(self, bad: dict[str, TaskState]) -> None:
        seen = datetime.now(UTC)
        self._since = {name: self._since.get(name, seen) for name in bad}

        def job(connection: Connection) -> None:
            now, until = real_now(self._store.dialect), real_later(self._store.dialect, HOLDS)
            connection.execute(
                delete(TASK_STATES).where((_T.owner == self._owner) | (_T.until <= now))
            )
            for one in bad.values():
                connection.execute(
                    insert(TASK_STATES).values(
                        owner=self._owner,
                        task=one.name,
                        standing=one.standing,
                        why=one.why,
                        since=self._since[one.name],
                        until=until,
                    )
                )

        await self._store.write(job)


def _not_running(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"Not running: {listed}." if listed else ""
