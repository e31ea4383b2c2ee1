"""Processes of production refuse a server that can lose what it acknowledged, in one sentence that
names each setting; in development they take it."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.kit.servers.postgres import PostgresServer, postgres_in
from tests.kit.servers.postgres_process import libpq
from tests.kit.servers.process import free_port
from tests.kit.servers.run import current_run
from tests.kit.together import environment

PATIENCE = 100.0
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
            process = _ran(*arguments, **settings)
            assert (process.returncode, process.stderr) == (1, SAID), arguments
        careless = settings | {"environment": "development", "bus_url": "embedded:"}
        assert _ran("migrate", "intake", **careless).returncode == 0


def _ran(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", *arguments],
        env=environment(**{f"OPENDOOR_{name.upper()}": one for name, one in settings.items()}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _careless(admin: str, url: str) -> None:
    """Commits that are not awaited to the disk, for this one database."""
    name = url.rpartition("/")[2]
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
