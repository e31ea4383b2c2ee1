"""From a URL to a log: which adapter serves."""

from pathlib import Path

from shared.kernel.clock import Clock
from shared.kernel.errors import Misconfigured
from shared.log.base import Log

SQLITE = "sqlite:///"
POSTGRES = "postgresql+asyncpg://"


def open_log(
    url: str,
    clock: Clock,
    *,
    pool_size: int = 4,
    statement_cache: bool = True,
    reads_only: bool = False,
    synced: bool = True,
) -> Log:
    """The log at `sqlite:///path` or `postgresql+asyncpg://...`. Raises Misconfigured for another
    URL, and when another process writes the SQLite file; PostgreSQL is reached when first asked.

    The clock's offset shifts `recorded_at`. `pool_size` and `statement_cache` are PostgreSQL's
    alone; `reads_only` opens an SQLite file beside the process that writes it, and
    without `synced` its commits are not awaited to the disk.
    """
    # Only the driver that serves is imported: each costs a start some tenths of a second.
    if url.startswith(SQLITE):
        from shared.log.sqlite import SqliteLog

        return SqliteLog(
            Path(url.removeprefix(SQLITE)), clock, reads_only=reads_only, synced=synced
        )
    if url.startswith(POSTGRES):
        from shared.log.postgres import PostgresLog

        return PostgresLog(url, clock, pool_size=pool_size, statement_cache=statement_cache)
    raise Misconfigured("OPENDOOR_DATABASE_URL: write sqlite:///path or postgresql+asyncpg://...")
