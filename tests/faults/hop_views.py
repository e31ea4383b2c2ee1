"""What is seen of a hop: the telling log, `published`, the topic in Kafka, and the effects."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import select

from shared.bus.closing import leave
from shared.contracts.envelope import CloudEvent, from_kafka
from shared.log.base import Log
from shared.log.tables import CURSORS
from tests.faults.history import Seen, View, now
from tests.faults.hop_load import digest_of
from tests.faults.hop_setting import NUMBERS, READER, TOPIC, Setting

VIEWS = (View("published"), View("Kafka", repeats=True), View("effects"))
PAGE = 5_000


class Watcher:
    """Reads the topic in Kafka all the while, as anybody might; it rides out every fault."""

    def __init__(self, setting: Setting) -> None:
        self.seen: list[Seen] = []
        self.reached: dict[int, int] = {}
        self._setting = setting

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._setting.bootstrap,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
            request_timeout_ms=3_000,
        )
        await consumer.start()
        consumer.assign([TopicPartition(self._setting.topic, number) for number in NUMBERS])
        watching = asyncio.create_task(self._watch(consumer))
        try:
            with _quiet():
                yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await leave(consumer)

    async def _watch(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                found = await consumer.getmany(timeout_ms=100)
            except KafkaError:
                continue
            for place, records in found.items():
                for one in records:
                    self._meet(place.partition, from_kafka(one.headers, one.value))

    def _meet(self, partition: int, event: CloudEvent) -> None:
        n = event.sequence
        self.seen.append(_seen("Kafka", partition, n, event.id, event.data))
        self.reached[partition] = max(n, self.reached.get(partition, 0))


@contextmanager
def _quiet() -> Iterator[None]:
    """The client's words on faults that are made on purpose would fill a page."""
    words = logging.getLogger("aiokafka")
    before = words.level
    words.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        words.setLevel(before)


def _seen(reader: str, partition: int, n: int, item: str, data: bytes) -> Seen:
    series = f"{TOPIC}/{partition}"
    return Seen(reader=reader, series=series, n=n, item=item, digest=digest_of(data), at=now())


def reaches(reached: Mapping[int, int], heads: Mapping[int, int]) -> bool:
    """Whether every partition is as far as its head."""
    return all(reached.get(number, 0) >= head for number, head in heads.items())


async def cursors(hearing: Log, reader: str = READER) -> dict[int, int]:
    """How far a reader is, by partition."""
    at = (CURSORS.c.reader == reader) & (CURSORS.c.topic == TOPIC)
    rows = await hearing.store.read(select(CURSORS.c.partition, CURSORS.c.n).where(at))
    return {row.partition: row.n for row in rows}


async def the_log(telling: Log) -> list[Seen]:
    """The telling log as it stands; an item is a contract's id: `<stream>/<version>`."""
    found: list[Seen] = []
    after = 0
    while events := await telling.events(after, PAGE):
        after = events[-1].position
        found += [
            Seen(
                reader="the log",
                series="log",
                n=one.position,
                item=f"{one.stream}/{one.version}",
                digest=one.digest.hex()[:16],
                at=now(),
            )
            for one in events
        ]
    return found


async def the_published(telling: Log) -> list[Seen]:
    found: list[Seen] = []
    for partition in await telling.published_heads(TOPIC):
        after = 0
        while rows := await telling.published(TOPIC, partition, after, PAGE):
            after = rows[-1].n
            found += [_seen("published", partition, one.n, one.id, one.data) for one in rows]
    return found


def _said(data: bytes) -> str:
    return data.decode()


async def the_effects(hearing: Log, item_of: Callable[[bytes], str] = _said) -> list[Seen]:
    """Each effect as the number of its record in the series of its key: effects of a key must
    stand in the order in which the key's records were told. `item_of` finds the record's id in
    what is stored."""
    found: list[Seen] = []
    after = 0
    while events := await hearing.events(after, PAGE):
        after = events[-1].position
        for one in events:
            item = item_of(one.data)
            key, _, version = item.rpartition("/")
            found.append(
                Seen(
                    reader="effects",
                    series=f"effects of {key}",
                    n=int(version),
                    item=item,
                    digest="",
                    at=now(),
                )
            )
    return found
