"""How far every reader of a service is and what is parked, read when somebody asks for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from shared.bus.dead_letters import OPEN
from shared.bus.embedded import EmbeddedSource
from shared.kernel.errors import OpenDoorError
from shared.log.base import Log
from shared.log.tables import CURSORS, DEAD_LETTERS
from shared.projections.base import LOG_TOPIC, reader_of
from shared.projections.generations import generations
from shared.runtime.engine import Engine
from shared.runtime.erasing import READER as ERASER
from shared.runtime.service import Service
from shared.runtime.standings import Standings
from shared.runtime.worker import Worker
from shared.telemetry.metrics import CONTENT_TYPE, Metrics
from shared.web.sse import Hub

PATIENCE = 2.0
"""Seconds after which the database counts as gone for this time."""

Heads = Mapping[tuple[str, int], int]
"""The highest number of each series, by topic and partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How many records one reader has yet to take of one series; events of the own log are
    topic `log`, partition 0."""

    reader: str
    topic: str
    partition: int
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """How many records of one reader wait for a person, the oldest since when (UTC)."""

    reader: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One look at a service: the log's newest position, every reader's lag, what is parked."""

    position: int
    lags: tuple[Lag, ...]
    parked: tuple[Parked, ...]


Bus = Callable[[], Awaitable[Sequence[Lag]]]
"""How far the bus's readers are, as far as this process knows."""


async def no_bus() -> Sequence[Lag]:
    """For a process that reads none."""
    return ()


def embedded_bus(worker: Worker) -> Bus:
    """Every foreign series of an embedded worker, against the log that tells it."""

    async def look() -> Sequence[Lag]:
        heads: dict[tuple[str, int], int] = {}
        for source in worker.sources:
            if isinstance(source, EmbeddedSource):
                heads |= await source.heads()
        return await heard_lags(worker.engine.log, worker.consumer.reader, heads)

    return look


async def observe(service: Service, log: Log, bus: Bus = no_bus) -> Observed:
    """Everything that the database says. Raises Unavailable."""
    position = (await log.head()).position
    return Observed(
        position=position,
        lags=(*await own_lags(service, log, position), *await bus()),
        parked=await parked(log),
    )


async def own_lags(service: Service, log: Log, position: int) -> list[Lag]:
    """Projections, under their plain name what is shown and under its own what fills beside it,
    and the eraser; one that never ran among them."""
    reached = {ERASER: await log.cursor(ERASER, LOG_TOPIC, 0)}
    reached |= {reader_of(one.name): 0 for one in service.projections}
    for one in await generations(log.store) if service.projections else ():
        if one.state in ("current", "building"):
            shown = one.state == "current"
            reached[reader_of(one.name) if shown else one.reader] = one.applied or 0
    return [
        Lag(reader=one, topic=LOG_TOPIC, partition=0, behind=max(position - applied, 0))
        for one, applied in reached.items()
    ]


async def heard_lags(log: Log, reader: str, heads: Heads) -> list[Lag]:
    """One reader's cursors in its own log against the heads of the series that it hears."""
    rows = await log.store.read(select(CURSORS).where(CURSORS.c.reader == reader))
    reached = {(row.topic, row.partition): row.n for row in rows}
    return [
        Lag(
            reader=reader,
            topic=topic,
            partition=number,
            behind=max(head - reached.get((topic, number), 0), 0),
        )
        for (topic, number), head in sorted(heads.items())
    ]


async def parked(log: Log) -> tuple[Parked, ...]:
    """The records that wait, by reader."""
    letters = DEAD_LETTERS.c
    rows: Sequence[Any] = await log.store.read(
        select(letters.reader, func.count().label("count"), func.min(letters.at).label("oldest"))
        .where(letters.state.in_(OPEN))
        .group_by(letters.reader)
        .order_by(letters.reader)
    )
    return tuple(Parked(reader=row.reader, count=row[1], oldest=row.oldest) for row in rows)


class Watch:
    """One service in this process. Its gauges are set when `/metrics` is asked, never between."""

    def __init__(
        self,
        engine: Engine,
        metrics: Metrics,
        *,
        hub: Hub | None = None,
        standings: Standings = tuple,
        bus: Bus = no_bus,
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._hub = hub
        self._standings = standings
        self._bus = bus

    async def page(self) -> tuple[bytes, str]:
        """The exposition text and its media type. With the database gone, lags are left out."""
        found = await self._look()
        self._show_readers(found)
        self._show_tasks()
        if self._hub is not None:
            self._metrics.gauge("streams_open").set(self._hub.open)
        return self._metrics.render(), CONTENT_TYPE

    async def _look(self) -> Observed | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await observe(self._engine.service, self._engine.log, self._bus)
        except (OpenDoorError, OSError, TimeoutError):
            return None

    def _show_readers(self, found: Observed | None) -> None:
        lag, count = self._metrics.gauge("reader_lag"), self._metrics.gauge("records_parked")
        oldest = self._metrics.gauge("parked_oldest_seconds")
        for gauge in (lag, count, oldest):
            gauge.clear()
        if found is None:
            return
        self._metrics.gauge("log_position").set(found.position)
        for one in found.lags:
            lag.labels(one.reader, one.topic, str(one.partition)).set(one.behind)
        count.labels(self._engine.service.name).set(0)
        for letters in found.parked:
            count.labels(letters.reader).set(letters.count)
            age = datetime.now(UTC) - letters.oldest
            oldest.labels(letters.reader).set(max(age.total_seconds(), 0.0))

    def _show_tasks(self) -> None:
        red, waiting = self._metrics.gauge("reader_red"), self._metrics.gauge("reader_waiting")
        red.clear()
        waiting.clear()
        for one in self._standings():
            red.labels(one.name).set(one.standing == "red")
            waiting.labels(one.name).set(one.standing == "waiting")
