"""The kit's Kafka: a record goes through, kcat sees its topic, and kill -9 loses nothing."""

import asyncio
import shutil
import subprocess

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kit.servers.kafka import KafkaServer, OwnKafka
from tests.kit.servers.plugin import unmet
from tests.kit.waiting import eventually


def output_of(command: list[str]) -> str:
    # kcat waits for ever on a broker that is gone, whatever -m says: hence the limit.
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return said.stdout


async def make_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        made = await admin.create_topics([NewTopic(topic, 1, 1)])
        assert made.topic_errors[0][1] == 0
    finally:
        await admin.close()


async def send(bootstrap: str, topic: str, value: bytes) -> int:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        return int((await producer.send_and_wait(topic, value, key=b"key")).offset)
    finally:
        await producer.stop()


async def receive(bootstrap: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return bytes((await consumer.getone()).value)
    finally:
        await consumer.stop()


async def test_a_record_goes_through(kafka_server: KafkaServer, kafka_prefix: str) -> None:
    topic = f"{kafka_prefix}round"
    await make_topic(kafka_server.bootstrap, topic)
    assert await send(kafka_server.bootstrap, topic, b"said") == 0
    assert await receive(kafka_server.bootstrap, topic) == b"said"


async def test_kcat_sees_the_topic(kafka_server: KafkaServer, kafka_prefix: str) -> None:
    kcat = shutil.which("kcat")
    if kcat is None:
        unmet("kcat is not on the PATH")
    topic = f"{kafka_prefix}listed"
    await make_topic(kafka_server.bootstrap, topic)
    command = [str(kcat), "-L", "-b", kafka_server.bootstrap, "-t", topic, "-m", "10"]
    line = f'topic "{topic}" with 1 partitions'
    # A broker may answer that a topic is made before it tells of it.
    assert await asyncio.to_thread(eventually, lambda: line in output_of(command))


@pytest.mark.timeout(180)
async def test_a_killed_broker_keeps_what_it_acknowledged(own_kafka: OwnKafka) -> None:
    bootstrap = own_kafka.server.bootstrap
    await make_topic(bootstrap, "kept")
    await send(bootstrap, "kept", b"before")
    own_kafka.kill()
    own_kafka.start()
    assert await send(bootstrap, "kept", b"after") == 1
    assert await receive(bootstrap, "kept") == b"before"
