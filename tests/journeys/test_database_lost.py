"""Real processes whose database goes away, comes back, and at last is silent when they must end."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.__main__ import load_services
from services.demonstration.story_2018 import connected_to_air
from shared.runtime.settings import load_settings
from shared.runtime.verbs.doctor import doctor
from tests.kit.bus import until
from tests.kit.processes import ProcessWorld, process_world, said_once
from tests.kit.proxy import proxy_to
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer

PATIENCE = 90.0
AWAY = "The database cannot be reached or is too busy; try again."


@pytest.mark.timeout(600)
async def test_api_and_worker_outlive_a_database_and_end_without_it(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
) -> None:
    server = urlsplit(postgres_server.admin)
    async with (
        proxy_to(str(server.hostname), server.port or 5432) as proxy,
        process_world(
            tmp_path,
            datetime(2018, 12, 19, 9, tzinfo=UTC),
            postgres=postgres_server,
            kafka=kafka_server,
            prefix=kafka_prefix,
            services=("intake",),
            by=proxy.url,
        ) as world,
    ):
        assert await _report(world) == 201
        await _is_well(world)

        await proxy.cut()
        assert await _report(world) == 503
        await until(lambda: _stands(world, "unavailable"), PATIENCE)
        await until(lambda: _waits(world), PATIENCE)
        world.running["work intake"].require_alive()
        await proxy.mend()
        await until(lambda: _stands(world, "ok"), PATIENCE)
        assert await _report(world) == 201
        told = world.running["work intake"].told()
        assert said_once(told, "task_waits", "task_runs")
        for topic in ("opendoor.intake.v1", "opendoor.intake.heads.v1"):
            of_topic = [one for one in told if one.get("topic") == topic]
            assert said_once(of_topic, "relay_waits", "relay_runs")
        assert AWAY in [one["reason"] for one in told if one["event"] == "task_waits"]
        assert "task_failed" not in [one["event"] for one in told]

        proxy.swallow()
        asked = asyncio.create_task(_report(world))
        await asyncio.wait((asked,), timeout=0.2)
        names = list(world.running)
        ended = await asyncio.gather(*(world.end(name) for name in names))
        assert dict(zip(names, ended, strict=True)) == dict.fromkeys(names, 0)
        # The server of HTTP answers 500 by itself for what it cuts off; its outcome is unknown.
        assert await asked in (0, 500, 503)


async def _is_well(world: ProcessWorld) -> None:
    """What `doctor` says of real servers."""
    settings = load_settings(
        **{
            name.removeprefix("OPENDOOR_").lower(): told
            for name, told in world.environment.items()
            if name.startswith("OPENDOOR_")
        }
    )
    (intake,) = (one for one in load_services() if one.name == "intake")
    await until(lambda: _stands(world, "ok"), PATIENCE)
    found = await asyncio.to_thread(doctor, (intake,), settings)
    assert found["healthy"], found["lines"]
    says = {one["what"]: one["says"] for one in found["reached"]}
    assert says["database of intake"].startswith("PostgreSQL 1")
    assert says["keys of intake"].startswith("PostgreSQL 1")
    assert says["Kafka"] == "every topic is there; brokers: 1"
    assert found["services"]["intake"]["readers"]["projection:events"] == 0


def test_a_line_at_each_try_is_found() -> None:
    gone, back = {"event": "task_waits"}, {"event": "task_runs"}
    assert said_once([gone, {"event": "library"}, back, gone], "task_waits", "task_runs")
    assert not said_once([gone, {"event": "library"}, gone, back], "task_waits", "task_runs")


async def _report(world: ProcessWorld) -> int:
    """The status of a report; 0 where the connection was cut."""
    person = world.player.person("RTH", "trust")
    try:
        answer = await person.post("/intake/events", connected_to_air("2018-12-10"))
    except httpx.TransportError:
        return 0
    return answer.status


async def _stands(world: ProcessWorld, status: str) -> bool:
    """Whether api and worker both say so."""
    api = await world.player.client.get("/intake/_status")
    async with httpx.AsyncClient(timeout=10) as client:
        worker = await client.get(f"{world.url('work intake')}/_status")
    return bool(api.json()["status"] == worker.json()["status"] == status)


async def _waits(world: ProcessWorld) -> bool:
    return "task_waits" in [one["event"] for one in world.running["work intake"].told()]
