"""`serve`, `work` and `migrate`: the processes of production."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack, ExitStack
from functools import partial

import typer

from shared.bus.kafka import make_topics
from shared.kernel.errors import Misconfigured
from shared.log.opening import SQLITE
from shared.runtime.app import host_app, hub_of, service_app, watch_of
from shared.runtime.collecting import collecting
from shared.runtime.embedded import verifier
from shared.runtime.engine import open_engine
from shared.runtime.garbage import calm_collector
from shared.runtime.health import metrics_app, worker_app
from shared.runtime.on_kafka import KafkaBus, bus_check
from shared.runtime.preparing import prepare
from shared.runtime.service import Service
from shared.runtime.serving import (
    address_of,
    beside,
    end_by,
    listen,
    run,
    serve_http,
)
from shared.runtime.settings import Settings
from shared.runtime.showing import warn_of_unknown
from shared.runtime.standings import Reporter, standings_of, told_check
from shared.runtime.worker import Worker
from shared.telemetry.logs import configure_logs

FOLDER = "OPENDOOR_DATA_DIR"
"""How these processes are told where the embedded files lie."""
API_GRACE = 10
WORKER_GRACE = 8
PROBE_GRACE = 2
LONGEST = 25.0
"""Seconds after the signal at which a process ends, come what may: more than all that it waits
for, less than what an orchestrator gives it."""


def serve(service: Service, settings: Settings) -> None:
    """Serves one service's API until it is told to stop; outside development with its metrics on
    the health port, which its callers need not reach. Raises Misconfigured."""
    _refuse_embedded(settings)
    configure_logs(service=service.name, process="api", development=settings.development)
    warn_of_unknown()
    with ExitStack() as stack:
        stack.enter_context(collecting(service.name, "api"))
        listening = stack.enter_context(listen(settings.host, settings.port))
        watched = None
        if not settings.development:
            watched = listen(settings.host, settings.health_port, "--health-port")
            stack.enter_context(watched)
        run(_serve(service, settings, listening, watched))


async def _serve(
    service: Service,
    settings: Settings,
    listening: socket.socket,
    watched: socket.socket | None,
) -> None:
    async with AsyncExitStack() as stack:
        engine = await open_engine(service, settings, named_by=FOLDER)
        stack.push_async_callback(engine.close)
        hub = hub_of(engine)
        checks = () if settings.embedded_bus else (bus_check(engine.log), told_check(engine.log))
        watch = watch_of(engine, hub)
        app = service_app(engine, verifier(engine), hub, checks, watch=watch)
        host = host_app([(service.name, app)])
        if watched is not None:
            await stack.enter_async_context(beside(metrics_app(watch), watched))

        def ends() -> None:
            hub.close()
            end_by(LONGEST)

        def ready() -> None:
            calm_collector()
            api = f"{address_of(listening)}/{service.name}"
            metrics = f"{address_of(watched)}/metrics" if watched else f"{api}/metrics"
            typer.echo(f"{service.name} listens on {api}, metrics on {metrics}.")

        await serve_http(host, listening, grace=API_GRACE, on_exit=ends, on_ready=ready)


def _refuse_embedded(settings: Settings) -> None:
    """Outside development an API believes no issuer that anybody at this machine may be, and tells
    whether the bus of its workers is there."""
    if settings.development:
        return
    if not settings.jwks_url:
        raise Misconfigured(
            "Set OPENDOOR_JWKS_URL to where your issuer's public keys are read: outside "
            "development no development issuer is believed."
        )
    _refuse_files(settings)
    if settings.embedded_bus:
        raise Misconfigured(
            "Set OPENDOOR_BUS_URL=kafka://host:port, as for `work`: outside development `serve` "
            "tells whether that bus is there."
        )


def _refuse_files(settings: Settings) -> None:
    """Outside development processes share what they write on, wherever they run."""
    shared = {
        "OPENDOOR_DATABASE_URL": settings.database_for("x"),
        "OPENDOOR_KEYS_URL": settings.keys_for("x"),
    }
    for name, url in shared.items():
        if url.startswith(SQLITE) and not settings.development:
            raise Misconfigured(
                f"Set {name} to postgresql+asyncpg://...: one SQLite file has one writing process, "
                "so `serve` and `work` cannot share it."
            )


def work(service: Service, settings: Settings) -> None:
    """Runs one service's relay, consumers, projections and timers until it is told to stop."""
    if settings.embedded_bus:
        raise Misconfigured(
            "`work` needs OPENDOOR_BUS_URL=kafka://host:port; `up` runs everything embedded."
        )
    _refuse_files(settings)
    configure_logs(service=service.name, process="worker", development=settings.development)
    warn_of_unknown()
    listening = listen(settings.host, settings.health_port, "--health-port")
    with listening, collecting(service.name, "worker"):
        run(_work(service, settings, listening))


async def _work(service: Service, settings: Settings, listening: socket.socket) -> None:
    async with AsyncExitStack() as stack:
        engine = await open_engine(service, settings, named_by=FOLDER)
        stack.push_async_callback(engine.close)
        bus = KafkaBus(engine, _own_name())
        worker = Worker(engine, (bus.source,), shared=True, name=_own_name())
        bus.add_to(worker)
        standings = partial(standings_of, worker, bus.standings)
        Reporter(engine.log.store, _own_name(), standings).add_to(worker)
        worker.start()
        stack.push_async_callback(worker.stop, WORKER_GRACE)

        def ends() -> None:
            worker.supervisor.stopping.set()
            end_by(LONGEST)

        probes = worker_app(worker, standings, bus.check(), bus=bus.lags)

        def ready() -> None:
            calm_collector()
            at = address_of(listening)
            typer.echo(f"{service.name} works, probes on {at}/readyz, metrics on {at}/metrics.")

        await serve_http(probes, listening, grace=PROBE_GRACE, on_exit=ends, on_ready=ready)


def _own_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def migrate(service: Service, settings: Settings) -> str:
    """Brings database, reference data, key store and topics up to date; a sentence says so.
    Raises Misconfigured, Broken, Unavailable."""
    _refuse_files(settings)
    return asyncio.run(_migrate(service, settings))


async def _migrate(service: Service, settings: Settings) -> str:
    reached = await prepare(service, settings)
    if not settings.embedded_bus:
        await make_topics(
            settings.bootstrap,
            service.topics,
            replication=settings.kafka_replication,
            prefix=settings.topic_prefix,
            tls=settings.kafka_tls(),
        )
    return f"{service.name}: schema {reached}, reference data and topics are up to date."
