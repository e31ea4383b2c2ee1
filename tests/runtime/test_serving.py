"""Serving: a port that cannot be had is said in a sentence; a signal ends streams, then all."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from shared.kernel.errors import Misconfigured
from shared.runtime.serving import listen, serve_http

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
PATIENCE = 20


@pytest.fixture
def signals() -> Iterator[None]:
    """What a signal did before is what it does afterwards."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, done in before.items():
        signal.signal(one, done)


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"Port {port} on {HOST} is in use"):
            listen(HOST, port)


def test_a_place_that_is_not_here_is_said():
    with pytest.raises(Misconfigured, match="cannot be listened on"):
        listen("192.0.2.1", 0)


def test_port_0_is_any_port():
    with listen(HOST, 0) as listening:
        assert listening.getsockname()[1] > 0


class _Accepted(asyncio.Protocol):
    """Notes whether what it writes leaves at once."""

    def __init__(self, noted: asyncio.Future[int]) -> None:
        self._noted = noted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        accepted = transport.get_extra_info("socket")
        self._noted.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        transport.close()


async def test_a_body_does_not_wait_for_the_acknowledgement_of_its_headers():
    """Met at 44 ms a request, one after another on one connection, where the work took three."""
    loop = asyncio.get_running_loop()
    noted: asyncio.Future[int] = loop.create_future()
    server = await loop.create_server(lambda: _Accepted(noted), sock=listen(HOST, 0))
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await noted
        writer.close()
        await writer.wait_closed()


def test_a_process_runs_on_the_quick_loop_with_a_calm_collector():
    told = (
        "import asyncio, gc\n"
        "from shared.runtime.garbage import COLLECTED, calm_collector\n"
        "from shared.runtime.serving import run\n"
        "async def main():\n"
        "    calm_collector()\n"
        "    assert type(asyncio.get_running_loop()).__module__ == 'uvloop'\n"
        "    assert gc.get_freeze_count() > 0 and gc.get_threshold() == COLLECTED\n"
        "run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_a_signal_and_returns(told: signal.Signals):
    said: list[str] = []
    ready = asyncio.Event()

    def on_ready() -> None:
        said.append("ready")
        ready.set()

    listening = listen(HOST, 0)
    port = listening.getsockname()[1]
    serving = asyncio.create_task(
        serve_http(
            FastAPI(telemetry={"logs": False}),
            listening,
            grace=1,
            on_exit=lambda: said.append("exit"),
            on_ready=on_ready,
        )
    )
    async with asyncio.timeout(PATIENCE):
        await ready.wait()
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
            answer = await client.get("/none")
        os.kill(os.getpid(), told)
        await serving
    assert answer.status_code == 404
    assert "server" not in answer.headers
    assert said == ["ready", "exit"]


def test_a_process_that_something_holds_is_cut_short():
    """A thread that asks for a name cannot be cancelled, and Python waits for it."""
    held = (
        "import threading\n"
        "from shared.runtime.serving import end_by\n"
        "end_by(0.05)\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", held], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "process_cut_short" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
