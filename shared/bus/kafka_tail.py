"""Kafka's own last word: how far a topic has come, by its last record in each partition."""

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.bus.closing import leave
from shared.bus.encrypting import Tls, by
from shared.contracts.envelope import CloudEvent, NotACloudEvent, from_kafka
from shared.kernel.errors import Broken, Unavailable

PATIENCE = 10.0
"""Seconds in which every partition must have answered."""


async def last_records(
    bootstrap: str, topic: str, partitions: int, tls: Tls = None
) -> dict[int, CloudEvent]:
    """The last record of each partition that has any; `topic` is the name in Kafka.

    Raises Unavailable when Kafka or the topic is gone, Broken where records were deleted or the
    last one is no CloudEvent: what was sent is then not known.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **by(tls),
    )
    places = [TopicPartition(topic, number) for number in range(partitions)]
    try:
        async with asyncio.timeout(PATIENCE):
            await consumer.start()
            if topic not in await consumer.topics():
                raise Unavailable(f"Topic {topic} is missing: run `opendoor migrate`.")
            consumer.assign(places)
            return await _read(consumer, await _filled(consumer, places))
    except (KafkaError, TimeoutError) as error:
        raise Unavailable(f"Kafka cannot be read: {type(error).__name__}.") from error
    finally:
        await leave(consumer)


async def _filled(
    consumer: AIOKafkaConsumer, places: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """The offset of the last record of each partition that ever had one."""
    ends = await consumer.end_offsets(places)
    begins = await consumer.beginning_offsets(places)
    for place in places:
        if ends[place] and begins[place] >= ends[place]:
            raise _unreadable(place)
    return {place: end - 1 for place, end in ends.items() if end}


async def _read(
    consumer: AIOKafkaConsumer, last: dict[TopicPartition, int]
) -> dict[int, CloudEvent]:
    for place, offset in last.items():
        consumer.seek(place, offset)
    found: dict[int, CloudEvent] = {}
    while len(found) < len(last):
        waiting = [one for one in last if one.partition not in found]
        for place, records in (await consumer.getmany(*waiting, timeout_ms=500)).items():
            if records:
                found[place.partition] = _event(place, records[-1].headers, records[-1].value)
        for place in waiting:
            # Past the offset without a record: what stood there is no record that can be read.
            passed = place.partition not in found and await consumer.position(place) > last[place]
            if passed:
                raise _unreadable(place)
    return found


def _event(
    place: TopicPartition, headers: tuple[tuple[str, bytes | None], ...], value: bytes | None
) -> CloudEvent:
    with suppress(NotACloudEvent):
        return from_kafka(headers, value)
    raise _unreadable(place)


def _unreadable(place: TopicPartition) -> Broken:
    return Broken(
        f"series-unreadable: {place.topic}/{place.partition} has an end but no last record of ours;"
        " records were deleted or something else writes there."
    )
