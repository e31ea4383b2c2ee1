"""One trace through six processes and Kafka, as a collector on the network meets it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.demonstration import story_2018 as story
from tests.journeys.walks import cast_of
from tests.kit.bus import until
from tests.kit.collector import Collector, Sent, collector
from tests.kit.processes import process_world
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer

TOPIC = "opendoor.intake.v1"
HEAR = "hear opendoor.intake.classification_decided.v1"
PATIENCE = 90.0
ROAD = [
    ("project cases", "open-door-assurance-worker"),
    (HEAR, "open-door-assurance-worker"),
    ("POST /events/{event}/classification", "open-door-intake-api"),
]
STEPS = {
    *ROAD,
    (f"send {TOPIC}", "open-door-intake-worker"),
    (f"commit {TOPIC}", "open-door-assurance-worker"),
}


@pytest.mark.timeout(600)
async def test_a_trace_goes_through_kafka_to_the_case_s_row(
    tmp_path: Path,
    postgres_server: PostgresServer,
    kafka_server: KafkaServer,
    kafka_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
):
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
            await story.relate(cast_of(world.player))
            trust = world.player.person("RTH", "trust")
            event = await story.reported(trust, story.connected_to_air("2018-12-14"))
            decision = {"outcome": "meets", "type": "15", "reason": "On the list."}
            await trust.does(f"/intake/events/{event}/classification", decision)

            async def arrived() -> bool:
                return any(_whole(found, one) for one in found.sent)

            await until(arrived, PATIENCE)


def _whole(found: Collector, last: Sent) -> bool:
    """Whether this is the row at the end of the road, and the steps beside it have come too."""
    steps = found.of(last.trace_id)
    others = {(one.name, one.process) for one in steps}
    return last.name == "project cases" and others >= STEPS and _road(steps, last) == ROAD


def _road(steps: list[Sent], last: Sent) -> list[tuple[str, str]]:
    """From a step back to the one that began its trace, each with its process."""
    by_id = {one.span_id: one for one in steps}
    found = [last]
    while found[-1].follows:
        found.append(by_id[found[-1].follows])
    return [(one.name, one.process) for one in found]
