"""The log in a SQLite file: the port's promises, one writing process, errors by our names."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.log import schema
from shared.log.base import Log
from shared.log.sqlite import SqliteLog
from tests.kit.cases.log import LogCases
from tests.kit.log_entries import TwoClocks


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "log.db"


@pytest.fixture
async def log(path: Path, clock: TwoClocks) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(path, clock)
    await opened.store.write(schema.create)
    yield opened
    await opened.close()


@pytest.fixture
def rivals(log: SqliteLog) -> list[Log]:
    return [log, log]


class TestSqliteLog(LogCases):
    """One file has one writer, so its rivals are callers of the same log."""
