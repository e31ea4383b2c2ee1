"""The relay on real Kafka: numbers may be repeated, and are never skipped or reordered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from shared.bus import relay as relaying
from shared.bus.kafka import make_topics
from shared.bus.relay import Relay
from shared.kernel.errors import Broken
from shared.log import leases
from tests.kit.bus import LESSONS, SOURCES, until
from tests.kit.relaying import Teller, carrying, is_dense, numbers, records, teller_in
from tests.kit.servers.kafka import KafkaServer, OwnKafka

SHORT = timedelta(seconds=0.6)
LEASE = f"relay:{LESSONS}"


@pytest.fixture
async def bootstrap(kafka_server: KafkaServer, kafka_prefix: str) -> str:
    topics = (LESSONS, SOURCES)
    await make_topics(kafka_server.bootstrap, topics, replication=1, prefix=kafka_prefix)
    return kafka_server.bootstrap


@pytest.fixture
async def teller(tmp_path: Path) -> AsyncIterator[Teller]:
    async with teller_in(tmp_path / "teller.db") as made:
        yield made


def test_the_judge_sees_a_skip_and_lets_repeats_pass():
    assert is_dense([1, 2, 3, 2, 3, 4])
    assert not is_dense([1, 3, 2])


async def test_more_than_a_batch_arrives_in_order(
    bootstrap: str, kafka_prefix: str, teller: Teller, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relaying, "BATCH_BYTES", 4_000)
    await teller.tells(100)
    async with carrying(Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")) as relay:
        await teller.tells(100)
        found = await records(bootstrap, f"{kafka_prefix}{LESSONS}", at_least=200)
        assert numbers(found) == list(range(1, 201))
        assert [one.data for one in found] == [b'{"n":%d}' % n for n in range(1, 201)]
        await until(lambda: _stands(relay, "running"))
        assert relay.state.sent == 200


async def _stands(relay: Relay, standing: str) -> bool:
    return relay.state.standing == standing


async def test_another_relay_goes_on_from_kafkas_last_record(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    for _ in range(3):
        await teller.tells(2)
        relay = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")
        async with carrying(relay):
            await until(partial(_sent, relay, 2))
    found = await records(bootstrap, f"{kafka_prefix}{LESSONS}", at_least=6)
    assert numbers(found) == [1, 2, 3, 4, 5, 6]


async def _sent(relay: Relay, count: int) -> bool:
    return relay.state.sent == count


async def test_of_two_relays_one_stands_by_and_takes_over(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    second = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "two")
    async with carrying(Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")) as first:
        await until(lambda: _stands(first, "running"))
        async with carrying(second):
            await until(lambda: _stands(second, "standby"))
            await teller.tells(3)
            await until(lambda: _sent(first, 3))
            assert second.state.sent == 0
    async with carrying(second):
        await until(lambda: _stands(second, "running"))
        await teller.tells(1)
        await until(lambda: _sent(second, 1))
    found = await records(bootstrap, f"{kafka_prefix}{LESSONS}", at_least=4)
    assert numbers(found) == [1, 2, 3, 4]


async def test_two_that_carry_at_once_skip_and_reorder_nothing(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    """Both believe that the lease is theirs: they have one name."""
    relays = [Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "same") for _ in range(2)]
    async with carrying(relays[0]), carrying(relays[1]):
        for _ in range(20):
            await teller.tells(5)
        # Not by their own word: a relay that has not looked again still says that it is level.
        await until(partial(_reaches, bootstrap, f"{kafka_prefix}{LESSONS}", 100))
    found = numbers(await records(bootstrap, f"{kafka_prefix}{LESSONS}", at_least=100))
    assert is_dense(found)
    assert max(found) == 100


async def _reaches(bootstrap: str, topic: str, n: int) -> bool:
    return max(numbers(await records(bootstrap, topic, at_least=1))) >= n


async def test_a_relay_that_lost_its_lease_sends_nothing_more(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    relay = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one", lease=SHORT)
    async with carrying(relay):
        await until(lambda: _stands(relay, "running"))
        await leases.release(teller.log.store, LEASE, "one")
        taken = await leases.acquire(teller.log.store, LEASE, "two", timedelta(minutes=1))
        if taken:  # the relay may have renewed it in between
            await until(lambda: _stands(relay, "standby"))
            await teller.tells(1)
            assert relay.state.sent == 0
        assert taken


async def test_a_log_that_was_restored_to_an_earlier_day_is_not_carried_on(
    bootstrap: str, kafka_prefix: str, teller: Teller, tmp_path: Path
):
    await _carried(teller, bootstrap, kafka_prefix, 3)
    async with teller_in(tmp_path / "restored.db") as restored:
        await restored.tells(2)
        await _refuses(restored, bootstrap, kafka_prefix, "series-rewound")


async def test_nor_is_one_that_has_since_told_something_else(
    bootstrap: str, kafka_prefix: str, teller: Teller, tmp_path: Path
):
    await _carried(teller, bootstrap, kafka_prefix, 3)
    async with teller_in(tmp_path / "restored.db", "another") as restored:
        await restored.tells(5)
        await _refuses(restored, bootstrap, kafka_prefix, "series-rewound")


async def test_a_topic_whose_records_were_deleted_is_not_begun_again(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    await _carried(teller, bootstrap, kafka_prefix, 3)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        place = TopicPartition(f"{kafka_prefix}{LESSONS}", 0)
        await admin.delete_records({place: RecordsToDelete(before_offset=3)})
    finally:
        await admin.close()
    await _refuses(teller, bootstrap, kafka_prefix, "series-unreadable")


async def test_a_topic_that_somebody_else_wrote_to_is_not_carried_on(
    bootstrap: str, kafka_prefix: str, teller: Teller
):
    await teller.tells(1)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(f"{kafka_prefix}{LESSONS}", b"not ours")
    finally:
        await producer.stop()
    await _refuses(teller, bootstrap, kafka_prefix, "series-unreadable")


async def _carried(teller: Teller, bootstrap: str, prefix: str, count: int) -> None:
    await teller.tells(count)
    async with carrying(Relay(teller.log, LESSONS, bootstrap, prefix, "one")) as relay:
        await until(lambda: _sent(relay, count))


async def _refuses(teller: Teller, bootstrap: str, prefix: str, slug: str) -> None:
    relay = Relay(teller.log, LESSONS, bootstrap, prefix, "one")
    with pytest.raises(Broken, match=slug):
        await relay.run(asyncio.Event())
    assert relay.state.standing == "red"
    assert await leases.holder(teller.log.store, LEASE) is None


async def test_a_missing_topic_is_waited_for(
    kafka_server: KafkaServer, kafka_prefix: str, teller: Teller
):
    bootstrap = kafka_server.bootstrap
    await teller.tells(1)
    async with carrying(Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")) as relay:
        await until(lambda: _stands(relay, "waiting"))
        assert "opendoor migrate" in relay.state.why
        await make_topics(bootstrap, (LESSONS,), replication=1, prefix=kafka_prefix)
        await until(lambda: _sent(relay, 1))


async def test_kafka_may_be_killed_and_come_back(own_kafka: OwnKafka, teller: Teller):
    bootstrap = own_kafka.server.bootstrap
    await make_topics(bootstrap, (LESSONS,), replication=1)
    async with carrying(Relay(teller.log, LESSONS, bootstrap, "", "one")) as relay:
        await teller.tells(3)
        await until(lambda: _sent(relay, 3))
        await asyncio.to_thread(own_kafka.kill)
        await teller.tells(3)
        await until(lambda: _stands(relay, "waiting"))
        await asyncio.to_thread(own_kafka.start)
        await until(lambda: _sent(relay, 6))
        assert relay.state.standing == "running"
        found = numbers(await records(bootstrap, LESSONS, at_least=6))
        assert is_dense(found)
        assert max(found) == 6


async def test_it_ends_in_time_while_kafka_is_down(own_kafka: OwnKafka, teller: Teller):
    bootstrap = own_kafka.server.bootstrap
    await make_topics(bootstrap, (LESSONS,), replication=1)
    async with carrying(Relay(teller.log, LESSONS, bootstrap, "", "one")) as relay:
        await until(lambda: _stands(relay, "running"))
        await asyncio.to_thread(own_kafka.kill)
        await teller.tells(1)
        await until(lambda: _lags(relay))


async def _lags(relay: Relay) -> bool:
    return relay.state.lag == {0: 1}
