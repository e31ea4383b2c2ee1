"""From a URL to a log."""

from pathlib import Path

import pytest

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Misconfigured
from shared.log.opening import open_log
from shared.log.postgres import PostgresLog
from shared.log.sqlite import SqliteLog


async def test_each_url_opens_its_log(tmp_path: Path):
    file = open_log(f"sqlite:///{tmp_path}/log.db", SystemClock())
    server = open_log("postgresql+asyncpg://nobody@127.0.0.1:1/log", SystemClock())
    assert isinstance(file, SqliteLog)
    assert isinstance(server, PostgresLog)
    assert (file.store.dialect, server.store.dialect) == ("sqlite", "postgresql")
    await file.close()
    await server.close()


@pytest.mark.parametrize("url", ["postgresql://host/log", "sqlite://", "mysql://host/log", ""])
def test_another_url_is_refused(url: str):
    with pytest.raises(Misconfigured):
        open_log(url, SystemClock())
