"""A service's log that is there already: nobody makes an empty one by looking for it."""

from pathlib import Path

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Misconfigured
from shared.log.base import Log
from shared.log.opening import SQLITE, open_log
from shared.runtime.service import Service
from shared.runtime.settings import Settings


def open_existing(
    service: Service,
    settings: Settings,
    clock: Clock | None = None,
    *,
    reads_only: bool = False,
    synced: bool = True,
) -> Log:
    """Opens the log that `migrate` made. Raises Misconfigured where its file is missing, and as
    `open_log` does."""
    url = settings.database_for(service.name)
    file = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and not file.exists():
        raise Misconfigured(
            f"There is no database {file}: run `opendoor migrate {service.name}`, or name its "
            "folder with --data."
        )
    return open_log(
        url,
        clock or SystemClock(),
        pool_size=settings.pool_size,
        statement_cache=settings.statement_cache,
        reads_only=reads_only,
        synced=synced,
    )
