"""A Kafka that goes away and comes back: reports are taken all the while, and told afterwards."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from services.demonstration.player import Json
from services.demonstration.story_2018 import connected_to_air, reported
from tests.kit.bus import until
from tests.kit.processes import ProcessWorld, process_world, said_once
from tests.kit.servers.kafka import OwnKafka
from tests.kit.servers.postgres import PostgresServer

TOPIC = "opendoor.intake.v1"
RELAY = ("relay_waits", "relay_runs")


@pytest.mark.timeout(600)
async def test_intake_stays_ready_and_says_that_it_is_degraded(
    tmp_path: Path, postgres_server: PostgresServer, own_kafka: OwnKafka
):
    async with process_world(
        tmp_path,
        datetime(2018, 12, 19, 9, tzinfo=UTC),
        postgres=postgres_server,
        kafka=own_kafka.server,
        prefix="gone.",
        services=("intake",),
    ) as world:
        trust = world.player.person("RTH", "trust")
        # Intake hears topics that `migrate all` made, though nobody tells anything on them.
        await until(lambda: _stands(world, "ok"))
        first = await reported(trust, connected_to_air("2018-12-10"))
        await asyncio.to_thread(own_kafka.kill)
        second = await reported(trust, connected_to_air("2018-12-11"))
        await until(lambda: _stands(world, "degraded"), within=60)
        assert await _ready(world)
        third = await reported(trust, connected_to_air("2018-12-12"))
        await asyncio.to_thread(own_kafka.start)
        await until(lambda: _stands(world, "ok"), within=60)
        told = await _told(f"{world.prefix}{TOPIC}", world, 3)
        assert set(told) == {first, second, third}
        lines = world.running["work intake"].told()
        assert said_once(lines, "task_waits", "task_runs")
        assert said_once([one for one in lines if one.get("topic") == TOPIC], *RELAY)
        assert "relay_waits" in [one["event"] for one in lines]
        assert "task_failed" not in [one["event"] for one in lines]
        # Both processes still end within their grace time, which the world looks after.
        await asyncio.to_thread(own_kafka.kill)


async def _stands(world: ProcessWorld, status: str) -> bool:
    """Whether api and worker both say so."""
    said = [
        await _get(f"{world.url('serve intake')}/intake/_status"),
        await _get(f"{world.url('work intake')}/_status"),
    ]
    return all(one["status"] == status for one in said)


async def _ready(world: ProcessWorld) -> bool:
    async with httpx.AsyncClient() as client:
        api = await client.get(f"{world.url('serve intake')}/intake/readyz")
        worker = await client.get(f"{world.url('work intake')}/readyz")
    return api.status_code == worker.status_code == 200


async def _get(url: str) -> Json:
    async with httpx.AsyncClient() as client:
        found: Json = (await client.get(url)).json()
        return found


async def _told(topic: str, world: ProcessWorld, count: int) -> list[str]:
    """The incidents of the first records on the topic."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=world.kafka.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            found = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    return [dict(one.headers)["ce_subject"].decode() for one in found]
