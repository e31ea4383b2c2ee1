"""A writer frozen at any moment holds up nobody, and goes on as if nothing had been."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from signal import SIGCONT, SIGSTOP

from tests.faults.checker import Finding
from tests.faults.crews import Member, crew
from tests.faults.databases import ON_POSTGRES, empty_log, opened
from tests.faults.history import Call, Outcome, now
from tests.faults.judging import judged
from tests.faults.trial import Plan, Tally, Trial

SIZES = (150, 6, 6)
"""Lanes of each process: one appends hundreds of events at once."""
SOON = 0.03
"""Seconds of writing before a freeze, at most."""
MORE = 25
"""Entries that each of the others must write while one is frozen."""
PATIENCE = 30.0
BLOCKED = "a frozen writer holds up another"


async def run(plan: Plan) -> Tally:
    tally = Tally()
    silences = [0.0]
    async with empty_log(plan, ON_POSTGRES) as url, crew(plan, url, SIZES) as writers:
        members = writers.members
        for one in members:
            await _require(one, 1, "never began", tally)
        frozen = []
        for number in range(plan.rounds):
            chance = plan.chance(number)
            victim = chance.choice(members)
            await asyncio.sleep(chance.uniform(0.0, SOON))
            frozen.append(await freeze(victim, members, tally))
            tally.rounds += 1
            tally.faults["SIGSTOP and SIGCONT"] += 1
            plan.step()
        history = await writers.end()
        for name, began, ended in frozen:
            others = [one for one in history.calls if one.writer != name]
            silences += _silences(others, began, ended)
        async with opened(url) as log:
            tally.findings += await judged(log, writers.lanes, history.calls)
    tally.acknowledged = len(history.acknowledged())
    tally.remarks["longest silence of another writer meanwhile"] = f"{max(silences):.3f} s"
    return tally


async def freeze(victim: Member, members: Sequence[Member], tally: Tally) -> tuple[str, int, int]:
    """Freezes one until each of the others has written on; who, and from when to when."""
    victim.child.signal(SIGSTOP)
    began = now()
    for one in members:
        if one is not victim:
            await _require(one, MORE, f"did not write on while {victim.job.name} was frozen", tally)
    ended = now()
    victim.child.signal(SIGCONT)
    await _require(victim, 1, "did not go on", tally)
    tally.recovered((now() - ended) / 1e9)
    return victim.job.name, began, ended


async def _require(one: Member, more: int, otherwise: str, tally: Tally) -> None:
    if not await one.writes(more, PATIENCE):
        where = f"{one.job.name} {otherwise}: {one.child.said()}"
        tally.findings.append(Finding(BLOCKED, where))


def _silences(calls: Sequence[Call], began: int, ended: int) -> list[float]:
    """The longest time in seconds for which each writer had no answer within a freeze."""
    told: dict[str, list[int]] = {}
    for one in calls:
        if one.outcome is Outcome.ACKNOWLEDGED and began <= one.ended <= ended:
            told.setdefault(one.writer, [began]).append(one.ended)
    return [
        max(after - before for before, after in pairwise(sorted(times))) / 1e9
        for times in told.values()
    ]


TRIALS = (
    Trial(
        name=f"log frozen, {ON_POSTGRES}",
        promises="R1, R3",
        method="One of three writing processes gets SIGSTOP at a seeded moment, also while it "
        f"sends hundreds of events; each of the others writes {MORE} entries more before it gets "
        "SIGCONT and must go on.",
        run=run,
        short=4,
        share=5,
    ),
)
