"""The whole road over HTTP: embedded, and on real PostgreSQL and Kafka in real processes."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from services.demonstration.player import Json
from tests.journeys.black_box import Door, differs, holds_everywhere
from tests.journeys.heads_kept import heads_are_kept_elsewhere
from tests.journeys.observed import all_readers_stand_well
from tests.journeys.traced import a_trace_goes_to_the_case_s_row
from tests.journeys.walks import NATIONAL, stream, walk_2018, walk_2023
from tests.kit.collector import collector
from tests.kit.processes import ProcessWorld, process_world
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer
from tests.kit.world import embedded_world


async def test_2018_embedded(tmp_path: Path) -> None:
    async with embedded_world(tmp_path, datetime(2018, 12, 19, 9, tzinfo=UTC)) as world:
        await walk_2018(world)


async def test_2023_embedded(tmp_path: Path) -> None:
    async with embedded_world(tmp_path, datetime(2023, 11, 14, 9, tzinfo=UTC)) as world:
        await walk_2023(world)


@pytest.mark.timeout(600)
async def test_2018_on_real_servers(
    tmp_path: Path,
    postgres_server: PostgresServer,
    kafka_server: KafkaServer,
    kafka_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What only a world of processes shows is looked at in this one: it takes long to start."""
    with collector() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        async with process_world(
            tmp_path,
            datetime(2018, 12, 19, 9, tzinfo=UTC),
            postgres=postgres_server,
            kafka=kafka_server,
            prefix=kafka_prefix,
        ) as world:
            told = await walk_2018(world.player)
            await _the_topic_tells(world, told["event"])
            await all_readers_stand_well(world)
            await a_trace_goes_to_the_case_s_row(found)
            door = Door(player=world.player, url=lambda service: world.url(f"serve {service}"))
            await holds_everywhere(door)
            await differs(door, embedded=False)
            await heads_are_kept_elsewhere(world)


@pytest.mark.timeout(600)
async def test_2023_on_real_servers(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
) -> None:
    async with process_world(
        tmp_path,
        datetime(2023, 11, 14, 9, tzinfo=UTC),
        postgres=postgres_server,
        kafka=kafka_server,
        prefix=kafka_prefix,
    ) as world:
        await walk_2023(world.player)


async def _the_topic_tells(world: ProcessWorld, event: Json) -> None:
    """A plain consumer of the topic reads the same id, number and bytes as REST and SSE."""
    consumer = AIOKafkaConsumer(
        f"{world.prefix}opendoor.learning.v1",
        bootstrap_servers=world.kafka.bootstrap,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    headers = dict(record.headers)
    assert headers["ce_id"].decode() == event["id"]
    assert headers["ce_sequence"].decode() == event["sequence"]
    assert headers["content-type"] == b"application/json"
    assert record.key.decode() == event["partitionkey"]
    assert orjson.loads(record.value) == event["data"]
    subscriber = world.player.person(NATIONAL, "national", "s1")
    page = await world.player.client.get("/learning/events?after=0", headers=subscriber.headers())
    assert record.value in page.content
    async for item in stream(subscriber, after=0):
        assert item == event
        break
