"""Eight processes that append to one log at once, against one of them that has it for itself."""

import asyncio
from contextlib import AsyncExitStack

from bench.contestant import Contestant, contestant
from bench.context import WARM_UP, Bench
from bench.names import ALONE, EIGHT, FAIRNESS, TOTAL
from bench.results import Figure, figure_of
from bench.rows.houses import migrated
from bench.sampling import Sample, median

SECONDS = 1.5
PROCESSES, WRITERS = 8, 32


async def eight(bench: Bench) -> None:
    """Total, fairness, and the p99 that the slowest of them saw."""
    async with AsyncExitStack() as stack:
        folder = bench.servers.folder("eight")
        url = (await migrated(bench, stack, folder)).database_url
        alone, *many = [
            await stack.enter_async_context(
                contestant(
                    "append", f"process {number}", {"url": url, "name": f"e{number}"}, folder
                )
            )
            for number in range(PROCESSES + 1)
        ]
        await _together(many, WARM_UP)
        found: list[tuple[Sample, list[Sample]]] = []
        for _ in range(bench.rounds):
            one = await alone.sample(WRITERS, SECONDS * bench.pace)
            found.append((one, await _together(many, SECONDS * bench.pace)))
            bench.steps.went(2 * SECONDS)
        _report(bench, found)


async def _together(many: list[Contestant], seconds: float) -> list[Sample]:
    return list(await asyncio.gather(*(one.sample(WRITERS, seconds) for one in many)))


def _report(bench: Bench, found: list[tuple[Sample, list[Sample]]]) -> None:
    alone = figure_of(EIGHT, ALONE, "appends/s", [one for one, _ in found])
    bench.add(
        Figure(
            row=EIGHT,
            name=ALONE,
            unit="appends/s",
            samples=alone.samples,
            p50=alone.p50,
            p99=alone.p99,
        )
    )
    together = [many for _, many in found]
    bench.add(
        Figure(
            row=EIGHT,
            name=TOTAL,
            unit="appends/s",
            samples=tuple(round(sum(one.rate for one in many), 1) for many in together),
            p50=round(median([one.p50 for many in together for one in many]) * 1_000, 3),
            p99=round(median([max(one.p99 for one in many) for many in together]) * 1_000, 3),
        )
    )
    fairness = (min(many, key=_rate).rate / max(many, key=_rate).rate for many in together)
    bench.add(
        Figure(
            row=EIGHT, name=FAIRNESS, unit="times", samples=tuple(round(one, 3) for one in fairness)
        )
    )


def _rate(sample: Sample) -> float:
    return sample.rate
