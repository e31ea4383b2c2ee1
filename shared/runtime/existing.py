"""A service's log that is there already: nobody makes an empty one by looking for it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Misconfigured
from shared.log.base import Log
from shared.log.opening import SQLITE, open_log
from shared.runtime.migrations import newest, refuse_newer
from shared.runtime.service import Service
from shared.runtime.settings import Settings

T = TypeVar("T")

_THERE = {
    "postgresql": "SELECT to_regclass('alembic_version') IS NOT NULL AS is_there",
    "sqlite": "SELECT count(*) AS is_there FROM sqlite_master WHERE name = 'alembic_version'",
}


def open_existing(
    service: Service,
    settings: Settings,
    clock: Clock | None = None,
    *,
    reads_only: bool = False,
    synced: bool = True,
    named_by: str = "--data",
) -> Log:
    """Opens the log that `migrate` made. Raises Misconfigured where its file is missing, and as
    `open_log` does; `named_by` is how whoever asked can name another folder."""
    url = settings.database_for(service.name)
    file = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and not file.exists():
        named = f"folder with {named_by}"
        if settings.database_url:
            named = "file with OPENDOOR_DATABASE_URL"
        raise Misconfigured(
            f"There is no database {file}: run `opendoor migrate {service.name}`, or name its "
            f"{named}."
        )
    return open_log(
        url,
        clock or SystemClock(),
        pool_size=settings.pool_size,
        statement_cache=settings.statement_cache,
        reads_only=reads_only,
        synced=synced,
    )


async def require_known(service: Service, log: Log) -> str | None:
    """The schema that the database has, None for none. Raises Misconfigured where it is newer
    than this code, Unavailable."""
    held = await _revision(log)
    refuse_newer(held, service.migrations)
    return held


async def _revision(log: Log) -> str | None:
    (there,) = await log.store.read(text(_THERE[log.store.dialect]))
    if not there.is_there:
        return None
    rows = await log.store.read(text("SELECT version_num FROM alembic_version"))
    return str(rows[0].version_num) if rows else None


async def require_newest(service: Service, log: Log) -> None:
    """Raises Misconfigured where the database has another schema than this code's."""
    held = await require_known(service, log)
    if held != newest(service.migrations):
        raise Misconfigured(
            f"The database of {service.name} has schema {held or 'none'}, not "
            f"{newest(service.migrations)}: run `opendoor migrate {service.name}`."
        )


def on_existing(
    service: Service,
    settings: Settings,
    work: Callable[[Log], Awaitable[T]],
    *,
    reads_only: bool = False,
) -> T:
    """What a tool does with a log of this code's schema, from outside any event loop. Raises as
    `open_existing` and `require_newest` do, and what the work raises."""

    async def run() -> T:
        log = open_existing(service, settings, reads_only=reads_only)
        try:
            await require_newest(service, log)
            return await work(log)
        finally:
            await log.close()

    return asyncio.run(run())
