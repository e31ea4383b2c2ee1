"""Eight writing processes share one log fairly."""

import asyncio

from tests.faults.checker import Finding
from tests.faults.crews import Crew, crew
from tests.faults.databases import ON_POSTGRES, empty_log, opened
from tests.faults.history import Call, History, Outcome
from tests.faults.judging import judged
from tests.faults.trial import Plan, Tally, Trial

PROCESSES = 8
LANES = 4
SECONDS = 1.0
"""Of writing in a round."""
PATIENCE = 60.0


async def run(plan: Plan) -> Tally:
    tally = Tally()
    async with empty_log(plan, ON_POSTGRES) as url, crew(plan, url, [LANES] * PROCESSES) as writers:
        for one in writers.members:
            if not await one.writes(1, PATIENCE):
                where = f"{one.job.name} never began: {one.child.said()}"
                tally.findings.append(Finding("a writer failed", where))
        for _ in range(plan.rounds):
            await asyncio.sleep(SECONDS)
            tally.rounds += 1
            plan.step()
        history = await writers.end()
        tally.remarks |= _figures(history, writers)
        async with opened(url) as log:
            tally.findings += await judged(log, writers.lanes, history.calls)
    tally.acknowledged = len(history.acknowledged())
    return tally


def _figures(history: History, writers: Crew) -> dict[str, str]:
    """Of the time in which all of them wrote."""
    told: dict[str, list[Call]] = {one.job.name: [] for one in writers.members}
    for one in history.calls:
        if one.outcome is Outcome.ACKNOWLEDGED:
            told[one.writer].append(one)
    began = max(min(one.ended for one in some) for some in told.values())
    ended = min(max(one.ended for one in some) for some in told.values())
    within = {
        name: [one for one in some if began <= one.ended <= ended] for name, some in told.items()
    }
    counts = sorted(len(some) for some in within.values())
    waits = sorted((one.ended - one.sent) / 1e6 for some in within.values() for one in some)
    return {
        "slowest against fastest of eight": f"{counts[0] / counts[-1]:.2f} (bar 0.9)",
        "p99 of an append": f"{waits[len(waits) * 99 // 100]:.0f} ms",
        "entries a second together": f"{sum(counts) / ((ended - began) / 1e9):,.0f}",
    }


TRIALS = (
    Trial(
        name=f"log shared fairly, {ON_POSTGRES}",
        promises="R1, R3",
        method=f"{PROCESSES} processes of {LANES} writers each append as fast as they can; what "
        "each got done is compared over the time in which all of them wrote.",
        run=run,
        short=1,
        share=20,
    ),
)
