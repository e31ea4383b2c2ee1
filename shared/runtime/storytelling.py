"""A stage: the three services in one process whose clock a script sets, driven over HTTP.

The demonstration is played on it, and so are the tests' journeys.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared.bus.embedded import EmbeddedSource
from shared.kernel.clock import SettableClock
from shared.kernel.ids import Ids
from shared.runtime.app import host_app, hub_of, service_app
from shared.runtime.embedded import sources_for, verifier
from shared.runtime.engine import Engine, open_engine, settle_projections
from shared.runtime.preparing import prepare
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.worker import Worker, run_timer
from shared.security.dev_issuer import DevelopmentIssuer, open_issuer

ORIGIN = "http://open-door.test"


@dataclass(slots=True, kw_only=True)
class Stage:
    """What a script has: the clock, an HTTP client to `/<service>`, tokens, and `settle`.

    `client` calls `host` in process and reads whole answers only; a stream needs a server.
    `workers` do not run by themselves here: `settle` carries everything until nothing moves.
    """

    clock: SettableClock
    host: ASGIApp
    client: httpx.AsyncClient
    issuer: DevelopmentIssuer
    workers: dict[str, Worker]
    progress: Callable[[int, int, str], None]
    _heard: dict[EmbeddedSource, dict[tuple[str, int], int]] = field(default_factory=dict)

    def token(self, organisation: str, role: str, person: str = "p1") -> str:
        """A bearer token of the development issuer, signed at the stage's time."""
        return self.issuer.issue(organisation, role, person=person)

    async def settle(self) -> None:
        """Consumers, projections, timers and erasers, until a whole round moves nothing."""
        while await self._round():
            continue

    async def at(self, moment: datetime) -> None:
        """Settles what is, then lets it be `moment`, and lets time's own work be done."""
        await self.settle()
        self.clock.set(moment)
        await self.settle()

    async def _round(self) -> bool:
        moved = False
        for worker in self.workers.values():
            moved |= await settle_projections(worker.engine)
            moved |= bool(await self._hear(worker))
            moved |= await settle_projections(worker.engine)
            for timer in worker.engine.service.timers:
                moved |= bool(await run_timer(worker.engine, timer))
            moved |= bool(await worker.eraser.step())
        return moved

    async def _hear(self, worker: Worker) -> int:
        moved = 0
        for source in worker.sources:
            assert isinstance(source, EmbeddedSource)  # noqa: S101 - a stage has no other bus
            told = await source.heads()
            if told == self._heard.get(source):
                continue
            # Only partitions that are behind: a read that finds nothing waits for something.
            while behind := await source.behind(worker.engine.log, worker.consumer.reader):
                moved += sum([await worker.consumer.step(one) for one in behind])
            self._heard[source] = told
        return moved


@asynccontextmanager
async def set_stage(
    services: Sequence[Service],
    settings: Settings,
    clock: SettableClock,
    *,
    ids: Ids | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> AsyncIterator[Stage]:
    """Opens migrated databases, reference data and the three apps; closes them afterwards."""
    async with AsyncExitStack() as stack:
        issuer = open_issuer(
            settings.data_dir / "issuer",
            environment=settings.environment,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            clock=clock,
        )
        engines: dict[str, Engine] = {}
        for service in services:
            await prepare(service, settings, build=True)
            engine = await open_engine(service, settings, clock, ids, synced=False)
            stack.push_async_callback(engine.close)
            engines[service.name] = engine
        workers = {
            name: Worker(engine, sources_for(engine, engines), shared=False, name="stage")
            for name, engine in engines.items()
        }
        apps: list[tuple[str, Any]] = []
        for name, engine in engines.items():
            hub = hub_of(engine)
            stack.callback(hub.close)
            app = service_app(engine, verifier(engine), hub, worker=workers[name])
            apps.append((name, app))
        host = host_app(apps)
        transport = httpx.ASGITransport(app=host)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60)
        )
        yield Stage(
            clock=clock, host=host, client=client, issuer=issuer, workers=workers, progress=progress
        )
