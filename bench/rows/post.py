"""A report posted over HTTP: Open Door, its own no-op, and the plain handler."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.contestant import Contestant, contestant
from bench.contestants.filing import DAY
from bench.context import Bench
from bench.house import beside, embedded, house, plain_told
from bench.machine import cores
from bench.names import (
    CLIENTS,
    NOOP,
    NOOP_WORKING,
    PLAIN,
    POST,
    POSTGRES,
    POSTGRES_WORKING,
    SQLITE,
    SQLITE_WORKING,
)
from bench.proc import quiet
from bench.results import figure_of
from bench.sampling import Sample
from services.demonstration.story_2018 import connected_to_air
from shared.nhs import synthetic
from tests.kit.processes import ProcessWorld, launched
from tests.kit.servers.process import free_port

SECONDS = 1.1
REST = 3.0
"""Seconds that a worker is given between two samples to come to rest."""


async def post(bench: Bench) -> None:
    """At first with workers that follow, then without."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(house(bench, "post"))
        await world.start("serve", "intake")
        noop = await _noop(stack, world)
        await _while_working(bench, stack, world, noop)
        await _while_idle(bench, stack, world, noop)


async def _while_working(
    bench: Bench, stack: AsyncExitStack, world: ProcessWorld, noop: int
) -> None:
    worker = await world.start("work", "intake")
    async with AsyncExitStack() as ending:
        await _in_turn_at_rest(
            bench,
            worker.process.pid,
            [
                await _client(ending, world, POSTGRES_WORKING, world.ports["serve intake"]),
                await _client(ending, world, NOOP_WORKING, noop),
            ],
        )
    await world.end("work intake")
    async with AsyncExitStack() as ending:
        port = free_port()
        folder = _folder(world, "embedded")
        up = await ending.enter_async_context(
            beside(
                world,
                "up",
                "services",
                *("up", "--port", str(port), "--data", str(folder)),
                env=embedded(world, folder),
                port=port,
            )
        )
        client = await _client(ending, world, SQLITE_WORKING, port)
        await _in_turn_at_rest(bench, up.process.pid, [client])


async def _while_idle(bench: Bench, stack: AsyncExitStack, world: ProcessWorld, noop: int) -> None:
    clients = [
        await _client(stack, world, POSTGRES, world.ports["serve intake"]),
        await _client(stack, world, NOOP, noop),
        await _client(stack, world, PLAIN, await _plain(bench, stack, world)),
        await _client(stack, world, SQLITE, await _files(stack, world)),
    ]
    _report(bench, await bench.in_turn(clients, SECONDS))


async def _in_turn_at_rest(bench: Bench, worker: int, clients: Sequence[Contestant]) -> None:
    """As `in_turn`, each sample begun with a worker that has caught up."""
    found: dict[tuple[str, int], list[Sample]] = {}
    for round_ in range(bench.rounds + 1):
        for width in CLIENTS:
            for one in clients:
                sample = await one.sample(width, SECONDS * bench.pace)
                await quiet(worker, REST)
                # The first round warms up.
                if round_:
                    found.setdefault((one.name, width), []).append(sample)
                bench.steps.went(SECONDS + REST / 2)
    _report(bench, found)


def _report(bench: Bench, found: dict[tuple[str, int], list[Sample]]) -> None:
    for (name, _), samples in found.items():
        bench.add(figure_of(POST, name, "reports/s", samples, cores()))


async def _client(stack: AsyncExitStack, world: ProcessWorld, name: str, port: int) -> Contestant:
    told: dict[str, Any] = {
        "port": port,
        "path": "/intake/events",
        "token": world.player.token(synthetic.trust(1), "trust", "p1"),
        "body": connected_to_air(DAY),
        "name": name.replace(" ", "-").replace(",", ""),
    }
    return await stack.enter_async_context(contestant("http", name, told, world.folder))


async def _noop(stack: AsyncExitStack, world: ProcessWorld) -> int:
    port = free_port()
    await stack.enter_async_context(
        beside(world, "no-op", "bench.peers.noop", str(port), env=world.environment, port=port)
    )
    return port


async def _plain(bench: Bench, stack: AsyncExitStack, world: ProcessWorld) -> int:
    url = stack.enter_context(bench.servers.postgres().fresh_database())
    told, port = plain_told(world, url)
    await stack.enter_async_context(
        beside(world, "plain", "bench.peers.plain", told, env=world.environment, port=port)
    )
    return port


async def _files(stack: AsyncExitStack, world: ProcessWorld) -> int:
    """Intake's API alone on the embedded files, whose worker does not run."""
    port = free_port()
    env = embedded(world, _folder(world, "files"))
    migrating = await launched(
        "migrate", world.folder / "migrate.log", "services", "migrate", env=env
    )
    if await migrating.process.wait():
        raise migrating.failure("failed")
    await stack.enter_async_context(
        beside(
            world, "files", "services", "serve", "intake", "--port", str(port), env=env, port=port
        )
    )
    return port


def _folder(world: ProcessWorld, name: str) -> Path:
    folder = world.folder / name
    folder.mkdir()
    return folder
