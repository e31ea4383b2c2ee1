"""The bus on Apache Kafka keeps what every bus promises, and what only Kafka can do to us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka.admin import AdminClient
from structlog.testing import capture_logs

from shared.bus.base import Serve, Source
from shared.bus.kafka import KafkaPartition, KafkaSource, make_topics
from shared.contracts.envelope import CloudEvent
from shared.kernel.errors import Misconfigured, Unavailable
from shared.log.base import Log
from tests.kit.bus import LESSONS, SOURCES, Reader, taken_up_to, told, until
from tests.kit.cases.bus import BusCases, NewReader
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.process import free_port


class KafkaBus:
    """Both topics, told by a plain producer."""

    def __init__(self, bootstrap: str, prefix: str, producer: AIOKafkaProducer) -> None:
        self.bootstrap = bootstrap
        self.prefix = prefix
        self._producer = producer

    async def tell(self, *events: CloudEvent, topic: str = LESSONS) -> None:
        for one in events:
            await self._producer.send(
                f"{self.prefix}{topic}",
                key=one.key.encode(),
                value=one.data,
                headers=one.kafka_headers(),
            )
        await self._producer.flush()

    async def say(self, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        await self._producer.send_and_wait(
            f"{self.prefix}{LESSONS}", value, key=b"junk", headers=headers
        )

    def source(self) -> Source:
        return KafkaSource(
            self.bootstrap, (LESSONS, SOURCES), group=f"{self.prefix}reader", prefix=self.prefix
        )


@asynccontextmanager
async def bus_on(server: KafkaServer, prefix: str) -> AsyncIterator[KafkaBus]:
    await make_topics(server.bootstrap, (LESSONS, SOURCES), replication=1, prefix=prefix)
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, enable_idempotence=True)
    await producer.start()
    try:
        yield KafkaBus(server.bootstrap, prefix, producer)
    finally:
        await producer.stop()


@pytest.fixture
async def bus(kafka_server: KafkaServer, kafka_prefix: str) -> AsyncIterator[KafkaBus]:
    async with bus_on(kafka_server, kafka_prefix) as bus:
        yield bus


class TestKafkaBus(BusCases):
    """Partitions come and go with the group; the cursor in the own log decides."""


@pytest.mark.parametrize(
    ("value", "headers", "fault"),
    [
        (None, [], "a record without a value"),
        (b"{}", [("ce_id", b"\xff")], "a header not in UTF-8"),
        (b"{}", [("ce_id", b"x/1")], "missing or odd"),
        (b"[", [("content-type", b"application/cloudevents+json")], "without JSON"),
    ],
    ids=["tombstone", "not UTF-8", "half an envelope", "no JSON"],
)
async def test_what_cannot_be_read_is_kept_and_passed(
    bus: KafkaBus,
    new_reader: NewReader,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
    fault: str,
):
    await bus.tell(told(1))
    await bus.say(value, headers)
    await bus.tell(told(2))
    async with new_reader() as reader:
        await reader.hears("a/1", "a/2")
        (letter,) = await reader.consumer.letters.waiting()
        assert letter.n == -2
        assert fault in letter.error
        await reader.consumer.letters.ask(f"{LESSONS}/0#-2", "skip_requested", reason="not ours")

        async def gone() -> bool:
            return not await reader.consumer.letters.waiting()

        await until(gone)
        await bus.tell(told(3))
        await reader.hears("a/1", "a/2", "a/3")


async def test_what_cannot_be_read_and_is_missing_stops_its_partition_by_name(
    bus: KafkaBus, new_reader: NewReader
):
    """A damaged envelope has no number: where it was the next one, only a person can say so."""
    await bus.tell(told(1))
    await bus.say(told(2).data, [("ce_id", b"half a record")])
    await bus.tell(told(3))
    with capture_logs() as said:
        async with new_reader() as reader:
            state = reader.consumer.states

            async def stands_still() -> bool:
                return (LESSONS, 0) in state and state[LESSONS, 0].standing == "red"

            await until(stands_still)
            found = state[LESSONS, 0]
            assert found.fault == "unreadable"
            assert f"{LESSONS}/0: 2 is missing, 3 comes next" in found.why
            assert f"({LESSONS}/0#-2)" in found.why
            assert await reader.heard() == ["a/1"]
    assert [one["event"] for one in said].count("series_gap") == 1


async def test_structured_mode_is_read_too(bus: KafkaBus, new_reader: NewReader):
    await bus.say(
        told(1).structured(), [("content-type", b"Application/CloudEvents+json; charset=UTF-8")]
    )
    async with new_reader() as reader:
        await reader.hears("a/1")


async def test_kafkas_own_offsets_are_written_and_never_read(bus: KafkaBus, new_reader: NewReader):
    place = TopicPartition(f"{bus.prefix}{LESSONS}", 0)
    await bus.tell(told(1), told(2))
    async with new_reader() as reader:
        await reader.reaches(2)
        await until(lambda: _committed(bus, place, 2))
    await _commit(bus, place, 0)
    await bus.tell(told(3))
    async with new_reader() as reader:
        await reader.hears("a/1", "a/2", "a/3")
    await _commit(bus, place, 3)
    async with new_reader() as reader:
        await bus.tell(told(4))
        await reader.hears("a/1", "a/2", "a/3", "a/4")


async def test_a_group_that_is_deleted_changes_nothing(bus: KafkaBus, new_reader: NewReader):
    place = TopicPartition(f"{bus.prefix}{LESSONS}", 0)
    await bus.tell(told(1), told(2))
    async with new_reader() as reader:
        await reader.reaches(2)
        await until(lambda: _committed(bus, place, 2))
    await asyncio.to_thread(_delete_group, bus)
    assert not await _committed(bus, place, 2)
    await bus.tell(told(3))
    async with new_reader() as reader:
        await reader.hears("a/1", "a/2", "a/3")


def _delete_group(bus: KafkaBus) -> None:
    admin = AdminClient({"bootstrap.servers": bus.bootstrap})
    for deleted in admin.delete_consumer_groups([f"{bus.prefix}reader"]).values():
        deleted.result(30)


async def _committed(bus: KafkaBus, place: TopicPartition, offset: int) -> bool:
    async with _client(bus) as consumer:
        return bool(await consumer.committed(place) == offset)


async def _commit(bus: KafkaBus, place: TopicPartition, offset: int) -> None:
    async with _client(bus) as consumer:
        consumer.assign([place])
        await consumer.commit({place: offset})


def _client(bus: KafkaBus) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap, group_id=f"{bus.prefix}reader", enable_auto_commit=False
    )


async def test_a_repeat_at_another_offset_does_not_move_the_reader_astray(
    bus: KafkaBus, new_reader: NewReader
):
    """A resumed relay may repeat numbers: offsets then run ahead of them."""
    await bus.tell(told(1), told(1), told(2), told(1), told(2))
    async with new_reader() as reader:
        await reader.reaches(2)
    await bus.tell(told(3))
    async with new_reader() as reader:
        await reader.hears("a/1", "a/2", "a/3")


async def test_the_source_waits_for_topics_that_are_missing(
    kafka_server: KafkaServer, kafka_prefix: str, own: Log
):
    source = KafkaSource(
        kafka_server.bootstrap, (LESSONS,), group=f"{kafka_prefix}reader", prefix=kafka_prefix
    )
    async with Reader(own, source) as reader:
        await until(lambda: _says(source, "waiting for"))
        async with bus_on(kafka_server, kafka_prefix) as bus:
            await bus.tell(told(1))
        await reader.hears("a/1")
        await until(lambda: _says(source, ""))


async def _says(source: KafkaSource, words: str) -> bool:
    return words in source.state.why and source.state.reachable is (words == "")


async def test_a_broker_that_is_gone_is_unavailable():
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable):
        await make_topics(nowhere, (LESSONS,), replication=1)
    source = KafkaSource(nowhere, (LESSONS,), group="g")
    with pytest.raises(Unavailable):
        await source.run(_nobody, asyncio.Event())
    assert not source.state.reachable


async def _nobody(*_: object) -> None:
    raise AssertionError("nobody has a partition")


async def test_topics_are_made_once_for_ever_and_refused_in_another_size(
    kafka_server: KafkaServer, kafka_prefix: str
):
    for _ in range(2):
        await make_topics(kafka_server.bootstrap, (LESSONS,), replication=1, prefix=kafka_prefix)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{kafka_prefix}{SOURCES}", 3, 1)])
    finally:
        await admin.close()
    with pytest.raises(Misconfigured, match="has 3 partitions, not 1"):
        await make_topics(kafka_server.bootstrap, (SOURCES,), replication=1, prefix=kafka_prefix)
    with pytest.raises(Misconfigured, match="cannot be made"):
        await make_topics(kafka_server.bootstrap, (LESSONS,), replication=3, prefix="other.")


class Silent:
    """A client whose broker does not answer, and a source of nothing."""

    async def end_offsets(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    getmany = end_offsets

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        await stop.wait()


async def test_a_partition_that_went_while_its_end_was_asked_for_is_not_taken_for_rewound(
    own: Log,
):
    """Who is rewound once takes nothing more: here another process has it, and it may come back."""
    await taken_up_to(own, 3)
    reader = Reader(own, Silent())
    partition = KafkaPartition(Silent(), TopicPartition(LESSONS, 0), "")
    stepping = asyncio.create_task(reader.consumer.step(partition))
    await asyncio.sleep(0)
    partition.gone.set_result(None)
    assert await stepping == 0


async def test_a_fault_of_a_reader_gives_its_partitions_back(bus: KafkaBus, new_reader: NewReader):
    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    source = bus.source()
    with pytest.raises(RuntimeError, match="a fault of ours"):
        await source.run(broken, asyncio.Event())
    await bus.tell(told(1))
    async with new_reader() as reader:
        await reader.hears("a/1")


async def test_of_three_readers_of_two_partitions_one_rightly_reads_none(bus: KafkaBus):
    """A reader that was given nothing has been told so: until then it says that it waits."""
    served: list[KafkaPartition] = []
    stop = asyncio.Event()

    async def serve(partition: object, until_: asyncio.Event) -> None:
        assert isinstance(partition, KafkaPartition)
        served.append(partition)
        await until_.wait()
        served.remove(partition)

    sources = [bus.source() for _ in range(3)]
    assert isinstance(sources[0], KafkaSource)
    assert not sources[0].state.shared_out
    running = [asyncio.create_task(one.run(serve, stop)) for one in sources]

    async def shared_out() -> bool:
        told = [one.state for one in sources if isinstance(one, KafkaSource)]
        return len(served) == 2 and all(one.shared_out and not one.why for one in told)

    await until(shared_out, within=90)
    read = sorted(len(one.state.lag) for one in sources if isinstance(one, KafkaSource))
    assert read == [0, 1, 1]
    stop.set()
    await asyncio.gather(*running)
