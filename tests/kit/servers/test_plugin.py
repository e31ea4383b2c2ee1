"""A skip is loud, and a failure where real servers are required; a killed run leaves no server."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import Found, Run
from tests.kit.waiting import alive, eventually

VARIABLES = ("REQUIRE_REAL", "TEST_POSTGRES_URL", "KAFKA_BOOTSTRAP_SERVERS", "OPEN_DOOR_TEST_RUN")
SKIPPING = """
import pytest

def test_that_skips():
    pytest.skip("no such thing here")
"""
ASKING = """
def test_that_asks(kafka_server):
    assert kafka_server.bootstrap
"""
HOLDING = """
from pathlib import Path
from threading import Event
from tests.kit.servers.run import current_run

def test_that_holds_a_server(postgres_url):
    [pid] = current_run().folder.glob("*/server.pid")
    Path("held").write_text(pid.read_text())
    Event().wait(100)
"""


def pytest_run(folder: Path, test: str, *options: str, **variables: str) -> subprocess.Popen[str]:
    """A run of pytest of its own, on one test file, which knows only the kit's servers."""
    (folder / "test_it.py").write_text(test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    clean = {name: value for name, value in clean.items() if not name.startswith("PYTEST_")}
    # The other plugins would only make it slow to start.
    clean |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.kit.servers.plugin", *options],
        cwd=folder,
        env={**clean, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcome(run: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = run.communicate(timeout=100)
    return run.returncode, output


def test_a_skip_passes_where_nothing_is_required(tmp_path: Path) -> None:
    status, output = outcome(pytest_run(tmp_path, SKIPPING))
    assert status == 0, output


def test_a_skip_fails_where_real_servers_are_required(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, SKIPPING, "-n", "1", REQUIRE_REAL="1")
    status, output = outcome(run)
    assert status == 1, output
    assert "test_that_skips: Skipped: no such thing here" in output
    assert output.splitlines()[-1].strip("= ").startswith("1 skipped")


def test_a_missing_server_is_a_skip_that_says_what_was_tried(tmp_path: Path) -> None:
    status, output = outcome(pytest_run(tmp_path, ASKING, "-rs", PATH=str(tmp_path)))
    assert status == 0, output
    assert "KAFKA_BOOTSTRAP_SERVERS: not set" in output
    assert "no java on the PATH" in output


def test_a_missing_server_that_is_required_is_an_error(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, ASKING, PATH=str(tmp_path), REQUIRE_REAL="1")
    status, output = outcome(run)
    assert status == 1, output
    assert "no java on the PATH" in output


def test_kill_9_of_the_run_ends_its_servers(tmp_path: Path) -> None:
    run = pytest_run(tmp_path, HOLDING, "-n", "1")
    held = tmp_path / "held"
    assert eventually(lambda: run.poll() is not None or (held.exists() and held.read_text()))
    if run.poll() is not None:
        pytest.fail(outcome(run)[1])
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    assert eventually(lambda: not alive(int(held.read_text())))


def test_a_search_is_made_once_and_tells_every_way(tmp_path: Path) -> None:
    calls: list[str] = []

    def no(_run: Run) -> tuple[str, str]:
        calls.append("no")
        raise UnavailableError("closed today")

    def yes(_run: Run) -> tuple[str, str]:
        calls.append("yes")
        return "here", "7"

    run = Run(tmp_path)
    found = [run.find("thing", (("first", no), ("second", yes))) for _ in range(2)]
    assert calls == ["no", "yes"]
    assert found[0] == found[1] == run.found()[0]
    assert str(found[0]) == "thing 7, by second (after first: closed today)"


def test_nothing_found_says_what_each_way_said() -> None:
    nothing = Found(name="thing", address=None, version="", how="", tried=("a: off", "b: gone"))
    assert str(nothing) == "thing: not met. (1) a: off. (2) b: gone."
