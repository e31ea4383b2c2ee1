"""The processes of production, as they are started: where they answer, and how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.kit.servers.process import free_port
from tests.kit.waiting import eventually

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@contextmanager
def started(*arguments: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """One process of the product with these settings and no others; killed if it still runs."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith("OPENDOOR_")}
    given = {f"OPENDOOR_{name.upper()}": one for name, one in settings.items()}
    command = [sys.executable, "-m", "services", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=kept | given)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_an_api_of_production_shows_its_metrics_on_a_port_of_their_own(tmp_path: Path):
    port, health = free_port(), free_port()
    settings = {
        "master_secret": "0123456789abcdef0123456789abcdef",
        "database_url": f"sqlite:///{tmp_path}/{{service}}.db",
        "keys_url": f"sqlite:///{tmp_path}/{{service}}-keys.db",
        "jwks_url": f"file:{tmp_path}/jwks.json",
        "health_port": str(health),
    }
    with started("migrate", "intake", **settings) as migrating:
        assert migrating.wait(PATIENCE) == 0
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
        assert api.wait(PATIENCE) == 0
