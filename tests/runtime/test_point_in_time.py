"""Any moment can be restored: a base backup and the archived write-ahead log, rehearsed with the
settings that docs/running.md gives."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.kit.processes import ROOT
from tests.kit.servers.postgres_process import OwnPostgres
from tests.kit.servers.run import current_run
from tests.kit.waiting import eventually
from tests.runtime.test_restored_server import house_on, is_whole

PAGE = ROOT / "docs" / "running.md"
ARCHIVE = "/archive/open-door"
"""Where the page keeps archived segments."""


def settings_of_the_page(begin: str) -> str:
    """The block of settings on the page whose first line begins so."""
    found = re.search(rf"^```\n({begin}.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert found, f"docs/running.md has no block that begins with {begin}"
    return found[1]


@pytest.mark.timeout(300)
async def test_a_log_is_restored_to_a_moment(own_postgres: OwnPostgres, tmp_path: Path):
    archive = current_run().new_folder("archive")
    archive.chmod(0o777)
    _configure(own_postgres, settings_of_the_page("archive_mode").replace(ARCHIVE, str(archive)))
    folder = current_run().new_folder("own-postgres-moment")
    async with house_on(own_postgres, tmp_path) as live:
        before = [await live.made() for _ in range(3)]
        restored = own_postgres.copied(folder)
        after = [await live.made() for _ in range(3)]
        moment = str(_asked(own_postgres, "SELECT clock_timestamp()"))
        too_late = [await live.made() for _ in range(3)]
        segment = _asked(own_postgres, "SELECT pg_walfile_name(pg_switch_wal())")
        assert eventually(lambda: (archive / str(segment)).exists())
        recovery = settings_of_the_page("restore_command").replace(ARCHIVE, str(archive))
        recovery = re.sub("'[0-9]{4}-.*'", f"'{moment}'", recovery)
        with recovering(restored, folder / "data", f"archive_mode = off\n{recovery}"):
            async with house_on(restored, tmp_path) as house:
                await is_whole(house, (*before, *after))
                assert [one for one in too_late if (await house.box(one)).owner] == []
                assert (await house.position()) < (await live.position())


@contextmanager
def recovering(server: OwnPostgres, data: Path, settings: str) -> Iterator[None]:
    """A restored server that has reached its moment and takes what comes."""
    with (data / "postgresql.auto.conf").open("a") as conf:
        conf.write(settings)
    signal, owner = data / "recovery.signal", data.stat()
    signal.touch()
    os.chown(signal, owner.st_uid, owner.st_gid)
    try:
        server.start()
        assert eventually(lambda: _asked(server, "SELECT pg_is_in_recovery()") is False)
        yield
    finally:
        server.close()


def _configure(server: OwnPostgres, settings: str) -> None:
    """As an operator writes them; the first of them wants a new start."""
    for line in settings.splitlines():
        name, _, value = line.partition(" = ")
        _say(server, f"ALTER SYSTEM SET {name} = {value}")
    server.stop()
    server.start()


def _say(server: OwnPostgres, statement: str) -> None:
    with psycopg.connect(server.admin, autocommit=True) as connection:
        connection.execute(statement.encode())


def _asked(server: OwnPostgres, question: str) -> object:
    with psycopg.connect(server.admin, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row
    return row[0]
