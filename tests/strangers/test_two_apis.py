"""Sixteen posts of one reference at once, over two API processes of one database: one record, and
every other is answered where it lies."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from services.demonstration.story_2018 import connected_to_air
from tests.kit.processes import ProcessWorld, process_world
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.process import free_port

AT = datetime(2018, 12, 19, 9, tzinfo=UTC)
AT_ONCE = 16
SERVE = "serve intake"


@pytest.mark.timeout(300)
async def test_one_reference_is_one_record_whichever_api_is_asked(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
):
    async with process_world(
        tmp_path,
        AT,
        postgres=postgres_server,
        kafka=kafka_server,
        prefix=kafka_prefix,
        services=(),
    ) as world:
        urls = await two_apis(world)
        token = world.player.token("RTH", "trust", "p1")
        answers = await asyncio.gather(
            *(posted(urls[n % len(urls)], token, n) for n in range(AT_ONCE))
        )
        made = [one for one in answers if one.status_code == 201]
        others = [one for one in answers if one.status_code == 409]
        assert (len(made), len(others)) == (1, AT_ONCE - 1), [one.text for one in answers]
        location = made[0].headers["location"]
        assert {one.json()["type"] for one in others} == {"/problems/already-exists"}
        assert {one.json()["link"] for one in others} == {location}
        assert streams(world) == 1


async def two_apis(world: ProcessWorld) -> list[str]:
    """The addresses of two processes that serve the same database."""
    urls = []
    for name in ("one", "another"):
        await world.start("serve", "intake")
        urls.append(world.url(SERVE))
        world.running[name] = world.running.pop(SERVE)
        world.ports[SERVE] = free_port()
    return urls


async def posted(url: str, token: str, n: int) -> httpx.Response:
    """The report under a key of its own, with the reference that all have."""
    reference = {"system": "lrms", "value": "the only one"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f'"at-once-{n}"'}
    body = {**connected_to_air("2018-12-14"), "reference": reference, "location": f"Ward {n}"}
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        return await client.post("/intake/events", json=body, headers=headers)


def streams(world: ProcessWorld) -> int:
    """How many records the log has."""
    with psycopg.connect(world.databases["intake"].replace("+asyncpg", "")) as asking:
        row = asking.execute("select count(distinct stream) from events").fetchone()
    return int(row[0]) if row else 0
