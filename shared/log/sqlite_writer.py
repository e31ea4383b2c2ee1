"""The one thread that writes a SQLite file: appends first, what waits in one commit."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from shared.kernel.clock import Clock
from shared.kernel.errors import Broken, OpenDoorError, Unavailable
from shared.log.base import Entry, Outcome
from shared.log.sqlite_append import append
from shared.log.sqlite_errors import named
from shared.log.sqlite_files import alchemy, connect, lock

T = TypeVar("T")

_NOT_DONE = "The database's transaction was given up; try again."


@dataclass(slots=True, eq=False)
class _Task:
    """What a caller waits for: `work` is done inside the writer's transaction."""

    work: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Writes one file from one thread. Raises Misconfigured when another process writes it.

    A turn is one transaction: of all appends that wait, or else of jobs until an append waits.
    After a turn of appends a waiting job has its turn, so that neither starves.
    """

    def __init__(self, path: Path, clock: Clock, *, synced: bool = True) -> None:
        self._clock = clock
        self._path = path
        self._held = lock(path)
        try:
            self._db = connect(path, synced=synced)
        except BaseException:
            self._held.close()
            raise
        self._identity = _identity(path)
        self._alchemy = alchemy(self._db)
        self._appends: deque[_Task] = deque()
        self._jobs: deque[_Task] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"writer-{path.stem}", daemon=True)
        self._thread.start()

    async def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        """One outcome an entry, durable. Raises Unavailable, Broken."""
        outcomes: list[Outcome] = await self._queue(
            self._appends, lambda: append(self._db, entries, self._clock)
        )
        return outcomes

    async def write(self, job: Callable[[Connection], T]) -> T:
        """What the job returns, durable. Raises Unavailable, Broken and what the job raises."""
        result: T = await self._queue(self._jobs, lambda: self._in_savepoint(job))
        return result

    def require_in_place(self) -> None:
        """Raises Broken where the file has been removed or replaced: what is written to it now
        is gone with this process."""
        if _identity(self._path) != self._identity:
            raise Broken(
                f"{self._path.name} was removed or replaced while it was in use; stop this "
                "process and put back the file or a backup of it."
            )

    def close(self) -> None:
        """Does what waits, then closes file and lock; blocks for that long."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _queue(self, queue: deque[_Task], work: Callable[[], Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        task = _Task(work=work, future=loop.create_future(), loop=loop)
        with self._wake:
            if self._closing:
                raise Unavailable("The database is being closed.")
            queue.append(task)
            self._wake.notify()
        return task.future

    def _in_savepoint(self, job: Callable[[Connection], T]) -> T:
        # By hand: a full disk takes the savepoint along, and SQLAlchemy's own would then report
        # the missing savepoint instead of the disk.
        self._db.execute("SAVEPOINT job")
        try:
            result = job(self._alchemy)
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO job")
                self._db.execute("RELEASE job")
            raise
        self._db.execute("RELEASE job")
        return result

    def _run(self) -> None:
        while self._wait():
            if self._appends:
                self._turn_of_appends()
            if self._jobs:
                self._turn_of_jobs()
        self._alchemy.close()
        self._alchemy.engine.dispose()
        self._db.close()
        self._held.close()

    def _wait(self) -> bool:
        """True as soon as something waits; False when nothing does and the writer is to close."""
        with self._wake:
            self._wake.wait_for(lambda: self._appends or self._jobs or self._closing)
            return bool(self._appends or self._jobs)

    def _turn_of_appends(self) -> None:
        tasks = [self._appends.popleft() for _ in range(len(self._appends))]
        try:
            self.require_in_place()
            self._db.execute("BEGIN IMMEDIATE")
            for task in tasks:
                self._attempt(task)
            self._db.execute("COMMIT")
        except BaseException as error:  # the callers are told; the thread lives on
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            _fail(tasks, error)
        _deliver(tasks)

    def _turn_of_jobs(self) -> None:
        tasks: list[_Task] = []
        try:
            self.require_in_place()
            with self._alchemy.begin():
                while self._jobs and not (tasks and self._appends):
                    tasks.append(self._jobs.popleft())
                    self._attempt(tasks[-1])
        except BaseException as error:  # the callers are told; the thread lives on
            if not tasks and self._jobs:
                tasks.append(self._jobs.popleft())
            _fail(tasks, error)
        _deliver(tasks)

    def _attempt(self, task: _Task) -> None:
        """A fault of one task is that task's alone, unless it took the transaction with it."""
        try:
            task.result = task.work()
        except BaseException as error:
            task.error = named(error) or error
            if not self._db.in_transaction:
                raise


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _fail(tasks: Sequence[_Task], error: BaseException) -> None:
    known = isinstance(error, sqlite3.Error | OpenDoorError)
    ours = named(error) or (error if known else Unavailable(_NOT_DONE))
    for task in tasks:
        task.error = task.error or ours


def _deliver(tasks: Sequence[_Task]) -> None:
    for task in tasks:
        try:
            # As an argument: a closure over the loop variable would settle another's future.
            task.loop.call_soon_threadsafe(_settle, task)
        except RuntimeError:
            continue  # the caller's loop is gone, and with it everyone who waited


def _settle(task: _Task) -> None:
    if task.future.done():
        return
    if task.error is not None:
        task.future.set_exception(task.error)
    else:
        task.future.set_result(task.result)
