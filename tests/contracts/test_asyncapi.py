"""AsyncAPI: valid by its makers' own schema, whole, and with the headers that are really sent."""

from copy import deepcopy
from dataclasses import asdict
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import orjson
import pytest

from services.__main__ import load_services
from shared.contracts.asyncapi import document
from shared.contracts.base import decode
from shared.contracts.envelope import Tell, cloud_event, seal_envelope
from shared.contracts.registry import PARTITIONS, REGISTRY
from tests.kit.goldens import FOLDER
from tests.kit.servers.asyncapi_schema import asyncapi_schema
from tests.kit.servers.plugin import unmet
from tests.kit.servers.process import UnavailableError

WHOLE = document("1.2.3")


@pytest.fixture(scope="module")
def official() -> Any:
    try:
        return jsonschema_rs.validator_for(asyncapi_schema())
    except UnavailableError as error:
        unmet(f"AsyncAPI's own schema was not met: {error}.")


def test_it_is_valid_by_the_published_schema(official: Any):
    official.validate(WHOLE)
    for service in load_services():
        official.validate(document("1.2.3", service.name))


FAULTS: dict[str, tuple[str, ...]] = {
    "a version that is none": ("asyncapi",),
    "no title": ("info", "title"),
    "partitions that are no number": (
        *("channels", "opendoor.intake.v1", "bindings", "kafka", "partitions"),
    ),
    "an action that is none": ("operations", "tell-opendoor.intake.v1", "action"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_by_it(official: Any, name: str):
    *path, last = FAULTS[name]
    faulty = deepcopy(WHOLE)
    within: Any = faulty
    for word in path:
        within = within[word]
    within[last] = ["no"]
    assert not official.is_valid(faulty)


def test_every_contract_stands_once_on_its_topic():
    told = {name: set(channel["messages"]) for name, channel in WHOLE["channels"].items()}
    assert set(told) == set(PARTITIONS)
    for topic, types in told.items():
        assert types == {spec.type for spec in REGISTRY.values() if spec.topic == topic}
        kafka = WHOLE["channels"][topic]["bindings"]["kafka"]
        assert kafka["partitions"] == PARTITIONS[topic]
    assert set(WHOLE["components"]["messages"]) == set(REGISTRY)


def test_a_service_tells_its_own_alone():
    for service in load_services():
        own = document("1.2.3", service.name)
        assert set(own["channels"]) == set(service.topics)
        for name, message in own["components"]["messages"].items():
            assert message == WHOLE["components"]["messages"][name]


@pytest.mark.parametrize("type_", sorted(REGISTRY))
def test_headers_and_payload_are_those_that_are_sent(type_: str):
    message = WHOLE["components"]["messages"][type_]
    golden = (FOLDER / f"{type_}.json").read_bytes()
    tell = Tell(
        contract=decode(type_, golden),
        time="2018-12-19T12:00:00Z",
        subject="e1",
        dataref="/intake/events/e1",
    )
    envelope = seal_envelope(
        tell,
        stream="incident-e1",
        version=1,
        correlation="c",
        causation="incident-e0/1",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    )
    row = SimpleNamespace(**asdict(envelope), n=1, recorded_at=datetime(2018, 12, 19, tzinfo=UTC))
    headers = {name: value.decode() for name, value in cloud_event(row).kafka_headers()}
    exact = {**message["headers"], "additionalProperties": False}
    jsonschema_rs.validator_for(exact).validate(headers)
    assert set(headers) == set(exact["properties"]), "and all of them can be sent"
    jsonschema_rs.validator_for(message["payload"]).validate(orjson.loads(golden))
