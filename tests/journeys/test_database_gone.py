"""A database that goes away and comes back: 503 meanwhile, nothing lost, nobody has to help."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.demonstration.story_2018 import connected_to_air
from shared.kernel.errors import Unavailable
from shared.log.chain import verify
from tests.journeys.conftest import NOW
from tests.journeys.doors import Asks, Doors, json_of, problem_in
from tests.journeys.logged import listening
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import OwnPostgres
from tests.kit.world import embedded_world

SERVICES = ("intake", "assurance", "learning")
TRIES = 200

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def doors_on(own: OwnPostgres, folder: Path) -> AsyncIterator[Doors]:
    """The three services on databases of a server that the test may take away."""
    server = PostgresServer(own.admin, "")
    parts = [name for one in SERVICES for name in (one, f"{one}_keys")]
    with listening() as said, server.fresh_databases(*parts) as url:
        databases = {
            "database_url": url.replace("{part}", "{service}"),
            "keys_url": url.replace("{part}", "{service}_keys"),
        }
        async with embedded_world(folder, NOW, **databases) as world:
            yield Doors(world, said)


def reporting(doors: Doors) -> Asks:
    """A report with a key of its own."""
    report = json_of(connected_to_air("2018-12-14"))
    return Asks(content=report, headers={"Idempotency-Key": f'"{doors.world.key()}"'})


async def taken(doors: Doors, asks: Asks) -> httpx.Response:
    """The answer once the service can give one again, the same request sent until then."""
    for _ in range(TRIES):
        answer = await doors.send(asks)
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError("the service did not come back by itself")


async def test_requests_wait_for_a_database_that_crashed(own_postgres: OwnPostgres, tmp_path: Path):
    async with doors_on(own_postgres, tmp_path) as doors:
        before = await doors.send(reporting(doors))
        assert before.status_code == 201
        await doors.world.settle()
        own_postgres.crash()
        held = [reporting(doors) for _ in range(6)]
        for answer in await asyncio.gather(*(doors.send(one) for one in held)):
            _is_unavailable(answer)
        _is_unavailable(await doors.send(_reading(before.headers["location"])))
        await _probes_tell(doors, 503)
        own_postgres.start()
        answers = [await taken(doors, one) for one in held]
        assert [one.status_code for one in answers] == [201] * 6
        assert len({one.json()["id"] for one in answers}) == 6
        again = [await doors.send(one) for one in held]
        assert [one.content for one in again] == [one.content for one in answers]
        await _settled(doors)
        shown = await doors.send(_reading(before.headers["location"]))
        assert shown.status_code == 200
        await _probes_tell(doors, 200)
        for worker in doors.world.stage.workers.values():
            await verify(worker.engine.log)


def _is_unavailable(answer: httpx.Response) -> None:
    problem_in(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def _settled(doors: Doors) -> None:
    """Everything carried to its end; as a worker does, on after a connection that was cut."""
    for _ in range(TRIES):
        try:
            return await doors.world.settle()
        except Unavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("the workers did not come back by themselves")


def _reading(path: str) -> Asks:
    return Asks(method="GET", path=path, content=b"")


async def _probes_tell(doors: Doors, ready: int) -> None:
    """Liveness is not about the database; readiness is; the status tells a person."""
    for service in SERVICES:
        client = doors.world.client
        assert (await client.get(f"/{service}/livez")).status_code == 200
        assert (await client.get(f"/{service}/readyz")).status_code == ready
        status = (await client.get(f"/{service}/_status")).json()
        assert status["checks"]["database"]["ok"] is (ready == 200)
