"""A log of the reader's own, for every test of the bus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.sqlite import SqliteLog
from tests.kit.bus import Bus
from tests.kit.cases.bus import NewReader, reader_of


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Log]:
    log = SqliteLog(tmp_path / "own.db", SystemClock())
    await log.store.write(schema.create)
    yield log
    await log.close()


@pytest.fixture
def new_reader(bus: Bus, own: Log) -> NewReader:
    return reader_of(bus, own)
