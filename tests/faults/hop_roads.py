"""A hop within one process, by either bus: what is told in one log is heard by way of it."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared.bus.base import Source
from shared.bus.embedded import EmbeddedSource
from shared.bus.kafka import KafkaSource, make_topics
from shared.bus.relay import Relay
from shared.log import schema
from shared.log.base import Entry, Log
from shared.log.waking import Signal
from tests.faults.hop_setting import READER, TOPIC, opened
from tests.faults.trial import Plan
from tests.kit.relaying import carrying


@dataclass(slots=True, kw_only=True)
class Road:
    """A telling log and the ways to hear it."""

    name: str
    telling: Log
    source: Callable[[], Source]
    told: Signal = field(default_factory=Signal)

    async def tell(self, entries: Sequence[Entry]) -> None:
        await self.telling.append(entries)
        self.told.set()


@asynccontextmanager
async def log_in(path: Path) -> AsyncIterator[Log]:
    """An empty log in a file of its own."""
    log = opened(f"sqlite:///{path}")
    await log.store.write(schema.create)
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def embedded(plan: Plan, folder: Path) -> AsyncIterator[Road]:
    async with log_in(folder / "telling.db") as telling:
        told = Signal()
        yield Road(
            name="embedded",
            telling=telling,
            told=told,
            source=lambda: EmbeddedSource(telling, (TOPIC,), told),
        )


@asynccontextmanager
async def by_kafka(plan: Plan, folder: Path) -> AsyncIterator[Road]:
    bootstrap, prefix = plan.kafka().bootstrap, f"t{secrets.token_hex(6)}."
    await make_topics(bootstrap, (TOPIC,), replication=1, prefix=prefix)
    async with log_in(folder / "telling.db") as telling:
        told = Signal()
        relay = Relay(telling, TOPIC, bootstrap, prefix, "one", told=told)
        async with carrying(relay):
            yield Road(
                name="Kafka",
                telling=telling,
                told=told,
                source=lambda: KafkaSource(
                    bootstrap, (TOPIC,), group=f"{prefix}{READER}", prefix=prefix
                ),
            )


Way = Callable[[Plan, Path], AbstractAsyncContextManager[Road]]
ROADS: tuple[Way, ...] = (embedded, by_kafka)
