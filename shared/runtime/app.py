"""The web application of a service, and the host that mounts several under their names."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from starlette.staticfiles import StaticFiles

from shared.projections.generations import applied_now
from shared.projections.waiting import Waiting
from shared.runtime.engine import Engine
from shared.runtime.home import Panel, home_page
from shared.runtime.observing import embedded_bus
from shared.runtime.read_models import read_models_check
from shared.runtime.standings import standings_of, tasks_check
from shared.runtime.watching import Watch
from shared.runtime.worker import Worker
from shared.telemetry.metrics import Metrics
from shared.web import problems
from shared.web.after import Waits
from shared.web.application import Parts, application
from shared.web.auth import Guard, Verify
from shared.web.context import Web
from shared.web.correlation import Correlation
from shared.web.evidence import evidence_routes
from shared.web.headers import SafeHeaders
from shared.web.health import Check, Checked, health_routes
from shared.web.measured import counted_in
from shared.web.openness import ANYONE
from shared.web.pages_of_problems import problem_pages
from shared.web.paging import Pager
from shared.web.problems import LastResort
from shared.web.sse import Hub

VERSION = version("open-door")
STATIC = Path(problems.__file__).parent / "static"

logging.getLogger("fastapi").setLevel(logging.CRITICAL)  # T2: it would repeat what was typed


def service_app(
    engine: Engine,
    verify: Verify,
    hub: Hub,
    checks: Sequence[Check] = (),
    *,
    worker: Worker | None = None,
    watch: Watch | None = None,
) -> FastAPI:
    """One service's application, its paths without the service's prefix. Its metrics stand beside
    the probes in development only; production shows its `watch` on a port of its own. The embedded
    `worker`, where this process has it, shows how its tasks stand."""
    service, settings = engine.service, engine.settings
    web = _web(engine, Guard(service.name, verify), hub, settings.secret())
    watch = watch or watch_of(engine, hub, worker)
    if worker is not None:
        checks = (*checks, tasks_check(partial(standings_of, worker)))
    shown = watch.page if settings.development else None
    needed = (_database(engine), read_models_check(engine))
    health = health_routes(
        service.name, VERSION, (*needed, _recording(engine), *checks), metrics=shown
    )
    parts = Parts(
        handler=engine.handle,
        secret=settings.secret(),
        version=VERSION,
        routers=[*(make(web) for make in service.routers), evidence_routes(web)],
        health=health,
        measure=counted_in(watch.metrics),
    )
    return application(web, parts)


def watch_of(engine: Engine, hub: Hub, worker: Worker | None = None) -> Watch:
    """The metrics of an API, with those of the embedded worker where this process has it."""
    metrics = Metrics(engine.service.name, VERSION)
    if worker is None:
        return Watch(engine, metrics, hub=hub)
    standings = partial(standings_of, worker)
    return Watch(
        engine, metrics, hub=hub, worker=worker, standings=standings, bus=embedded_bus(worker)
    )


def _web(engine: Engine, guard: Guard, hub: Hub, secret: bytes) -> Web:
    waiting = {
        one.projection.name: Waiting(
            partial(applied_now, engine.log.store, one.projection.name), one.applied
        )
        for one in engine.projectors
    }

    async def head() -> int:
        return (await engine.log.head()).position

    return Web(
        service=engine.service,
        reach=engine.reach,
        log=engine.log,
        record=engine.handle.carry_out,
        signatures=engine.signer,
        hub=hub,
        guard=guard,
        waits=Waits(waiting, head),
        pager=Pager(secret),
    )


def _database(engine: Engine) -> Check:
    async def look() -> Checked:
        head = await engine.log.head()
        return Checked(ok=True, figures={"position": head.position})

    return Check(name="database", look=look, needed=True)


def _recording(engine: Engine) -> Check:
    """A disk without room can still be read: the service is ready, and says what it cannot do."""

    async def look() -> Checked:
        why = engine.handle.unrecorded
        return Checked(ok=not why, detail=why)

    return Check(name="recording", look=look)


def host_app(
    apps: Sequence[tuple[str, FastAPI]],
    *,
    home: Callable[[], Awaitable[str]] | None = None,
) -> FastAPI:
    """The host: each app at `/<service>`, its lifespan entered here, its own 404 a problem.

    `home` renders the page at `/`, in development only.
    """

    @asynccontextmanager
    async def living(host: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for _, app in apps:
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    host = FastAPI(
        title="Open Door",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=living,
        redirect_slashes=False,
        telemetry={"logs": False, "tracing": False},
    )
    problems.install(host)
    # A problem's `type` is an address from the root, whichever service said it.
    host.include_router(problem_pages())
    if home is not None:
        host.include_router(_home(home))
        host.mount("/static", StaticFiles(directory=STATIC))
    for name, app in apps:
        host.mount(f"/{name}", app)
    # The last added is the outermost.
    host.add_middleware(LastResort)
    host.add_middleware(SafeHeaders)
    host.add_middleware(Correlation)
    return host


def _home(home: Callable[[], Awaitable[str]]) -> APIRouter:
    router = APIRouter(dependencies=[ANYONE], include_in_schema=False)

    @router.get("/")
    async def page() -> Response:
        return Response(await home(), media_type="text/html")

    return router


def home_of(
    engines: Sequence[Engine], *, token_command: str, synthetic: bool
) -> Callable[[], Awaitable[str]]:
    """Renders the page at `/` from what each service shows of itself."""

    async def render() -> str:
        services, panels = [], list[Panel]()
        for engine in engines:
            service = engine.service
            services.append(
                {
                    "name": service.name,
                    "title": service.title,
                    "description": service.description,
                    "events": (await engine.log.head()).position,
                }
            )
            if service.panel is not None:
                panels.append(await service.panel(engine.reach))
        return home_page(services, panels, token_command=token_command, synthetic=synthetic)

    return render


def hub_of(engine: Engine) -> Hub:
    """The live streams of one service in this process, woken by its appends."""
    return Hub(engine.appended)
