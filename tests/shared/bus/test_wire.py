"""What stands in Kafka, as clients of other people's making see it (E7, E8, E11)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent

from shared.bus.base import Partition, Record
from shared.bus.kafka import KafkaSource, make_topics
from shared.bus.relay import Relay
from shared.contracts.envelope import CloudEvent, Tell, cloud_event, seal_envelope
from shared.contracts.intake import EventWithdrawnV1
from shared.contracts.murmur2 import partition_of
from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Entry, Log, NewContract, NewEvent
from shared.log.sqlite import SqliteLog
from tests.kit import kcat
from tests.kit.bus import until
from tests.kit.servers.kafka import KafkaServer

TOPIC = "opendoor.intake.v1"
PARTITIONS = 12
KEYS = [f"incident-{letter * 26}" for letter in "abcdefghijklmnopqrst"]
WITHDRAWN = EventWithdrawnV1(
    incident="a" * 26,
    kind="safety_event",
    reported_by="RTH",
    occurred_at="RTH01",
    leads="RTH",
    day="2018-12-19",
    day_precision="day",
    identified_on="2018-12-19",
    framework="SIF2015",
    reason="entered twice – “so”",
)


@pytest.fixture
async def teller(tmp_path: Path) -> AsyncIterator[Log]:
    log = SqliteLog(tmp_path / "intake.db", SystemClock())
    await log.store.write(schema.create)
    yield log
    await log.close()


@pytest.fixture
async def topic(kafka_server: KafkaServer, kafka_prefix: str) -> str:
    """The topic's name in Kafka."""
    await make_topics(kafka_server.bootstrap, (TOPIC,), replication=1, prefix=kafka_prefix)
    return f"{kafka_prefix}{TOPIC}"


async def tell(log: Log, stream: str, version: int) -> None:
    told = Tell(contract=WITHDRAWN, time="2018-12-19T09:30:00Z", subject="a" * 26)
    envelope = seal_envelope(
        told, stream=stream, version=version, correlation="c", causation="", traceparent=""
    )
    event = NewEvent(
        stream=stream, version=version, type="withdrawn", schema=1, data=b"{}", meta=b"{}"
    )
    fields = {name: getattr(envelope, name) for name in type(envelope).__slots__}
    await log.append([Entry(events=(event,), contracts=(NewContract(**fields),))])


async def stored(log: Log) -> dict[int, list[CloudEvent]]:
    """What was told, by partition."""
    heads = await log.published_heads(TOPIC)
    return {
        partition: [cloud_event(row) for row in await log.published(TOPIC, partition, 0, head)]
        for partition, head in sorted(heads.items())
    }


@asynccontextmanager
async def relayed(log: Log, server: KafkaServer, prefix: str) -> AsyncIterator[Relay]:
    relay = Relay(log, TOPIC, server.bootstrap, prefix, "this test")
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    yield relay
    stop.set()
    async with asyncio.timeout(10):
        await running


async def test_kcat_sees_each_stored_byte_in_order(
    teller: Log, topic: str, kafka_server: KafkaServer, kafka_prefix: str
):
    for version in (1, 2):
        for key in KEYS:
            await tell(teller, key, version)
    async with relayed(teller, kafka_server, kafka_prefix) as relay:
        await until(lambda: _sent(relay, 2 * len(KEYS)))
    told = await stored(teller)
    assert len(told) > 6, "keys of a few partitions alone would prove little"
    seen = await kcat.read(kafka_server.bootstrap, topic)
    assert [(one.partition, one.offset, one.key, one.headers, one.value) for one in seen] == [
        (partition, offset, event.key, dict(event.kafka_headers()), event.data)
        for partition, events in told.items()
        for offset, event in enumerate(events)
    ]


async def _sent(relay: Relay, count: int) -> bool:
    return relay.state.sent == count


async def test_the_official_sdk_reads_what_kcat_sees(
    teller: Log, topic: str, kafka_server: KafkaServer, kafka_prefix: str
):
    await tell(teller, KEYS[0], 1)
    async with relayed(teller, kafka_server, kafka_prefix) as relay:
        await until(lambda: _sent(relay, 1))
    (seen,) = await kcat.read(kafka_server.bootstrap, topic)
    theirs = from_kafka(KafkaMessage(seen.headers, seen.key, seen.value), JSONFormat(), SdkEvent)
    assert theirs.get_id() == f"{KEYS[0]}/1"
    assert theirs.get_type() == "opendoor.intake.event_withdrawn.v1"
    assert theirs.get_source() == "urn:open-door:intake"
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_extension("sequence") == "00000000000000000001"
    assert theirs.get_extension("partitionkey") == KEYS[0]
    assert theirs.get_data() == orjson.loads(seen.value)
    assert orjson.loads(seen.value)["reason"] == WITHDRAWN.reason


async def test_kcat_chooses_the_partition_that_the_commit_chose(
    topic: str, kafka_server: KafkaServer
):
    for key in KEYS[:8]:
        await kcat.write(kafka_server.bootstrap, topic, b"x", key=key)
    seen = await kcat.read(kafka_server.bootstrap, topic)
    assert {one.key: one.partition for one in seen} == {
        key: partition_of(key.encode(), PARTITIONS) for key in KEYS[:8]
    }


async def test_a_reader_of_ours_takes_both_forms_from_kcat(
    topic: str, kafka_server: KafkaServer, kafka_prefix: str
):
    event = told_by_another()
    attributes = event.attributes
    binary = {f"ce_{name}": text for name, text in attributes.items() if name != "datacontenttype"}
    later = replace(event, attributes={**attributes, "sequence": "2", "id": f"{KEYS[0]}/2"})
    await _headed(kafka_server, topic, event.data, {**binary, "content-type": "application/json"})
    await _headed(
        kafka_server,
        topic,
        later.structured(),
        {"content-type": "application/cloudevents+json; charset=UTF-8"},
    )
    found = await _read_two(kafka_server, kafka_prefix)
    assert [one.event for one in found] == [event, later]
    assert [one.n for one in found] == [1, 2]


def told_by_another() -> CloudEvent:
    envelope = seal_envelope(
        Tell(contract=WITHDRAWN, time="2018-12-19T09:30:00Z", subject="a" * 26),
        stream=KEYS[0],
        version=1,
        correlation="c",
        causation="",
        traceparent="",
    )
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": envelope.id,
            "type": envelope.type,
            **orjson.loads(envelope.attributes),
            "sequence": "1",
        },
        data=envelope.data,
    )


async def _headed(server: KafkaServer, topic: str, value: bytes, headers: dict[str, str]) -> None:
    await kcat.write(server.bootstrap, topic, value, key=KEYS[0], headers=headers)


async def _read_two(server: KafkaServer, prefix: str) -> list[Record]:
    source = KafkaSource(server.bootstrap, (TOPIC,), group=f"{prefix}reader", prefix=prefix)
    found: list[Record] = []
    stop = asyncio.Event()

    async def serve(partition: Partition, gone: asyncio.Event) -> None:
        await partition.rewind(0)
        while not gone.is_set():
            found.extend(await partition.read(0, 10))

    running = asyncio.create_task(source.run(serve, stop))
    await until(lambda: _two(found))
    stop.set()
    async with asyncio.timeout(10):
        await running
    return found


async def _two(found: Sequence[Record]) -> bool:
    return len(found) == 2
