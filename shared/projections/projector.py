"""Carries the own log into a read model's tables: rows and cursor in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, delete

from shared.kernel.errors import Broken, Busy
from shared.kernel.messages import event_name
from shared.log.base import Log, Recorded
from shared.projections.base import LOG_TOPIC, Projection, Seen
from shared.projections.cursors import clear_cursor, move_cursor
from shared.projections.rows import BufferedRows
from shared.projections.waking import Signal

BATCH = 2_000
"""Events a transaction at most: many on catch-up, few when following."""
POLL = 0.25
"""Seconds after which the log is looked at without a wake-up."""

Decode = Callable[[Recorded], Any]
"""The event of a record, sealed texts left sealed; None for one that this code does not know."""

Held = Callable[[], Awaitable[bool]]
"""Whether this process may project now: it holds, or has just taken, the lease."""


async def always() -> bool:
    """For a process that has no rival: one file has one writing process."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionState:
    """How a projection stands: the position it has applied, and `why` it is red, if it is."""

    name: str
    applied: int = 0
    red: bool = False
    why: str = ""


class Projector:
    """Follows the log for one projection.

    A view that fails halts its projection alone, after everything before that event has been
    applied; it stays red until the process is started again, since only other code or other data
    can help. A database that is gone is waited for by whoever runs this.
    """

    def __init__(
        self, projection: Projection, log: Log, decode: Decode, *, batch: int = BATCH
    ) -> None:
        self.projection = projection
        self.state = ProjectionState(name=projection.name)
        self.applied = Signal()
        self._log = log
        self._decode = decode
        self._batch = batch
        self._names = {event_name(cls) for cls in projection.views}
        self._cursor: int | None = None
        self._rows = BufferedRows(log.store)

    async def run(
        self, stop: asyncio.Event, appended: Signal | None = None, held: Held = always
    ) -> None:
        """Follows until `stop` is set; `appended` wakes it. Raises Broken when a view fails,
        Unavailable when the database is gone."""
        signal = appended or Signal()
        while not stop.is_set():
            seen = signal.count
            if not await held():
                self._cursor = None
            elif await self.step():
                continue
            await signal.wait(seen, POLL)

    async def step(self) -> int:
        """One batch; how many events it covered. 0 at the head, or when another projector was
        there first. Raises Broken when a view fails at the first event of the batch."""
        cursor = await self._stand()
        events = await self._log.events(cursor, self._batch)
        if not events:
            return 0
        done = await self._project(events)
        target = events[done - 1].position
        if not await self._commit(cursor, target):
            self._drop()
            return 0
        self._rows.settle()
        self._stand_at(target)
        return done

    async def _stand(self) -> int:
        if self._cursor is None:
            self._stand_at(await self._log.cursor(self.projection.reader, LOG_TOPIC, 0))
            self._rows = BufferedRows(self._log.store, complete=self._cursor == 0)
        return self._cursor or 0

    def _stand_at(self, position: int) -> None:
        self._cursor = position
        self.state = ProjectionState(name=self.projection.name, applied=position)
        self.applied.set()

    def _drop(self) -> None:
        self._cursor = None
        self._rows.forget()

    async def _project(self, events: list[Recorded]) -> int:
        """Runs the views; how many events went well. After a failure those before it run again
        alone, as the failing view may have left half a step in the buffer."""
        for index, recorded in enumerate(events):
            try:
                await self._apply(recorded)
            except (Busy, OSError):
                self._drop()
                raise
            except Exception as error:  # a view's fault halts this projection alone
                self._rows.forget()
                if index == 0:
                    self._halt(recorded, error)
                return await self._project(events[:index])
        return len(events)

    async def _apply(self, recorded: Recorded) -> None:
        if recorded.type not in self._names:
            return
        event = self._decode(recorded)
        view = self.projection.views.get(type(event))
        if view is not None:
            await view(self._rows, event, seen_of(recorded))

    def _halt(self, recorded: Recorded, error: Exception) -> None:
        why = (
            f"Projection {self.projection.name} halted at position {recorded.position} "
            f"({recorded.type}): {type(error).__name__} in {_place(error)}"
        )
        self.state = ProjectionState(
            name=self.projection.name, applied=self.state.applied, red=True, why=why
        )
        self._cursor = None
        raise Broken(why) from error

    async def _commit(self, source: int, target: int) -> bool:
        """Cursor first, as the compare-and-set of the same transaction: last, two projectors
        would deadlock on the rows."""

        def job(connection: Connection) -> bool:
            if not move_cursor(connection, self.projection.reader, source, target):
                return False
            self._rows.write(connection)
            return True

        try:
            return await self._log.store.write(job)
        except BaseException:
            # Whether it was committed is not known: read the cursor again.
            self._drop()
            raise


async def clear(projection: Projection, log: Log) -> None:
    """Empties a projection, so that it is filled anew from the first event."""

    def job(connection: Connection) -> None:
        clear_cursor(connection, projection.reader)
        for table in projection.tables:
            connection.execute(delete(table))

    await log.store.write(job)


def seen_of(recorded: Recorded) -> Seen:
    """Where an event stands, as a view is told."""
    return Seen(
        position=recorded.position,
        stream=recorded.stream,
        id=recorded.stream.partition("-")[2],
        version=recorded.version,
        recorded_at=recorded.recorded_at,
        meta=orjson.loads(recorded.meta),
    )


def _place(error: BaseException) -> str:
    """File and function where it was raised; the error's text may hold what a person typed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rsplit('/', 1)[-1]}:{code.co_name}"
