"""What answers on a health port: a worker's probes, tasks and metrics; an API's metrics."""

from typing import Any

from fastapi import APIRouter, FastAPI, Response

from shared.runtime.app import VERSION
from shared.runtime.observing import Bus, no_bus
from shared.runtime.read_models import read_models_check
from shared.runtime.standings import Standings, tasks_check
from shared.runtime.watching import Watch
from shared.runtime.worker import Worker
from shared.telemetry.metrics import Metrics
from shared.web import problems
from shared.web.headers import SafeHeaders
from shared.web.health import Check, Checked, health_routes
from shared.web.openness import ANYONE
from shared.web.problems import LastResort


def worker_app(worker: Worker, standings: Standings, *checks: Check, bus: Bus = no_bus) -> Any:
    """The probes of one worker at the root, where its pod looks for them."""
    name = worker.engine.service.name
    app = _bare()
    watch = Watch(
        worker.engine, Metrics(name, VERSION), worker=worker, standings=standings, bus=bus
    )
    all_checks = (
        _database(worker),
        read_models_check(worker.engine),
        tasks_check(standings),
        *checks,
    )
    app.include_router(health_routes(name, VERSION, all_checks, metrics=watch.page))
    app.add_middleware(SafeHeaders)
    return LastResort(app)


def metrics_app(watch: Watch) -> Any:
    """An API's metrics at the root of a port of their own, which its callers do not reach (H13)."""
    app, router = _bare(), APIRouter(dependencies=[ANYONE], include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        body, media = await watch.page()
        return Response(body, media_type=media)

    app.include_router(router)
    app.add_middleware(SafeHeaders)
    return LastResort(app)


def _bare() -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry={"logs": False})
    # Otherwise a probe that fails answers 500, tells a traceback and cuts the connection.
    problems.install(app)
    return app


def _database(worker: Worker) -> Check:
    async def look() -> Checked:
        head = await worker.engine.log.head()
        return Checked(ok=True, figures={"position": head.position})

    return Check(name="database", look=look, needed=True)
