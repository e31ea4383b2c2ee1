"""A small library of boxes, with a log on each database, for trying projections."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kernel.clock import SystemClock
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from shared.log.schema import create
from shared.log.sqlite import SqliteLog
from tests.shared.projections.boxes import TABLES


@pytest.fixture(params=["sqlite", "postgresql"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    """An empty log with the tables of the boxes beside it."""
    made: Log
    if request.param == "sqlite":
        made = SqliteLog(tmp_path / "boxes.db", SystemClock())
    else:
        made = PostgresLog(request.getfixturevalue("postgres_url"), SystemClock())
    await made.store.write(create)
    await made.store.write(TABLES.create_all)
    yield made
    await made.close()
    await made.store.close()
