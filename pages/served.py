"""The services as they are served: opened on empty files, so that nothing is described twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.runtime.app import hub_of, service_app
from shared.runtime.embedded import verifier
from shared.runtime.engine import open_engine
from shared.runtime.preparing import prepare
from shared.runtime.service import Service
from shared.runtime.settings import Settings, load_settings
from shared.web.openness import Access, accesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A service, its OpenAPI document, and who may call each operation."""

    service: Service
    openapi: dict[str, Any]
    accesses: Sequence[Access]


async def served(services: Sequence[Service]) -> tuple[Served, ...]:
    """Each as its application has it, whatever the settings of this machine are."""
    with TemporaryDirectory() as folder:
        settings = load_settings(
            environment="development",
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/{{service}}.db",
            keys_url=f"sqlite:///{folder}/{{service}}-keys.db",
            bus_url="embedded:",
        )
        return tuple([await _served(one, settings) for one in services])


async def _served(service: Service, settings: Settings) -> Served:
    await prepare(service, settings)
    engine = await open_engine(service, settings)
    try:
        app = service_app(engine, verifier(engine), hub_of(engine))
        return Served(service=service, openapi=app.openapi(), accesses=accesses(app.routes))
    finally:
        await engine.close()
