"""How far every reader of a service is and what is parked, read when somebody asks for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from shared.bus.dead_letters import OPEN
from shared.bus.embedded import EmbeddedSource
from shared.log.base import Log
from shared.log.tables import CURSORS, DEAD_LETTERS
from shared.projections.base import LOG_TOPIC, reader_of
from shared.projections.generations import generations
from shared.runtime.awaited import Clocks, clocks_on
from shared.runtime.erasing import READER as ERASER
from shared.runtime.service import Service
from shared.runtime.worker import Worker

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
    """One look at a service: the log's newest position, every reader's lag, what is parked, and
    its clocks, where it has any."""

    position: int
    lags: tuple[Lag, ...]
    parked: tuple[Parked, ...]
    clocks: Clocks | None = None


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


async def observe(
    service: Service, log: Log, bus: Bus = no_bus, today: date | None = None
) -> Observed:
    """Everything that the database says; clocks as they stand `today` (London), where that is
    given. Raises Unavailable."""
    position = (await log.head()).position
    clocks = None
    if service.clocks is not None and today is not None:
        clocks = await clocks_on(log.store, service.clocks(), today)
    return Observed(
        position=position,
        lags=(*await own_lags(service, log, position), *await bus()),
        parked=await parked(log),
        clocks=clocks,
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
