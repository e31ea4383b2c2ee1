"""The bus on Apache Kafka: topics, and the partitions that this process owns of them."""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.bus.base import Record, Serve
from shared.bus.closing import LAST_WORD, close, leave
from shared.bus.encrypting import Tls, by
from shared.contracts.base import PARTITIONS
from shared.contracts.envelope import LAST_NUMBER, NotACloudEvent, from_kafka
from shared.kernel.errors import Misconfigured, Unavailable

T = TypeVar("T")

POLL_MS = 250
FETCH_MS = 50
"""How long the broker holds an empty fetch: a partition just drained waits at most this long."""
SESSION_MS = 10_000
ANSWER = 1.5
"""Sessions after which a request counts as unanswered and its connection as dead: the longest
answer is that of a group that is shared out anew, which waits a session for its members."""
LOOK = 2.0
"""Seconds between looks at the broker, and the longest that one may take."""
EXISTS = 36
WITHOUT_SHARE = "Kafka: the partitions have not been shared out to this process yet."


async def make_topics(
    bootstrap: str, topics: Sequence[str], *, replication: int, prefix: str = "", tls: Tls = None
) -> None:
    """Makes the topics that are missing, kept for ever. Raises Unavailable when Kafka is gone,
    Misconfigured for a topic that is there with another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000, **by(tls))
    try:
        await admin.start()
        await _create(admin, topics, replication, prefix)
        await _check_partitions(admin, topics, prefix)
    except KafkaError as error:
        raise Unavailable(f"Kafka cannot be reached: {type(error).__name__}.") from error
    finally:
        await close(admin)


async def _create(
    admin: AIOKafkaAdminClient, topics: Sequence[str], replication: int, prefix: str
) -> None:
    wanted = [
        NewTopic(
            f"{prefix}{topic}",
            num_partitions=PARTITIONS[topic],
            replication_factor=replication,
            topic_configs={"retention.ms": "-1"},
        )
        for topic in topics
    ]
    made = await admin.create_topics(wanted)
    for name, code, *why in made.topic_errors:
        if code not in (0, EXISTS):
            raise Misconfigured(f"Topic {name} cannot be made: {why[0] if why else code}.")


async def _check_partitions(admin: AIOKafkaAdminClient, topics: Sequence[str], prefix: str) -> None:
    """A key's partition is chosen at commit: a topic of another size would break its order."""
    for found in await admin.describe_topics([f"{prefix}{topic}" for topic in topics]):
        topic = str(found["topic"])
        wanted, there = PARTITIONS[topic.removeprefix(prefix)], len(found["partitions"])
        if there and there != wanted:
            raise Misconfigured(f"Topic {topic} has {there} partitions, not {wanted}.")


