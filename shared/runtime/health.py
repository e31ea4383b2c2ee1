"""What a worker answers on its health port: probes, how each task stands, metrics."""

from typing import Any

from fastapi import FastAPI

from shared.runtime.app import VERSION
from shared.runtime.worker import Worker
from shared.web.headers import SafeHeaders
from shared.web.health import Check, Checked, health_routes
from shared.web.problems import LastResort


def worker_app(worker: Worker, *checks: Check) -> Any:
    """The probes of one worker at the root, where its pod looks for them."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry={"logs": False})
    app.include_router(
        health_routes(
            worker.engine.service.name, VERSION, (_database(worker), _tasks(worker), *checks)
        )
    )
    app.add_middleware(SafeHeaders)
    return LastResort(app)


def _database(worker: Worker) -> Check:
    async def look() -> Checked:
        head = await worker.engine.log.head()
        return Checked(ok=True, figures={"position": head.position})

    return Check(name="database", look=look, needed=True)


def _tasks(worker: Worker) -> Check:
    async def look() -> Checked:
        states = worker.supervisor.states.values()
        partitions = {
            f"{one.topic}/{one.partition}": one for one in worker.consumer.states.values()
        }
        figures = {one.name: {"standing": one.standing, "why": one.why} for one in states} | {
            name: {"standing": one.standing, "why": one.why, "cursor": one.cursor}
            for name, one in partitions.items()
        }
        bad = [one.name for one in states if one.standing in ("red", "waiting")]
        bad += [name for name, one in partitions.items() if one.standing != "running"]
        detail = f"Not running: {', '.join(bad)}." if bad else ""
        return Checked(ok=not bad, detail=detail, figures=figures)

    return Check(name="tasks", look=look)
