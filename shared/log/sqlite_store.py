"""A service's SQLite file for rows other than the log's own, and the threads that read it."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable

from shared.kernel.errors import Misconfigured
from shared.log.sqlite_errors import our_names
from shared.log.sqlite_files import alchemy, connect
from shared.log.sqlite_writer import Writer

T = TypeVar("T")


class Readers:
    """A few threads, each with a connection of its own that cannot write."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        self._own = threading.local()
        self._opened: list[Connection] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"reader-{path.stem}")

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer to a question put to the driver's connection. Raises Unavailable."""
        return await self._run(self._ask, question)

    async def rows(self, statement: Executable) -> Sequence[Any]:
        """The rows of a SQLAlchemy statement. Raises Unavailable."""
        return await self._run(self._rows, statement)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._opened:
            driver = _driver(connection)
            connection.close()
            connection.engine.dispose()
            driver.close()

    async def _run(self, work: Callable[[Any], T], told: Any) -> T:
        with our_names():
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, told)

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return question(_driver(self._connection()))

    def _rows(self, statement: Executable) -> Sequence[Any]:
        connection = self._connection()
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.rollback()

    def _connection(self) -> Connection:
        held: Connection | None = getattr(self._own, "connection", None)
        if held is None:
            held = alchemy(connect(self._path, reads_only=True), begins=False)
            self._own.connection = held
            self._opened.append(held)
        return held


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


class SqliteStore:
    """Reads in threads, writes in the file's one writer thread."""

    dialect = "sqlite"

    def __init__(self, readers: Readers, writer: Writer | None) -> None:
        self._readers = readers
        self._writer = writer

    async def read(self, statement: Executable) -> Sequence[Any]:
        """The rows of a statement. Raises Unavailable."""
        return await self._readers.rows(statement)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """What `job` returns, done in one transaction. Raises Unavailable."""
        if self._writer is None:
            raise Misconfigured("This file was opened for reading only.")
        return await self._writer.write(job)

    async def close(self) -> None:
        """The file closes with its log."""
