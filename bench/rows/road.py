"""The whole road in processes of its own: how long, how much CPU, how many bytes, how big."""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

import psycopg

from bench.contestant import contestant
from bench.contestants.filing import DAY
from bench.context import Bench
from bench.house import beside, embedded, house
from bench.names import COST, PROCESSES, ROAD, ROAD_ANSWERED, ROAD_SENT
from bench.proc import cpu_of, memory_of, quiet
from bench.results import Figure, figure_of
from bench.sampling import Sample
from shared.nhs import synthetic
from tests.kit.processes import ProcessWorld
from tests.kit.servers.postgres_process import libpq
from tests.kit.servers.process import free_port

PACE = 200
SECONDS = 5.0
SERVICES = ("intake", "assurance", "learning")
ON_THE_ROAD = ("intake", "assurance")
SCALE = 100_000
REST = 20.0
STARTS = 3


async def road(bench: Bench) -> None:
    """Intake and assurance as api and worker each; learning is started for its figures alone."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(house(bench, "road"))
        await _start_all(bench, world)
        await _start_up(bench, world)
        await _relate(world)
        told = {
            "port": world.ports["serve intake"],
            "token": world.player.token(synthetic.trust(1), "trust", "p1"),
            "database": libpq(world.databases["assurance"]),
            "day": DAY,
            "pace": PACE,
        }
        traveller = await stack.enter_async_context(contestant("road", "road", told, world.folder))
        await traveller.sample(1, 1.0)
        await _rest(world)
        before = _spent(world), _bytes(world)
        answered: list[Sample] = []
        sent: list[Sample] = []
        for _ in range(bench.rounds):
            answered.append(await traveller.sample(1, SECONDS * bench.pace))
            sent.append(await traveller.sample(1, 0))
            bench.steps.went(3 * SECONDS)
        await _rest(world)
        _latency(bench, ROAD_ANSWERED, answered)
        _latency(bench, ROAD_SENT, sent)
        _cost(bench, world, before, sum(one.done for one in answered))


async def _start_all(bench: Bench, world: ProcessWorld) -> None:
    """One after another, each for itself; learning's end again once they were looked at."""
    for service in SERVICES:
        for verb in ("serve", "work"):
            took, held = list[float](), 0.0
            for again in range(min(STARTS, bench.rounds), 0, -1):
                began = time.perf_counter()
                one = await world.start(verb, service)
                took.append(round(time.perf_counter() - began, 3))
                await quiet(one.process.pid, 3)
                held = memory_of(one.process.pid)
                if again > 1 or service not in ON_THE_ROAD:
                    await world.end(one.name)
            _process(bench, f"{verb} {service}", took, held)


async def _start_up(bench: Bench, world: ProcessWorld) -> None:
    """`up`, the three services and their workers in one process, on files made before."""
    folder = world.folder / "up"
    folder.mkdir()
    env, took, held = embedded(world, folder), list[float](), 0.0
    for _ in range(min(STARTS, bench.rounds) + 1):
        port = free_port()
        told = ("up", "--port", str(port), "--data", str(folder))
        began = time.perf_counter()
        async with beside(world, "up", "services", *told, env=env, port=port) as one:
            took.append(round(time.perf_counter() - began, 3))
            await quiet(one.process.pid, 3)
            held = memory_of(one.process.pid)
    _process(bench, "up, all in one", took[1:], held)


def _process(bench: Bench, name: str, took: list[float], held: float) -> None:
    bench.add(Figure(row=PROCESSES, name=f"{name}: ready after", unit="s", samples=tuple(took)))
    bench.add(Figure(row=PROCESSES, name=f"{name}: memory", unit="MiB", samples=(round(held, 1),)))


async def _relate(world: ProcessWorld) -> None:
    """Who commissions the trust, as intake and assurance know it."""
    operator = world.player.person(synthetic.national(1), "operator", "o1")
    await operator.does(
        f"/assurance/relations/{synthetic.trust(1)}",
        {"commissioner": synthetic.ccg(1), "role": "lead", "since": "2013-04-01"},
    )


async def _rest(world: ProcessWorld) -> None:
    for one in world.running.values():
        await quiet(one.process.pid, REST)


def _spent(world: ProcessWorld) -> Mapping[str, float]:
    return {name: cpu_of(one.process.pid) for name, one in world.running.items()}


def _bytes(world: ProcessWorld) -> Mapping[str, int]:
    """What each database of the road takes, its keys apart."""
    return {name: _size(world.databases[name]) for name in ON_THE_ROAD}


def _size(url: str) -> int:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])


def _latency(bench: Bench, name: str, samples: list[Sample]) -> None:
    found = figure_of(ROAD, name, "reports", samples)
    done = tuple(float(one.done) for one in samples)
    bench.add(
        Figure(row=ROAD, name=name, unit="reports", samples=done, p50=found.p50, p99=found.p99)
    )


def _cost(
    bench: Bench,
    world: ProcessWorld,
    before: tuple[Mapping[str, float], Mapping[str, int]],
    reports: int,
) -> None:
    spent, taken = _spent(world), _bytes(world)
    total = 0.0
    for name, now in spent.items():
        each = (now - before[0][name]) * SCALE / reports
        total += each
        _costs(bench, f"{name}: for {SCALE:,} reports", "CPU seconds", each)
    _costs(bench, f"all processes: for {SCALE:,} reports", "CPU seconds", total)
    for name, now in taken.items():
        each = (now - before[1][name]) / reports
        _costs(bench, f"database of {name}: a report", "bytes", each)


def _costs(bench: Bench, name: str, unit: str, value: float) -> None:
    bench.add(Figure(row=COST, name=name, unit=unit, samples=(round(value, 1),)))
