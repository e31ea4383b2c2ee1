"""Carries `published` to Kafka, in order, from wherever Kafka's own last record says it is."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from time import time_ns
from typing import Any, Literal

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.bus.closing import discard
from shared.bus.encrypting import Tls, by
from shared.bus.kafka_tail import last_records
from shared.bus.tasks import together
from shared.contracts.base import PARTITIONS
from shared.contracts.envelope import cloud_event
from shared.kernel.errors import Broken, Unavailable
from shared.log import leases
from shared.log.base import Log, Published
from shared.log.waking import Signal
from shared.telemetry import spans

LEASE = timedelta(seconds=10)
POLL = 0.25
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
STANDBY_PAUSE = 1.0
AT_ONCE = 2_000
"""Records read at once of a partition; a turn of all partitions sends no more of each."""
BATCH_BYTES = 512 * 1024
PATIENCE = 10.0
"""Seconds after which a send that is not acknowledged counts as failed."""
CLOSING = 2.0

log = structlog.get_logger("bus")

Standing = Literal["starting", "standby", "running", "waiting", "red"]


@dataclass(slots=True)
class RelayState:
    """How one relay stands: `standby` while another process holds the lease, `waiting` while
    Kafka or the database is gone, `red` for a person to look at. `lag` by partition: records that
    Kafka has not acknowledged yet; `reached` the last number that it has, None while unknown."""

    topic: str
    standing: Standing = "starting"
    why: str = ""
    lag: dict[int, int] = field(default_factory=dict)
    reached: dict[int, int] | None = None
    sent: int = 0


class LeaseLost(Exception):
    """Another process may carry now."""


class Relay:
    """One topic's way to Kafka. Of all processes the one with the lease carries; should two carry
    for a moment, they repeat numbers and skip or reorder none."""

    def __init__(
        self,
        own: Log,
        topic: str,
        bootstrap: str,
        prefix: str,
        owner: str,
        *,
        told: Signal | None = None,
        lease: timedelta = LEASE,
        tls: Tls = None,
    ) -> None:
        self.state = RelayState(topic)
        self._log = own
        self._topic = topic
        self._bootstrap = bootstrap
        self._name = f"{prefix}{topic}"
        self._lease_name = f"relay:{topic}"
        self._owner = owner
        self._told = told or Signal()
        self._lease = lease
        self._tls = tls
        self._until = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Carries until `stop` is set. Rides out a Kafka or database that is gone; raises Broken
        when Kafka and the log do not tell the same series."""
        ending = asyncio.ensure_future(stop.wait())
        carrying = asyncio.ensure_future(self._always())
        try:
            await asyncio.wait((ending, carrying), return_when=asyncio.FIRST_COMPLETED)
            if carrying.done():
                carrying.result()
        finally:
            for one in (ending, carrying):
                one.cancel()
            await asyncio.gather(ending, carrying, return_exceptions=True)
            await self._let_go()

    async def _always(self) -> None:
        pause = FIRST_PAUSE
        while True:
            before = self.state.sent
            try:
                if not await self._held():
                    raise LeaseLost
                await together(self._keep_lease(), self._carry())
            except LeaseLost:
                self._stands("standby")
                self.state.reached = None
                pause = STANDBY_PAUSE
            except Broken as error:
                self._stands("red", error.detail)
                raise
            except (Unavailable, KafkaError, TimeoutError) as error:
                self._stands("waiting", getattr(error, "detail", "") or type(error).__name__)
                pause = FIRST_PAUSE if self.state.sent > before else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _stands(self, standing: Standing, why: str = "") -> None:
        """Says it once in the log, however often it is tried again."""
        if standing != self.state.standing and standing == "waiting":
            log.warning("relay_waits", topic=self._topic, reason=why)
        if standing != self.state.standing and standing == "running":
            log.info("relay_runs", topic=self._topic)
        self.state.standing, self.state.why = standing, why

    async def _held(self) -> bool:
        asked = asyncio.get_running_loop().time()
        lasting = self._lease
        mine = await leases.acquire(self._log.store, self._lease_name, self._owner, lasting)
        self._until = asked + lasting.total_seconds() if mine else 0.0
        return mine

    async def _keep_lease(self) -> None:
        renewal = self._lease.total_seconds() / 3
        while True:
            if not await self._held():
                raise LeaseLost
            await asyncio.sleep(renewal)

    def _require_lease(self) -> None:
        if asyncio.get_running_loop().time() >= self._until:
            raise LeaseLost

    async def _let_go(self) -> None:
        if not self._until:
            return
        self._until = 0.0
        try:
            async with asyncio.timeout(CLOSING):
                await leases.release(self._log.store, self._lease_name, self._owner)
        except (Unavailable, TimeoutError):
            return

    async def _carry(self) -> None:
        """Until something fails: a producer that met an error may send later batches first, so
        each failure begins anew with Kafka's last record."""
        sent = self.state.reached = await self._sent()
        async with AsyncExitStack() as stack:
            producer = self._producer()
            stack.push_async_callback(discard, producer)
            await producer.start()
            self._stands("running")
            while True:
                seen = self._told.count
                heads = await self._log.published_heads(self._topic)
                self.state.lag = {one: head - sent.get(one, 0) for one, head in heads.items()}
                behind = [one for one, lag in self.state.lag.items() if lag > 0]
                if behind:
                    await together(*(self._turn(producer, one, sent) for one in behind))
                else:
                    await self._told.wait(seen, POLL)

    async def _sent(self) -> dict[int, int]:
        """The last number that Kafka holds of each partition. Raises Broken (`series-rewound`)
        where the log does not tell that record."""
        last = await last_records(self._bootstrap, self._name, PARTITIONS[self._topic], self._tls)
        for partition, event in last.items():
            rows = await self._log.published(self._topic, partition, event.sequence - 1, 1)
            if not rows or rows[0].id != event.id:
                raise Broken(
                    f"series-rewound: Kafka holds {self._name}/{partition} up to "
                    f"{event.sequence}, which this log does not tell; the log was restored."
                )
        return {partition: event.sequence for partition, event in last.items()}

    async def _turn(self, producer: Any, partition: int, sent: dict[int, int]) -> None:
        """What one partition has, up to AT_ONCE records, batch after acknowledged batch."""
        start = sent.get(partition, 0)
        rows: Sequence[Published] = await self._log.published(
            self._topic, partition, start, AT_ONCE
        )
        while rows:
            since = time_ns()
            batch, rest = _filled(producer, rows)
            self._require_lease()
            async with asyncio.timeout(PATIENCE):
                acknowledged = await producer.send_batch(batch, self._name, partition=partition)
                await acknowledged
            self._trace(rows[: len(rows) - len(rest)], since)
            last = rows[len(rows) - len(rest) - 1]
            self.state.sent += last.n - sent.get(partition, 0)
            sent[partition] = last.n
            rows = rest

    def _trace(self, sent: Sequence[Published], since: int) -> None:
        """Kafka's acknowledgement of these, as a step behind each."""
        if spans.collected():
            spans.done(
                f"send {self._topic}",
                follows=(_traceparent(row) for row in sent),
                since=since,
                kind=spans.TOLD,
            )

    def _producer(self) -> Any:
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(PATIENCE * 1000),
            **by(self._tls),
        )


def _traceparent(row: Published) -> str:
    found: str = orjson.loads(row.attributes).get("traceparent", "")
    return found


def _filled(producer: Any, rows: Sequence[Published]) -> tuple[Any, Sequence[Published]]:
    """A batch with as many rows as fit, and the rows that do not."""
    batch = producer.create_batch()
    for index, row in enumerate(rows):
        event = cloud_event(row)
        taken = batch.append(
            timestamp=None,
            key=row.key.encode(),
            value=event.data,
            headers=event.kafka_headers(),
        )
        if taken is None:
            batch.close()
            return batch, rows[index:]
    batch.close()
    return batch, ()
