"""Processes of production refuse a server that can lose what it acknowledged, in one sentence that
names each setting; in development they take it."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.kit.servers.postgres import PostgresServer, postgres_in
from tests.kit.servers.postgres_process import libpq
from tests.kit.servers.process import free_port
from tests.kit.servers.run import current_run
from tests.runtime.test_processes import PATIENCE, started

SAID = (
    "The database server is not safe for a log: fsync is off, full_page_writes is off, "
    "synchronous_commit is off.\n"
)
STARTS = (("serve", "intake", "--port", "0"), ("work", "intake", "--health-port", "0"))


@pytest.mark.timeout(300)
def test_an_unsafe_server_is_refused_by_every_process_of_production(tmp_path: Path):
    with (
        postgres_in(current_run().new_folder("unsafe-postgres"), fsync=False) as own,
        PostgresServer(own.admin, "").fresh_databases("intake", "intake_keys") as url,
    ):
        logs = url.replace("{part}", "intake")
        _careless(libpq(own.admin), logs)
        settings = {
            "master_secret": "0123456789abcdef0123456789abcdef",
            "database_url": logs,
            "keys_url": url.replace("{part}", "intake_keys"),
            "jwks_url": f"file:{tmp_path}/jwks.json",
            "bus_url": f"kafka://127.0.0.1:{free_port()}",
        }
        for arguments in STARTS:
            with started(*arguments, stderr=subprocess.PIPE, **settings) as process:
                _, error = process.communicate(timeout=PATIENCE)
                assert (process.returncode, error) == (1, SAID), arguments
        careless = settings | {"environment": "development", "bus_url": "embedded:"}
        with started("migrate", "intake", **careless) as process:
            assert process.wait(PATIENCE) == 0


def _careless(admin: str, url: str) -> None:
    """Commits that are not awaited to the disk, for this one database."""
    name = url.rpartition("/")[2]
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
