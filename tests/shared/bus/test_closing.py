"""Clients of Kafka end in bounded time, and leave nothing running behind them."""

import asyncio
import gc
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.group_coordinator import GroupCoordinator

from shared.bus import closing
from shared.bus.kafka import make_topics
from tests.kit.bus import LESSONS, until
from tests.kit.servers.kafka import KafkaServer


async def _for_ever(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "LAST_WORD", 0.5)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Callable[[type, str], None]:
    """Makes the first call of a method wait for ever."""

    def hang(owner: type, name: str) -> None:
        real = getattr(owner, name)

        async def first(*told: object) -> None:
            monkeypatch.setattr(owner, name, real)
            await _for_ever()

        monkeypatch.setattr(owner, name, first)

    return hang


async def nothing_left() -> bool:
    """Whether this test's task is the only one; an open connection would warn when collected."""
    gc.collect()
    return asyncio.all_tasks() == {asyncio.current_task()}


async def _joined(server: KafkaServer, prefix: str) -> AIOKafkaConsumer:
    await make_topics(server.bootstrap, (LESSONS,), replication=1, prefix=prefix)
    consumer = AIOKafkaConsumer(
        f"{prefix}{LESSONS}",
        bootstrap_servers=server.bootstrap,
        group_id=f"{prefix}g",
        enable_auto_commit=False,
    )
    await consumer.start()

    async def assigned() -> bool:
        return bool(consumer.assignment())

    await until(assigned)
    return consumer


async def test_a_consumer_that_cannot_leave_its_group_ends_all_the_same(
    kafka_server: KafkaServer, kafka_prefix: str, once: Callable[[type, str], None]
):
    consumer = await _joined(kafka_server, kafka_prefix)
    once(GroupCoordinator, "_maybe_leave_group")
    await closing.leave(consumer)
    del consumer
    await until(nothing_left)


async def test_a_consumer_whose_stop_is_cut_short_gives_its_partitions_back(
    kafka_server: KafkaServer, kafka_prefix: str, once: Callable[[type, str], None]
):
    """Otherwise the next one would wait until the group forgets the first."""
    first = await _joined(kafka_server, kafka_prefix)
    once(GroupCoordinator, "_stop_heartbeat_task")
    await closing.leave(first)
    second = await _joined(kafka_server, kafka_prefix)
    await closing.leave(second)


async def test_a_consumer_without_a_group_ends_all_the_same(
    kafka_server: KafkaServer, once: Callable[[type, str], None]
):
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_server.bootstrap)
    await consumer.start()
    await consumer.topics()
    once(AIOKafkaClient, "close")
    await closing.leave(consumer)
    del consumer
    await until(nothing_left)


async def test_a_consumer_that_has_just_begun_ends_all_the_same(kafka_server: KafkaServer):
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_server.bootstrap)
    await consumer.start()
    await closing.leave(consumer)
    del consumer
    await until(nothing_left)


async def test_who_is_cancelled_while_closing_is_cancelled():
    leaving = asyncio.create_task(closing.close(_Stuck()))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving


class _Stuck:
    """A client that never closes."""

    close = staticmethod(_for_ever)


async def test_a_producer_and_an_admin_client_end_all_the_same(
    kafka_server: KafkaServer, once: Callable[[type, str], None]
):
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap)
    await producer.start()
    once(AIOKafkaClient, "close")
    await closing.discard(producer)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.bootstrap)
    await admin.start()
    await closing.close(admin)
    del producer, admin
    await until(nothing_left)


async def test_a_producer_that_is_discarded_sends_nothing_more(kafka_server: KafkaServer):
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap, linger_ms=60_000)
    await producer.start()
    sending = asyncio.ensure_future(producer.send_and_wait("nowhere-at-all", b"x"))
    await asyncio.sleep(0)
    await closing.discard(producer)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await until(nothing_left)
