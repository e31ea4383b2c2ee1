"""A service's PostgreSQL database for rows other than the log's own."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.log.postgres_errors import again_if_cut, our_names
from shared.privacy.letting_go import Connections

T = TypeVar("T")


WAIT_SECONDS = 5
"""How long a caller waits for a connection."""
IDLE = "10s"
"""How long a transaction may stand still before the server ends it: a process that is frozen, or
cut off, within one would hold its rows for ever, and leases among them could not be taken over."""
UNCACHED = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
"""For PgBouncer in transaction mode (K12)."""


_LET_GO = text("SELECT set_config('idle_in_transaction_session_timeout', :after, true)")
"""Set anew in each transaction: behind PgBouncer a session is not ours to keep (K12)."""


class PostgresStore:
    """Reads in autocommit, writes in one transaction; connections are made when first needed."""

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 4, statement_cache: bool = True) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_recycle=1800,
            pool_timeout=WAIT_SECONDS,
            connect_args={"timeout": WAIT_SECONDS, **({} if statement_cache else UNCACHED)},
        )
        self._connections = Connections(self._engine)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def read(self, statement: Executable) -> Sequence[Any]:
        """The rows of a statement. Raises Unavailable."""
        return await again_if_cut(lambda: self._read(statement))

    async def _read(self, statement: Executable) -> Sequence[Any]:
        with our_names():
            async with self._reading.connect() as connection:
                return (await connection.execute(statement)).fetchall()

    async def write(self, job: Callable[[Connection], T]) -> T:
        """What `job` returns, done in one transaction. Raises Unavailable."""
        with our_names():
            async with self._engine.begin() as connection:
                await connection.execute(_LET_GO, {"after": IDLE})
                return await connection.run_sync(job)

    async def close(self) -> None:
        """Within some seconds; connections of a server that does not answer are dropped."""
        await self._connections.close()
