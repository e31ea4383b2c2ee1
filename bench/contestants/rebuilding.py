"""Rebuilding intake's list of events from the first event on, rows written and shown."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.contestants.base import Run
from bench.contestants.filing import file_reports
from bench.sampling import Sample, cpu_seconds, sample_of
from services.intake.service import service
from shared.runtime.building import Builder
from shared.runtime.engine import open_engine
from shared.runtime.preparing import prepare
from shared.runtime.settings import load_settings

SHOWN = "events"


@asynccontextmanager
async def rebuilding(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`folder`, and `database` and `keys` (URLs) on PostgreSQL; files `reports` at first."""
    settings = load_settings(
        environment="development",
        synthetic=True,
        data_dir=Path(told["folder"]),
        database_url=told.get("database"),
        keys_url=told.get("keys"),
    )
    await prepare(service, settings, build=True)
    engine = await open_engine(service, settings)
    try:
        await file_reports(engine, told["reports"])
        owner = "bench" if "database" in told else None
        builder = Builder(service=service, log=engine.log, owner=owner)
        (projection,) = (one for one in service.projections if one.name == SHOWN)

        async def run(clients: int, seconds: float) -> Sample:
            began, cpu = time.perf_counter(), cpu_seconds()
            await builder.rebuild(projection)
            took = time.perf_counter() - began
            head = await engine.log.head()
            return sample_of(1, [took / head.position] * head.position, took, cpu_seconds() - cpu)

        yield run
    finally:
        await engine.close()
