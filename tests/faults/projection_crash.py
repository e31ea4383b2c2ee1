"""Trials: a projector and a rebuild that end at any await, by cancellation and by kill -9."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from shared.log.base import Log
from shared.log.opening import SQLITE
from shared.projections.generations import generations
from tests.faults.checker import Class, Finding, check
from tests.faults.history import History
from tests.faults.projection_child import Children
from tests.faults.projection_story import (
    VIEWS,
    WORKS,
    begun,
    follow,
    looked_at,
    opened,
    rebuild,
    told,
)
from tests.faults.suspending import WHENS, Suspending, When
from tests.faults.trial import Plan, Tally, Trial

HOW = ("kill -9", "cancelled")


@dataclass(frozen=True, slots=True)
class Fault:
    """One end of one piece of work at its suspension number `at`."""

    how: str
    work: str
    at: int
    when: When


@dataclass(slots=True, kw_only=True)
class Crashing:
    """A trial under way on one database. `kept` is the log where it may stay open beside other
    processes; a SQLite file has one writing process at a time."""

    url: str
    kept: Log | None
    children: Children
    history: History
    tally: Tally
    told: int = 0

    async def faults(self) -> list[Fault]:
        """Every fault there can be: each piece of work is done once undisturbed and counted."""
        found = []
        for work in WORKS:
            async with self._log() as log:
                await self._tell(log)
                cancelled = Suspending(WORKS[work](log))
                await cancelled
                await self._tell(log)
            killed = await self.children.run(self.url, work)
            for how, count in zip(HOW, (killed, cancelled.count), strict=True):
                self.tally.remarks[f"awaits of {work}, {how}"] = str(count)
                found += [
                    Fault(how, work, at, when) for at in range(1, count + 1) for when in WHENS
                ]
        return found

    async def meets(self, fault: Fault) -> None:
        """Something is told, the fault strikes who projects it, and another one goes on."""
        async with self._log() as log:
            await self._tell(log)
            if fault.work == "rebuild":
                await follow(log)
            if fault.how == "cancelled":
                await _cancelled(log, fault)
        if fault.how == "kill -9":
            left = await self.children.run(self.url, fault.work, at=fault.at, when=fault.when)
            if left:
                self.tally.findings.append(Finding(Class.UNSEEN, f"{fault} was not met"))
        async with self._log() as log:
            await self._whole(log, fault)
        self.tally.faults[f"{fault.how} of {fault.work}"] += 1
        self.tally.rounds += 1

    @asynccontextmanager
    async def _log(self) -> AsyncIterator[Log]:
        if self.kept is not None:
            yield self.kept
            return
        async with opened(self.url) as log:
            yield log

    async def _tell(self, log: Log) -> None:
        self.told += 1
        await told(log, self.history, self.told)

    async def _whole(self, log: Log, fault: Fault) -> None:
        """Each event has had one effect: in what was shown all the while, and in what is rebuilt
        by whoever takes it up."""
        await follow(log)
        await self._judged(log, fault)
        if fault.work == "rebuild":
            await rebuild(log)
            await self._judged(log, fault)
            held = [one.state for one in await generations(log.store)]
            if held.count("current") != 1 or "building" in held:
                self.tally.findings.append(Finding(Class.UNSEEN, f"{fault} left {held}"))

    async def _judged(self, log: Log, fault: Fault) -> None:
        found = check(await looked_at(log, self.history), VIEWS)
        self.tally.findings += [Finding(one.kind, f"{fault}: {one.where}") for one in found]


async def _cancelled(log: Log, fault: Fault) -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task
        await Suspending(WORKS[fault.work](log), at=fault.at, when=fault.when, fault=task.cancel)

    with suppress(asyncio.CancelledError):
        await asyncio.create_task(work())


@asynccontextmanager
async def crashing(url: str) -> AsyncIterator[Crashing]:
    """An empty read model at a URL, and where its processes come from."""
    children = Children()
    try:
        async with opened(url) as log:
            await begun(log)
            if not url.startswith(SQLITE):
                yield _trial(url, children, log)
                return
        yield _trial(url, children, None)
    finally:
        await children.end()


def _trial(url: str, children: Children, kept: Log | None) -> Crashing:
    return Crashing(url=url, kept=kept, children=children, history=History(), tally=Tally())


async def run_on(url: str, plan: Plan) -> Tally:
    """So many faults in the seed's order; all of them before any comes again."""
    async with crashing(url) as trial:
        faults = await trial.faults()
        for fault in itertools.islice(_in_order(faults, plan), plan.rounds):
            await trial.meets(fault)
            plan.step()
        trial.tally.acknowledged = len(trial.history.acknowledged())
        return trial.tally


def _in_order(faults: list[Fault], plan: Plan) -> Iterator[Fault]:
    for turn in itertools.count():
        order = list(faults)
        plan.chance(turn).shuffle(order)
        yield from order


async def on_sqlite(plan: Plan) -> Tally:
    return await run_on(f"{SQLITE}{plan.folder / 'boxes.db'}", plan)


async def on_postgres(plan: Plan) -> Tally:
    with plan.postgres().fresh_database() as url:
        return await run_on(url, plan)


METHOD = (
    "A projector and a rebuild end at each of their awaits, as it begins and once it is over, "
    "by cancellation and, in a process of their own, by kill -9; another one goes on, and each "
    "event has had one effect in the rows."
)

TRIALS = tuple(
    Trial(name=f"projection-crash-{name}", promises="R2", method=METHOD, run=run, short=short)
    for name, run, short in (("sqlite", on_sqlite, 12), ("postgresql", on_postgres, 6))
)
