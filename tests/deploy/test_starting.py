"""Every start command that compose names, as a process with its variables, until its probe."""

import asyncio
from pathlib import Path

import pytest

from tests.deploy.files import Container, compose_containers
from tests.deploy.starting import machine, replaced
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer

COMPOSE = {one.name: one for one in compose_containers()}


def going_on() -> list[Container]:
    return [one for one in COMPOSE.values() if one.command[0] in ("serve", "work")]


def test_every_process_that_goes_on_is_probed_where_it_answers() -> None:
    for one in going_on():
        verb, service = one.command
        assert one.probe == (f"/{service}/readyz" if verb == "serve" else "/readyz")


@pytest.mark.timeout(600)
async def test_each_command_of_compose_comes_to_its_probe_and_ends_in_order(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
) -> None:
    services = [one.command[1] for one in going_on() if one.command[0] == "serve"]
    parts = [f"{server}_{service}" for server in ("postgres", "keys") for service in services]
    with postgres_server.fresh_databases(*parts) as url:
        translate = replaced(
            [
                *(
                    (
                        f"postgresql+asyncpg://postgres@{server}:5432/{{service}}",
                        url.replace("{part}", f"{server}_{{service}}"),
                    )
                    for server in ("postgres", "keys")
                ),
                ("kafka://kafka:9092", kafka_server.url),
                ("/var/lib/open-door", str(tmp_path)),
            ]
        )
        containers = [prefixed(one, kafka_prefix) for one in COMPOSE.values()]
        by_name = {one.name: one for one in containers}
        async with machine(tmp_path, translate) as here:
            told = await here.finish(by_name["migrate"])
            token = await here.finish(by_name["issuer"])
            assert [line.split(":")[0] for line in told.splitlines()] == services
            assert token.count(".") == 2
            started = [by_name[one.name] for one in going_on()]
            await asyncio.gather(*(here.begin(one) for one in started))
            for one in started:
                if one.command[0] == "serve":
                    metrics = await here.ask(one, f"/{one.command[1]}/metrics")
                else:
                    metrics = await here.ask(one, "/metrics")
                assert metrics.status_code == 200
                assert "opendoor_reader_lag" in metrics.text


def prefixed(container: Container, prefix: str) -> Container:
    """The same, beside other tests on their broker."""
    environment = {**container.environment, "OPENDOOR_TOPIC_PREFIX": prefix}
    return Container(
        name=container.name,
        command=container.command,
        environment=environment,
        probe=container.probe,
    )
