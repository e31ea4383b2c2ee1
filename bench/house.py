"""A world of the product's processes on the run's servers, and what stands beside it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.context import Bench
from tests.kit.processes import ProcessWorld, Running, launched, process_world
from tests.kit.servers.process import free_port

AT = datetime(2018, 12, 19, 9, tzinfo=UTC)
"""When the reports of the demonstration are recent."""
START = 180.0
LOOK = 0.01


@asynccontextmanager
async def house(bench: Bench, name: str) -> AsyncIterator[ProcessWorld]:
    """Three migrated services of which no process runs yet."""
    async with process_world(
        bench.servers.folder(name),
        AT,
        postgres=bench.servers.postgres(),
        kafka=bench.servers.kafka(),
        prefix=f"b{secrets.token_hex(6)}.",
        services=(),
    ) as world:
        yield world


def embedded(world: ProcessWorld, folder: Path) -> dict[str, str]:
    """The world's environment with the embedded files instead of its servers."""
    left = {"OPENDOOR_DATABASE_URL", "OPENDOOR_KEYS_URL", "OPENDOOR_BUS_URL"}
    kept = {name: held for name, held in world.environment.items() if name not in left}
    return {**kept, "OPENDOOR_DATA_DIR": str(folder)}


@asynccontextmanager
async def beside(
    world: ProcessWorld, name: str, module: str, *arguments: str, env: Mapping[str, str], port: int
) -> AsyncIterator[Running]:
    """Another server of the same folder, which answers at its port, until the block ends."""
    log = world.folder / f"{name.replace(' ', '-')}.log"
    one = await launched(name, log, module, *arguments, env=env)
    try:
        await answers(one, port)
        yield one
    finally:
        await one.end()


async def answers(one: Running, port: int) -> None:
    """Returns once something listens there. Raises ProcessDiedError."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + START
    while not await _listens(port):
        one.require_alive()
        if loop.time() > give_up:
            raise one.failure(f"did not listen within {START:g} s")
        await asyncio.sleep(LOOK)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def plain_told(world: ProcessWorld, url: str) -> tuple[str, int]:
    """What the plain handler is told, and its port."""
    port = free_port()
    jwks = world.folder / "issuer" / "jwks.json"
    return json.dumps({"url": url, "jwks": str(jwks), "port": port}), port
