"""Many writers race for the same streams of one log while others read it all the while."""

from contextlib import AsyncExitStack
from functools import partial

from tests.faults.checker import Finding
from tests.faults.databases import ON_POSTGRES, ON_SQLITE, Dialect, empty_log, opened
from tests.faults.history import Outcome, load
from tests.faults.judging import judged
from tests.faults.lanes import Lane
from tests.faults.processes import Child, running
from tests.faults.tails import Reading, read
from tests.faults.trial import Plan, Tally, Trial
from tests.faults.writing import Writing, write

WRITERS = {ON_POSTGRES: 4, ON_SQLITE: 1}
LANES = {ON_POSTGRES: 3, ON_SQLITE: 12}
"""Of each writing process."""
HOT = 4
ENTRIES = 15
READERS = 2
REFUSAL = "in use by another Open Door process; stop it first."
ALONE = "one process writes a file"


async def run(plan: Plan, dialect: Dialect) -> Tally:
    tally = Tally()
    for number in range(plan.rounds):
        await _round(plan, dialect, number, tally)
        tally.rounds += 1
        plan.step()
    return tally


async def _round(plan: Plan, dialect: Dialect, number: int, tally: Tally) -> None:
    lanes = [
        [
            Lane(seed=plan.seed, name=f"{number}-{writer}-{lane}", hot=HOT)
            for lane in range(LANES[dialect])
        ]
        for writer in range(WRITERS[dialect])
    ]
    every = [one for some in lanes for one in some]
    async with empty_log(plan, dialect, f"log-{number}") as url, AsyncExitStack() as stack:
        jobs = [_writing(plan, url, number, writer, some) for writer, some in enumerate(lanes)]
        tails = [_reading(plan, url, number, reader, every) for reader in range(READERS)]
        children = [
            *[await stack.enter_async_context(running(read, one)) for one in tails],
            *[await stack.enter_async_context(running(write, one)) for one in jobs],
        ]
        if dialect == ON_SQLITE:
            await second_writer(jobs[0], tally)
        for child in children:
            await _require_done(child, tally)
        history = load([*(one.path for one in jobs), *(one.path for one in tails)])
        async with opened(url, reads_only=True) as log:
            tally.findings += await judged(log, every, history.calls, history.seen)
    tally.acknowledged += len(history.acknowledged())
    refused = sum(one.outcome is Outcome.REFUSED for one in history.calls)
    tally.faults["lost races, written again"] += refused


def _writing(plan: Plan, url: str, number: int, writer: int, lanes: list[Lane]) -> Writing:
    return Writing(
        name=f"writer {number}-{writer}",
        url=url,
        path=plan.folder / f"writer-{number}-{writer}.jsonl",
        lanes=tuple((one, 0) for one in lanes),
        end=ENTRIES,
    )


def _reading(plan: Plan, url: str, number: int, reader: int, lanes: list[Lane]) -> Reading:
    entries = [(one, n) for one in lanes for n in range(ENTRIES)]
    return Reading(
        name=f"reader {number}-{reader}",
        url=url,
        path=plan.folder / f"reader-{number}-{reader}.jsonl",
        items=sum(len(one.parts(n)) + len(one.told(n)) for one, n in entries),
    )


async def _require_done(child: Child, tally: Tally) -> None:
    status = await child.ended()
    if status != 0:
        where = f"ended with {status}: {child.said()}"
        tally.findings.append(Finding("a process did not come to its end", where))


async def second_writer(job: Writing, tally: Tally) -> None:
    """A second process that would write the file is told so in one clear sentence."""
    path = job.path.with_suffix(".no")
    second = Writing(name="second", url=job.url, path=path, lanes=job.lanes, end=1)
    async with running(write, second) as child:
        status = await child.ended()
        if status != 1 or not child.said().endswith(REFUSAL):
            tally.findings.append(Finding(ALONE, child.said()))
    tally.faults["second writing processes"] += 1


TRIALS = tuple(
    Trial(
        name=f"log raced, {dialect}",
        promises="R3",
        method=f"{writers} race for {HOT} streams, and for streams of their own; {READERS} "
        "processes read events and contracts all the while. Positions and numbers have no gaps, "
        f"for any reader at any time.{alone}",
        run=partial(run, dialect=dialect),
        short=1,
        share=20,
    )
    for dialect, writers, alone in (
        (ON_POSTGRES, "Four processes of three writers each", ""),
        (
            ON_SQLITE,
            "Twelve writers in the one writing process",
            " A second writing process is told that the file is in use.",
        ),
    )
)
