"""A server goes with the run that needed it, however that run ends, and takes no other with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.servers.process import ServerFailedError, ServerProcess
from tests.kit.waiting import alive, eventually

HOLDER = """
import signal, sys
from pathlib import Path
from tests.kit.servers.process import ServerProcess
folder = Path(sys.argv[1])
server = ServerProcess("sleeper", ["sleep", "600"], folder=folder, end=signal.SIGTERM)
server.start(lambda: (folder / "server.pid").exists() or None, within=20)
print(server.pid, flush=True)
sys.stdin.read()
"""


def sleeper(folder: Path, **options) -> ServerProcess:
    return ServerProcess("sleeper", ["sleep", "600"], folder=folder, end=signal.SIGTERM, **options)


def has_a_pid(folder: Path) -> bool | None:
    return (folder / "server.pid").exists() or None


def test_kill_9_of_the_holder_ends_the_server_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        pid = int(holder.stdout.readline())
        assert alive(pid)
        holder.kill()
    assert eventually(lambda: not alive(pid))
    assert eventually(lambda: not folder.exists())


def test_a_cut_lifeline_ends_only_the_servers_that_hang_on_it(tmp_path: Path) -> None:
    lifeline = tmp_path / "lifeline"
    os.mkfifo(lifeline)
    held = os.open(lifeline, os.O_RDWR)
    folders = [tmp_path / "hangs", tmp_path / "stands"]
    for folder in folders:
        folder.mkdir()
    hangs, stands = sleeper(folders[0], lifeline=lifeline), sleeper(folders[1])
    hangs.start(lambda: has_a_pid(folders[0]), within=20)
    stands.start(lambda: has_a_pid(folders[1]), within=20)
    os.close(held)
    assert eventually(lambda: not hangs.running)
    assert eventually(lambda: not folders[0].exists())
    assert stands.running
    stands.stop()
    assert not stands.running


def test_a_server_that_dies_at_its_start_says_its_last_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no room; exit 3"]
    server = ServerProcess("small", command, folder=tmp_path, end=signal.SIGTERM)
    with pytest.raises(ServerFailedError, match=r"small died at its start(?s:.)*no room"):
        server.start(lambda: None, within=20)


def test_a_server_that_never_answers_is_ended(tmp_path: Path) -> None:
    server = sleeper(tmp_path)
    with pytest.raises(ServerFailedError, match="did not answer within"):
        server.start(lambda: None, within=0.5)
    assert not server.running
    assert not alive(server.pid)
