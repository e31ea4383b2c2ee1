"""What a worker answers on its health port: probes, how each task stands, metrics."""

from typing import Any

from fastapi import FastAPI

from shared.runtime.app import VERSION
from shared.runtime.observing import Bus, Watch, no_bus
from shared.runtime.read_models import read_models_check
from shared.runtime.standings import Standings, tasks_check
from shared.runtime.worker import Worker
from shared.telemetry.metrics import Metrics
from shared.web.headers import SafeHeaders
from shared.web.health import Check, Checked, health_routes
from shared.web.problems import LastResort


def worker_app(worker: Worker, standings: Standings, *checks: Check, bus: Bus = no_bus) -> Any:
    """The probes of one worker at the root, where its pod looks for them."""
    name = worker.engine.service.name
    watch = Watch(worker.engine, Metrics(name, VERSION), standings=standings, bus=bus)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry={"logs": False})
    all_checks = (
        _database(worker),
        read_models_check(worker.engine),
        tasks_check(standings),
        *checks,
    )
    app.include_router(health_routes(name, VERSION, all_checks, metrics=watch.page))
    app.add_middleware(SafeHeaders)
    return LastResort(app)


def _database(worker: Worker) -> Check:
    async def look() -> Checked:
        head = await worker.engine.log.head()
        return Checked(ok=True, figures={"position": head.position})

    return Check(name="database", look=look, needed=True)
