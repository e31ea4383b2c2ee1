"""`make soak`: half an hour at half of what it can, on PostgreSQL and Kafka, with rude clients in
the middle; writes soak.md and soak.svg into docs, and ends with status 1 where a figure rises."""

import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg

from shared.runtime.progress import progress_bar
from tests.faults.report import with_soak
from tests.faults.trial import Plan
from tests.kit.processes import ProcessWorld, process_world
from tests.kit.servers.run import Controller
from tests.strangers.rude import held_by, many_leave
from tests.strangers.soak_load import CHANGES, Load
from tests.strangers.soak_picture import drawn
from tests.strangers.steady import Line, Sample, lines, rising

SECONDS = 1800.0
SAMPLES = 120
"""Looks over the whole time."""
HALF = 0.5
RESET, ABORTED = 1000, 500
DOCS = Path(__file__).parents[2] / "docs"
SHORT = DOCS.parent / "var" / "soak"
"""Where a shorter one is drawn."""
TRUST = "RTH"

Told = Callable[[int, int, str], None]


def main() -> int:
    """Soaks for as many seconds as the first argument says."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else SECONDS
    controller = Controller.begin()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="open-door-soak-") as folder,
            progress_bar("soak") as told,
        ):
            rate, samples = asyncio.run(_soaked(Path(folder), seconds, told))
        servers = tuple(str(found) for found in controller.run.found())
    finally:
        controller.end()
    risen = rising(samples)
    written = _page(seconds, rate, samples, risen, servers)
    sys.stdout.write(written)
    into = DOCS if seconds >= SECONDS else SHORT
    into.mkdir(parents=True, exist_ok=True)
    (into / "soak.md").write_text(written)
    (into / "soak.svg").write_text(drawn(samples, _title(rate)))
    report = into / "fault-report.md"
    if report.exists():
        report.write_text(with_soak(report.read_text(), written))
    return int(bool(risen))


async def _soaked(folder: Path, seconds: float, told: Told) -> tuple[float, list[Sample]]:
    plan = Plan(trial="soak", seed=0, rounds=1, folder=folder, step=lambda: None, long=True)
    async with process_world(
        folder, datetime.now(UTC), postgres=plan.postgres(), kafka=plan.kafka(), prefix="soak."
    ) as world:
        load = Load(world.player.person(TRUST, "trust"))
        told(0, SAMPLES, "measuring what it can")
        rate = max(1.0, HALF * await load.capacity(max(5.0, seconds / 30)))
        return rate, await _sampled(world, load, rate, seconds, told)


async def _sampled(
    world: ProcessWorld, load: Load, rate: float, seconds: float, told: Told
) -> list[Sample]:
    async with load.listening(), load.at_pace(rate):
        samples = await _looked(
            world, load, seconds, lambda past: told(past, SAMPLES, f"{rate:.0f} reports a second")
        )
    await world.settle()
    return samples


async def _looked(
    world: ProcessWorld, load: Load, seconds: float, told: Callable[[int], None]
) -> list[Sample]:
    loop = asyncio.get_running_loop()
    began, samples, rude = loop.time(), list[Sample](), False
    while (past := loop.time() - began) < seconds:
        if past > seconds / 4 and not rude:
            rude = True
            await _rude(world, load, seconds)
        samples.append(await _look(world, load, loop.time() - began))
        told(int(past * SAMPLES / seconds))
        await asyncio.sleep(seconds / SAMPLES)
    return samples


async def _rude(world: ProcessWorld, load: Load, seconds: float) -> None:
    url, token = world.url("serve intake"), load.trust.headers()["Authorization"][7:]
    await many_leave(_share(RESET, seconds), url, CHANGES, token)
    await many_leave(_share(ABORTED, seconds), url, f"{CHANGES}?after=0", token, read=200)


def _share(count: int, seconds: float) -> int:
    """How many rude clients fit a soak of so long."""
    return int(count * min(1.0, seconds / SECONDS))


async def _look(world: ProcessWorld, load: Load, at: float) -> Sample:
    held = {name: held_by(one.process.pid) for name, one in world.running.items()}
    taken, load.taken = load.taken, 0
    failed, load.failed = load.failed, 0
    return Sample(
        at=at,
        memory={name: one.memory for name, one in held.items()},
        descriptors={name: one.descriptors for name, one in held.items()},
        connections=await asyncio.to_thread(_connections, world),
        lag=await _lag(world),
        taken=taken,
        failed=failed,
        heard_after=load.heard_after(),
    )


def _connections(world: ProcessWorld) -> int:
    """Connections to the databases of this soak, the one that asks left out."""
    urls = [one.replace("+asyncpg", "") for one in world.databases.values()]
    names = [one.rpartition("/")[2].partition("?")[0] for one in urls]
    with psycopg.connect(urls[0]) as asking:
        said = "select count(*) from pg_stat_activity where datname = any(%s) and pid <> %s"
        row = asking.execute(said, (names, asking.info.backend_pid)).fetchone()
    return int(row[0]) if row else 0


async def _lag(world: ProcessWorld) -> int:
    """Records that readers have yet to take, over all workers."""
    total = 0.0
    async with httpx.AsyncClient(timeout=30) as client:
        for name in world.running:
            if name.startswith("work "):
                page = (await client.get(f"{world.url(name)}/metrics")).text
                told = [one for one in page.splitlines() if one.startswith("opendoor_reader_lag{")]
                total += sum(float(one.rpartition(" ")[2]) for one in told)
    return int(total)


def _title(rate: float) -> str:
    return f"A soak at {rate:.0f} reports a second, half of what it can"


def _page(
    seconds: float, rate: float, samples: list[Sample], risen: list[str], servers: tuple[str, ...]
) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    where = " ".join(f"{one}." for one in servers)
    return "\n".join(
        (
            "# Soak",
            "",
            f"Written by `make soak SECONDS={seconds:.0f}` on {datetime.now(UTC):%Y-%m-%d}: "
            f"{machine}. {where}",
            "",
            _what(seconds, rate, samples),
            "",
            "![Memory, descriptors, connections and lag over the time](soak.svg)",
            "",
            "| figure | first | middle | last | highest |",
            "| --- | --- | --- | --- | --- |",
            *(_row(one) for one in lines(samples)),
            "",
            *(risen or ("Nothing rises: the last quarter lies within the one before it.",)),
            "",
        )
    )


def _what(seconds: float, rate: float, samples: list[Sample]) -> str:
    taken, failed = sum(one.taken for one in samples), sum(one.failed for one in samples)
    return (
        f"{seconds / 60:.1f} minutes at {rate:.0f} reports a second, half of what eight clients "
        f"got through, with ten live views; after a quarter of the time "
        f"{_share(RESET, seconds):,} streams were reset before their headers and "
        f"{_share(ABORTED, seconds):,} midway. {taken:,} reports taken, {failed:,} requests failed."
    )


def _row(line: Line) -> str:
    middle = line.values[len(line.values) // 2]
    shown = (line.values[0], middle, line.values[-1], max(line.values))
    return f"| {line.name} | {' | '.join(f'{one:,.1f}' for one in shown)} |"


if __name__ == "__main__":
    sys.exit(main())
