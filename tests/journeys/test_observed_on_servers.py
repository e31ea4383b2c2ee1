"""What production shows of its readers: on each worker's health port, and in its API's status."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.demonstration.story_2018 import connected_to_air, reported
from tests.kit.bus import until
from tests.kit.processes import SERVICES, ProcessWorld, process_world
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer

PATIENCE = 60.0


@pytest.mark.timeout(600)
async def test_each_worker_shows_its_readers_and_its_api_says_how_the_bus_stands(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
) -> None:
    async with (
        process_world(
            tmp_path,
            datetime(2018, 12, 19, 9, tzinfo=UTC),
            postgres=postgres_server,
            kafka=kafka_server,
            prefix=kafka_prefix,
        ) as world,
        httpx.AsyncClient(timeout=10) as client,
    ):
        await reported(world.player.person("RTH", "trust"), connected_to_air("2018-12-14"))

        async def caught_up() -> bool:
            carried = await _lags(client, world, "intake")
            heard = await _lags(client, world, "assurance")
            return (
                carried.get(("projection:events", "log")) == 0
                and carried.get(("relay", "opendoor.intake.v1")) == 0
                and heard.get(("assurance", "opendoor.intake.v1")) == 0
            )

        async def well() -> bool:
            said = [await _status(client, world, one) for one in SERVICES]
            return all(one["status"] == "ok" and "bus" in one["checks"] for one in said)

        await until(caught_up, PATIENCE)
        await until(well, PATIENCE)


async def _lags(
    client: httpx.AsyncClient, world: ProcessWorld, service: str
) -> dict[tuple[str, str], float]:
    """How far a worker's readers are behind, all partitions of a topic together."""
    answer = await client.get(f"{world.url(f'work {service}')}/metrics")
    assert answer.status_code == 200
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            if one.name == "opendoor_reader_lag":
                place = one.labels["reader"], one.labels["topic"]
                found[place] = found.get(place, 0) + one.value
    return found


async def _status(client: httpx.AsyncClient, world: ProcessWorld, service: str) -> dict[str, Any]:
    answer = await client.get(f"{world.url(f'serve {service}')}/{service}/_status")
    assert answer.status_code == 200
    return dict(answer.json())
