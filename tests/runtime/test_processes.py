"""The processes of production, as they are started: where they answer, and how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.postgres_process import OwnPostgres
from tests.kit.servers.process import free_port
from tests.kit.waiting import eventually

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@contextmanager
def started(*arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """One process of the product with these settings and no others; killed if it still runs."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith("OPENDOOR_")}
    given = {f"OPENDOOR_{name.upper()}": one for name, one in settings.items()}
    command = [sys.executable, "-m", "services", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=kept | given, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.timeout(300)
def test_an_api_of_production_shows_its_metrics_on_a_port_of_their_own(
    tmp_path: Path, own_postgres: OwnPostgres
):
    port, health = free_port(), free_port()
    server = PostgresServer(own_postgres.admin, "")
    with server.fresh_databases("intake", "intake_keys") as url:
        settings = {
            "master_secret": "0123456789abcdef0123456789abcdef",
            "database_url": url.replace("{part}", "intake"),
            "keys_url": url.replace("{part}", "intake_keys"),
            "jwks_url": f"file:{tmp_path}/jwks.json",
            "health_port": str(health),
        }
        with started("migrate", "intake", **settings) as migrating:
            assert migrating.wait(PATIENCE) == 0
        # An API asks Kafka for nothing: its workers tell it whether it is there.
        settings |= {"bus_url": f"kafka://127.0.0.1:{free_port()}"}
        with started("serve", "intake", "--port", str(port), **settings) as api:
            base = f"http://127.0.0.1:{port}/intake"
            assert eventually(lambda: api.poll() is not None or answers(f"{base}/readyz"))
            assert httpx.get(f"{base}/metrics").status_code == 404
            shown = httpx.get(f"http://127.0.0.1:{health}/metrics")
            assert shown.status_code == 200
            assert 'route="/readyz",status="200"' in shown.text
            assert "opendoor_log_position 0.0" in shown.text
            assert httpx.get(f"http://127.0.0.1:{health}/events").status_code == 404
            api.send_signal(signal.SIGTERM)
            said, _ = api.communicate(timeout=PATIENCE)
            assert api.returncode == 0
            metrics = f"http://127.0.0.1:{health}/metrics"
            assert said == f"intake listens on {base}, metrics on {metrics}.\n"