class KafkaPartition:
    """One partition while this process owns it."""

    def __init__(self, consumer: AIOKafkaConsumer, place: TopicPartition, prefix: str) -> None:
        self.place = place
        self.topic = place.topic.removeprefix(prefix)
        self.number = int(place.partition)
        self.done = 0
        """The offset below which everything was taken, as this process knows."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._consumer = consumer
        self._next = 0

    async def read(self, after: int, limit: int) -> Sequence[Record]:
        """Raises Unavailable when the consumer's group or its rights are lost."""
        self.done = self._next
        fetched = await self._while_owned(
            self._consumer.getmany(self.place, timeout_ms=POLL_MS, max_records=limit)
        )
        found = fetched.get(self.place, ()) if fetched else ()
        if found:
            self._next = found[-1].offset + 1
        return [_record(one, self.topic) for one in found]

    async def rewind(self, after: int) -> None:
        """Record n never lies below offset n - 1, so the next one lies at offset `after` or later;
        beyond the end Kafka itself goes back to the beginning."""
        self.done = self._next = after
        if self.gone.done():
            return
        try:
            self._consumer.seek(self.place, after)
        except KafkaError as error:
            raise Unavailable(f"Kafka cannot be read: {type(error).__name__}.") from error

    async def bound(self) -> int:
        """The offset at which Kafka writes next: record n never lies below offset n - 1. Of a
        partition that has gone nothing is known."""
        ends = await self._while_owned(self._consumer.end_offsets([self.place]))
        return int(ends[self.place]) if ends else LAST_NUMBER

    async def _while_owned(self, asking: Coroutine[Any, Any, T]) -> T | None:
        """What Kafka answers; None once the partition has gone to another, for which a
        reassignment waits while it blocks what is asked. Raises Unavailable."""
        asked = asyncio.ensure_future(asking)
        try:
            await asyncio.wait((asked, self.gone), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        except KafkaError as error:
            raise Unavailable(f"Kafka cannot be read: {type(error).__name__}.") from error
        finally:
            await _ended((asked,), 0)


def _record(found: ConsumerRecord, topic: str) -> Record:
    try:
        event = from_kafka(found.headers, found.value)
    except NotACloudEvent as error:
        return Record(
            topic=topic,
            partition=found.partition,
            n=-(found.offset + 1),
            event=None,
            raw=_whole(found),
            fault=str(error),
        )
    return Record(
        topic=topic,
        partition=found.partition,
        n=event.sequence,
        event=event,
        raw=event.structured(),
    )


def _whole(found: ConsumerRecord) -> bytes:
    """What cannot be read, kept with its headers for whoever looks at it."""
    kept = {
        "key": _text(found.key),
        "headers": [[name, _text(value)] for name, value in found.headers],
        "value": _text(found.value),
    }
    return orjson.dumps(kept)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")


@dataclass(slots=True)
class SourceState:
    """How the reading of Kafka stands: whether it answers, whether this process has been given its
    share of the partitions (where others read them all, none), and how many records lie ahead of
    each, by topic and partition."""

    reachable: bool = False
    shared_out: bool = False
    why: str = "Not connected yet."
    lag: dict[tuple[str, int], int] = field(default_factory=dict)


class KafkaSource:
    """Foreign topics, their partitions shared out among the processes of one group."""

    def __init__(
        self,
        bootstrap: str,
        topics: Sequence[str],
        *,
        group: str,
        prefix: str = "",
        tls: Tls = None,
    ) -> None:
        self.topics = tuple(topics)
        self.state = SourceState()
        self._bootstrap = bootstrap
        self._group = group
        self._tls = tls
        self._prefix = prefix

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        if not self.topics:
            await stop.wait()
            return
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_MS,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            request_timeout_ms=int(SESSION_MS * ANSWER),
            **by(self._tls),
        )
        owned = _Owned(consumer, self._prefix, serve)
        try:
            await consumer.start()
            await self._until_told(consumer, owned, stop)
        except KafkaError as error:
            self._missed(type(error).__name__)
            raise Unavailable(f"Kafka cannot be reached: {type(error).__name__}.") from error
        finally:
            # aiokafka goes on heart-beating while nobody reads: the partitions would stay ours.
            await owned.end(owned.partitions)
            await leave(consumer)

    async def _until_told(
        self, consumer: AIOKafkaConsumer, owned: "_Owned", stop: asyncio.Event
    ) -> None:
        told = asyncio.ensure_future(stop.wait())
        looking = asyncio.ensure_future(self._follow(consumer, owned))
        waits = (told, looking, owned.failed)
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                if one.done():
                    one.result()
        finally:
            await _ended(waits, 0)

    async def _follow(self, consumer: AIOKafkaConsumer, owned: "_Owned") -> None:
        """Subscribes once every topic is there, then looks at the broker now and then."""
        names = {f"{self._prefix}{topic}" for topic in self.topics}
        while missing := names - set(await consumer.topics()):
            self._missed(f"waiting for {', '.join(sorted(missing))}")
            await asyncio.sleep(LOOK / 4)
        consumer.subscribe(sorted(names), listener=owned)
        while True:
            await self._look(consumer, owned)
            await asyncio.sleep(LOOK)

    async def _look(self, consumer: AIOKafkaConsumer, owned: "_Owned") -> None:
        places = [one.place for one in owned.partitions]
        try:
            async with asyncio.timeout(LOOK):
                if places:
                    ends = await consumer.end_offsets(places)
                    self._found(owned, ends)
                else:
                    await consumer.topics()
                    self._found(owned, {})
                await owned.leave_word(owned.partitions)
        except (KafkaError, TimeoutError) as error:
            self._missed(type(error).__name__)

    def _found(self, owned: "_Owned", ends: dict[TopicPartition, int]) -> None:
        self.state.reachable, self.state.shared_out = True, owned.shared_out
        self.state.why = "" if owned.shared_out else WITHOUT_SHARE
        self.state.lag = {
            (one.topic, one.number): max(ends[one.place] - one.done, 0)
            for one in owned.partitions
            if one.place in ends
        }

    def _missed(self, why: str) -> None:
        self.state.reachable = self.state.shared_out = False
        self.state.why = f"Kafka: {why}."


class _Owned(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """The partitions assigned to this process, a task each."""

    def __init__(self, consumer: AIOKafkaConsumer, prefix: str, serve: Serve) -> None:
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.shared_out = False
        """Whether the group has given this process its share since it last joined."""
        self._consumer = consumer
        self._prefix = prefix
        self._serve = serve
        self._running: dict[KafkaPartition, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    @property
    def partitions(self) -> list[KafkaPartition]:
        return list(self._running)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        gone = set(revoked)
        self.shared_out = False
        await self.end([one for one in self._running if one.place in gone])

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self.shared_out = True
        for place in assigned:
            partition = KafkaPartition(self._consumer, place, self._prefix)
            stop = asyncio.Event()
            task = asyncio.create_task(
                _served(self._serve(partition, stop)), name=f"{partition.topic}/{partition.number}"
            )
            task.add_done_callback(self._done)
            self._running[partition] = (stop, task)

    async def end(self, partitions: Sequence[KafkaPartition]) -> None:
        """Ends the reading of these and waits until nobody reads them here any more."""
        ending = [self._running.pop(one) for one in partitions]
        for partition, (stop, _) in zip(partitions, ending, strict=True):
            stop.set()
            if not partition.gone.done():
                partition.gone.set_result(None)
        await _ended([task for _, task in ending], LAST_WORD)
        await self.leave_word(partitions)

    async def leave_word(self, partitions: Sequence[KafkaPartition]) -> None:
        """Tells Kafka's tools how far this process is; nobody of ours reads it."""
        offsets = {one.place: one.done for one in partitions if one.done}
        if offsets:
            # A rebalance under way refuses it, a broker may be down, and nothing rests on it.
            with suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(LAST_WORD / 2):
                    await self._consumer.commit(offsets)

    def _done(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.failed.done():
            return
        error = task.exception()
        if error is not None:
            self.failed.set_exception(error)


async def _served(serving: Awaitable[None]) -> None:
    await serving


async def _ended(tasks: Sequence[asyncio.Future[Any]], seconds: float) -> None:
    """Waits so long for these to end by themselves, then cancels them."""
    if tasks and seconds:
        await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
