"""A small library of boxes, with a log on each database, for trying projections."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.clock import SystemClock
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from shared.log.schema import create
from shared.log.sqlite import SqliteLog
from shared.projections.swapping import found
from tests.shared.projections.boxes import BOXES_VIEW


@pytest.fixture(params=["sqlite", "postgresql"])
async def bare_log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    """An empty log, with nothing beside it."""
    made: Log
    if request.param == "sqlite":
        made = SqliteLog(tmp_path / "boxes.db", SystemClock())
    else:
        made = PostgresLog(request.getfixturevalue("postgres_url"), SystemClock())
    await made.store.write(create)
    yield made
    await made.close()
    await made.store.close()


@pytest.fixture
async def log(bare_log: Log) -> Log:
    """An empty log with the boxes' read model beside it."""
    await bare_log.store.write(lambda connection: found(connection, (BOXES_VIEW,)))
    return bare_log
