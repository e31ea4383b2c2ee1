"""Serving HTTP: one uvicorn server that ends its streams before it waits for connections."""

import asyncio
import errno
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

import structlog
import uvicorn
import uvloop

from shared.kernel.errors import Misconfigured

log = structlog.get_logger("runtime")


def run(process: Coroutine[Any, Any, None]) -> None:
    """Runs a process that serves or works to its end, on the loop that costs least."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(process)


class _Server(uvicorn.Server):
    """Tells the streams to end as soon as a signal arrives: uvicorn waits for connections, and an
    open stream never ends by itself (T1)."""

    def __init__(
        self, config: uvicorn.Config, on_exit: Callable[[], None], on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_exit = on_exit
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._on_exit()
        super().handle_exit(sig, frame)


class _Beside(uvicorn.Server):
    """Leaves signals to the server that it stands beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """A bound socket. Raises Misconfigured with a sentence when it cannot be had, which names the
    `option` that gives another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: for a socket that does not say TCP the loop leaves Nagle's algorithm
    # on, and a body behind its headers waits 40 ms for the client's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"Port {port} on {host} is in use: stop what listens there, or give {option}."
            ) from None
        raise Misconfigured(f"{host}:{port} cannot be listened on: {error.strerror}.") from None
    return listening


def address_of(listening: socket.socket) -> str:
    """`http://host:port`, as somebody at this machine reaches it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve_http(
    app: Any,
    listening: socket.socket,
    *,
    grace: int,
    on_exit: Callable[[], None] = lambda: None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serves until SIGINT or SIGTERM; connections get `grace` seconds to end."""
    _take_signals()
    await _Server(_config(app, grace, "on"), on_exit, on_ready).serve(sockets=[listening])


@asynccontextmanager
async def beside(app: Any, listening: socket.socket) -> AsyncIterator[None]:
    """Serves another application on a port of its own until the block ends."""
    server = _Beside(_config(app, 1, "off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="beside")
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _config(app: Any, grace: int, lifespan: Literal["on", "off"]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=30,
        lifespan=lifespan,
    )


def end_by(seconds: float) -> None:
    """Ends the process then with status 1, whatever still holds it: a thread that asks for a name,
    say, which nothing else can cut short. What was acknowledged is durable by then."""
    last_resort = threading.Timer(seconds, _cut_short)
    last_resort.daemon = True
    last_resort.start()


def _cut_short() -> None:
    log.error("process_cut_short")
    os._exit(1)


def _take_signals() -> None:
    """uvicorn raises a signal again once it has served, which would end the process before it has
    closed its log and workers: from here on a signal only ends the serving."""
    if threading.current_thread() is threading.main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, lambda number, frame: None)
