"""`up`: everything in one process, on the embedded files."""

import asyncio
import shlex
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Misconfigured
from shared.runtime.app import home_of, host_app, hub_of, service_app
from shared.runtime.collecting import collecting
from shared.runtime.embedded import sources_for, verifier
from shared.runtime.engine import Engine, open_engine
from shared.runtime.garbage import calm_collector
from shared.runtime.preparing import prepare
from shared.runtime.progress import progress_bar
from shared.runtime.service import Service
from shared.runtime.serving import listen, run, serve_http
from shared.runtime.settings import Settings
from shared.runtime.showing import warn_of_unknown
from shared.runtime.standings import Reporter, standings_of
from shared.runtime.worker import Worker
from shared.security.dev_issuer import open_issuer
from shared.telemetry.logs import configure_logs
from shared.web.sse import Hub

GRACE = 3
"""Seconds that open connections get when the process is told to end."""


def up(services: Sequence[Service], settings: Settings) -> None:
    """Serves until it is told to stop. Raises Misconfigured."""
    configure_logs(service="all", process="up", development=True)
    warn_of_unknown()
    require_writable(settings.data_dir)
    listening = listen(settings.host, settings.port)
    try:
        run(serve_all(services, settings, listening))
    finally:
        listening.close()


async def serve_all(
    services: Sequence[Service], settings: Settings, listening: socket.socket
) -> None:
    """Prepares the files, then serves and works until a signal. Raises Misconfigured."""
    hubs: list[Hub] = []
    async with AsyncExitStack() as stack:
        stack.enter_context(collecting("all", "up"))
        engines = await _open(services, settings, stack)
        workers = [
            Worker(engine, sources_for(engine, engines), shared=False, name="up")
            for engine in engines.values()
        ]
        apps = []
        for worker in workers:
            engine = worker.engine
            hubs.append(hub_of(engine))
            app = service_app(engine, verifier(engine), hubs[-1], worker=worker)
            apps.append((engine.service.name, app))
        host = host_app(
            apps,
            home=home_of(
                tuple(engines.values()),
                token_command=_token_command(settings),
                synthetic=settings.synthetic,
            ),
        )
        # Not in the host's lifespan: a second signal would pass it over, and leave the workers
        # at work on databases that are closed.
        async with _working(workers):
            await serve_http(
                host,
                listening,
                grace=GRACE,
                on_exit=lambda: _close_all(hubs),
                on_ready=lambda: _announce(settings),
            )


def _close_all(hubs: Sequence[Hub]) -> None:
    for hub in hubs:
        hub.close()


async def _open(
    services: Sequence[Service], settings: Settings, stack: AsyncExitStack
) -> dict[str, Engine]:
    open_issuer(
        settings.data_dir / "issuer",
        environment=settings.environment,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=SettableClock(datetime.now(UTC)),
    )
    engines = {}
    for service in services:
        with progress_bar(f"Building {service.name}") as show:
            await prepare(service, settings, build=True, show=show)
        engines[service.name] = await open_engine(service, settings)
        stack.push_async_callback(engines[service.name].close)
    return engines


@asynccontextmanager
async def _working(workers: Sequence[Worker]) -> AsyncIterator[None]:
    for worker in workers:
        worker.start()
        Reporter(worker.engine.log.store, "up", partial(standings_of, worker)).add_to(worker)
    try:
        yield
    finally:
        await asyncio.gather(*(worker.stop() for worker in workers))


def _token_command(settings: Settings) -> str:
    organisation = "DEMOT01" if settings.synthetic else "RTH"
    # Named even where it is the usual one: of two folders `token` takes the demonstration's.
    folder = shlex.quote(str(settings.data_dir))
    given = f"--organisation {organisation} --role trust --person p1 --data {folder}"
    return f".venv/bin/opendoor token {given}"


def _announce(settings: Settings) -> None:
    calm_collector()
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    typer.echo(f"Open Door is up: http://{host}:{settings.port}/")
    for service in ("intake", "assurance", "learning"):
        typer.echo(f"  http://{host}:{settings.port}/{service}/docs")
    typer.echo(f"A token to try: {_token_command(settings)}")
    typer.echo("Ctrl-C stops it; the data stays.")


def require_writable(folder: Path) -> None:
    """Makes the folder where it is missing. Raises Misconfigured where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be written: {error.strerror}.") from None
