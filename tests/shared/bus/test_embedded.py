"""The embedded bus keeps what every bus promises."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from shared.bus.base import Source
from shared.bus.embedded import EmbeddedSource
from shared.contracts.envelope import CloudEvent
from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.sqlite import SqliteLog
from shared.log.tables import EPOCH, PUBLISHED
from shared.log.waking import Signal
from tests.kit.bus import LESSONS, SOURCES, told
from tests.kit.cases.bus import BusCases, NewReader

COLUMNS = {"id", "type", "subject", "time", "specversion", "sequence", "recordedtime"}


class EmbeddedBus:
    """A teller's log, its rows written as they are: the append itself leaves no gap."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._told = Signal()

    async def tell(self, *events: CloudEvent, topic: str = LESSONS) -> None:
        rows = [_row(one, topic) for one in events]

        def job(connection: Connection) -> None:
            for row in rows:
                connection.execute(insert(PUBLISHED).values(row).on_conflict_do_nothing())

        await self._log.store.write(job)
        self._told.set()

    def source(self) -> Source:
        return EmbeddedSource(self._log, (LESSONS, SOURCES), self._told)


def _row(event: CloudEvent, topic: str) -> dict[str, Any]:
    further = {name: text for name, text in event.attributes.items() if name not in COLUMNS}
    return {
        "topic": topic,
        "partition": 0,
        "n": event.sequence,
        "position": None,
        "id": event.id,
        "type": event.type,
        "key": event.key,
        "subject": event.attributes["subject"],
        "time": event.attributes["time"],
        "recorded_at": EPOCH,
        "attributes": orjson.dumps(further),
        "data": event.data,
    }


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[EmbeddedBus]:
    log = SqliteLog(tmp_path / "teller.db", SystemClock())
    await log.store.write(schema.create)
    yield EmbeddedBus(log)
    await log.close()


class TestEmbeddedBus(BusCases):
    """Its reader sees `published` itself: no copy, no relay."""


async def test_only_partitions_with_news_are_behind(
    bus: EmbeddedBus, own: Log, new_reader: NewReader
):
    source = bus.source()
    assert isinstance(source, EmbeddedSource)
    await bus.tell(told(1))
    assert [one.topic for one in await source.behind(own, "reader")] == [LESSONS]
    async with new_reader() as reader:
        await reader.reaches(1)
    assert await source.behind(own, "reader") == []
