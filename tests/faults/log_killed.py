"""The writing process of a log is killed in the middle of its commits, again and again."""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGKILL

from tests.faults.checker import Finding
from tests.faults.databases import ON_POSTGRES, ON_SQLITE, Dialect, empty_log, opened
from tests.faults.history import Call, Outcome, load, now
from tests.faults.judging import judged
from tests.faults.lanes import Lane
from tests.faults.processes import Child, running
from tests.faults.tails import Tail, reading_on
from tests.faults.trial import Plan, Tally, Trial
from tests.faults.writing import FOR_EVER, Death, Writing, write

LANES = 4
LAST = 3
"""Entries that each lane writes when nobody is killed any more."""
MOST_ENTRIES = 60
LONGEST = 0.003
"""Seconds between a reply and a death, in which the next commits are under way."""
MOST_STATEMENTS = 400
LATEST = 0.2
"""Seconds after which a process is killed from outside, its start included."""


@dataclass(slots=True)
class _Rounds:
    """The writers of a trial, one after another, each going on where the one before it was told
    to be."""

    url: str
    folder: Path
    lanes: list[Lane]
    tally: Tally
    calls: list[Call] = field(default_factory=list)
    following: dict[str, int] = field(default_factory=dict)
    killed_at: int = 0

    async def round(self, number: int, chance: random.Random, dialect: Dialect) -> None:
        how = chance.choice(_WAYS[dialect])
        job = self._job(number, how.death(chance), FOR_EVER)
        async with running(write, job) as child:
            status = await child.ended(how.patience(chance))
            if status is None:
                await child.killed()
                status = -SIGKILL
            self.killed_at, before = now(), self.killed_at
            self._require(status, -SIGKILL, number, child)
        self._take(job, before)
        self.tally.faults[f"kill -9 {how.name}"] += 1

    async def last(self) -> None:
        """Nobody dies any more: what was cut is sent again, and there is more."""
        end = max(self.following.values(), default=0) + LAST
        job = self._job(-1, Death(), end)
        async with running(write, job) as child:
            self._require(await child.ended(), 0, -1, child)
        self._take(job, self.killed_at)

    def _job(self, number: int, death: Death, end: int) -> Writing:
        return Writing(
            name=f"writer {number}",
            url=self.url,
            path=self.folder / f"{number}.jsonl",
            lanes=tuple((one, self.following.get(one.name, 0)) for one in self.lanes),
            end=end,
            death=death,
        )

    def _require(self, status: int | None, wanted: int, number: int, child: Child) -> None:
        if status != wanted:
            where = f"writer {number} ended with {status}: {child.said()}"
            self.tally.findings.append(Finding("a writer failed", where))

    def _take(self, job: Writing, killed_at: int) -> None:
        """What the process wrote, and how soon after the death of the one before it."""
        calls = load([job.path]).calls if job.path.exists() else []
        told = [one for one in calls if one.outcome is Outcome.ACKNOWLEDGED]
        for one in told:
            name, _, number = one.item.rpartition("/")
            self.following[name] = max(self.following.get(name, 0), int(number) + 1)
        if told and killed_at:
            self.tally.recovered((min(one.ended for one in told) - killed_at) / 1e9)
        self.calls += calls


@dataclass(frozen=True, slots=True)
class _Way:
    """How a process is killed. `outside` says that another does it, at any time."""

    name: str
    outside: bool = False
    statements: bool = False

    def death(self, chance: random.Random) -> Death:
        if self.outside:
            return Death()
        if self.statements:
            return Death(statement=chance.randint(1, MOST_STATEMENTS))
        return Death(
            entries=chance.randint(1, MOST_ENTRIES),
            seconds=chance.choice((0.0, chance.uniform(0.0, LONGEST))),
        )

    def patience(self, chance: random.Random) -> float:
        return chance.uniform(0.0, LATEST) if self.outside else 60.0


AFTER_A_REPLY = _Way("after a reply")
BETWEEN_STATEMENTS = _Way("between statements", statements=True)
FROM_OUTSIDE = _Way("from outside", outside=True)
_WAYS = {
    ON_POSTGRES: (AFTER_A_REPLY, AFTER_A_REPLY, FROM_OUTSIDE),
    ON_SQLITE: (AFTER_A_REPLY, BETWEEN_STATEMENTS, BETWEEN_STATEMENTS, FROM_OUTSIDE),
}


async def run(plan: Plan, dialect: Dialect) -> Tally:
    tally = Tally()
    lanes = [Lane(seed=plan.seed, name=f"lane-{n}") for n in range(LANES)]
    async with empty_log(plan, dialect) as url:
        rounds = _Rounds(url, plan.folder, lanes, tally)
        tail = Tail("reader")
        for number in range(plan.rounds):
            chance = plan.chance(number)
            async with AsyncExitStack() as beside:
                # Without a reader beside it, whoever opens the file next recovers it alone.
                if chance.random() < 0.5:
                    await beside.enter_async_context(reading_on(tail, url))
                await rounds.round(number, chance, dialect)
            tally.rounds += 1
            plan.step()
        await rounds.last()
        async with opened(url, reads_only=True) as log:
            await tail.rest(log)
            tally.findings += await judged(log, lanes, rounds.calls, tail.seen)
    told = {one.item for one in rounds.calls if one.outcome is Outcome.ACKNOWLEDGED}
    tally.acknowledged = len(told)
    cut = {one.item for one in rounds.calls if one.outcome is Outcome.UNKNOWN}
    tally.remarks["entries cut by a death and sent again"] = f"{len(cut):,}"
    return tally


TRIALS = tuple(
    Trial(
        name=f"log killed, {dialect}",
        promises="R1",
        method="The writing process is killed at a seeded moment: between a reply and the next "
        f"commits, from outside at any time{more}. The next one sends again what had no reply and "
        "goes on; a reader reads beside it in half of the rounds.",
        run=partial(run, dialect=dialect),
        short=short,
    )
    for dialect, more, short in (
        (ON_POSTGRES, "", 8),
        (ON_SQLITE, ", and before any statement of its transaction", 10),
    )
)
