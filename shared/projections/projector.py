"""Carries the own log into a read model's tables: rows and cursor in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from time import time_ns
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy.util import await_only

from shared.kernel.errors import Broken, Busy, NotNow
from shared.kernel.messages import event_name
from shared.log.base import Log, Recorded
from shared.log.waking import Signal
from shared.projections.base import Projection, Seen
from shared.projections.cursors import step_cursor
from shared.projections.generations import Generation, stand, stored
from shared.projections.rows import BufferedRows
from shared.projections.swapping import swap
from shared.telemetry import spans

BATCH = 2_000
"""Events a transaction at most: many on catch-up, few when following."""
POLL = 0.25
"""Seconds after which the log is looked at without a wake-up."""

NEAR = 100
"""Events behind the head at which what fills beside another is shown, with what it still lacks: to
wait until nothing is left is to wait for ever while reports come in."""
TAKING = 10.0
"""Seconds in which the last events before a swap must be read."""

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

    It follows the generation that has its projection's shape (see generations.py), or the pinned
    one. What fills beside another is shown in its place once nothing is missing.
    """

    def __init__(
        self,
        projection: Projection,
        log: Log,
        decode: Decode,
        *,
        batch: int = BATCH,
        pinned: int | None = None,
    ) -> None:
        self.projection = projection
        self.state = ProjectionState(name=projection.name)
        self.applied = Signal()
        self._log = log
        self._decode = decode
        self._batch = batch
        self._pinned = pinned
        self._place: Generation | None = None
        self._kept_back = False
        self._names = {event_name(cls) for cls in projection.views}
        self._size = batch
        self._cursor: int | None = None
        self._rows = BufferedRows(log.store)

    async def run(
        self, stop: asyncio.Event, appended: Signal | None = None, held: Held = always
    ) -> None:
        """Follows until `stop` is set; `appended` wakes it. Raises Broken when a view fails,
        Unavailable when the database is gone, Retired where nothing is left to follow."""
        signal = appended or Signal()
        while not stop.is_set():
            seen = signal.count
            if await held():
                moved = await self.step()
                if (moved < NEAR and await self._come_forward()) or moved:
                    continue
            await signal.wait(seen, POLL)

    async def step(self) -> int:
        """One batch; how many events it covered. 0 at the head, or when another projector was
        there first. Raises Broken when a view fails, with everything before that event applied."""
        cursor = await self._stand()
        events = await self._log.events(cursor, self._size)
        if not events:
            return 0
        # Until this batch has ended well: it may be committed unseen, or overtaken by another.
        self._cursor = None
        target = events[-1].position
        since, done = time_ns(), 0
        try:
            for recorded in events:
                await self._apply(recorded)
                done += 1
            moved = await self._commit(cursor, target)
        except (Busy, OSError):
            raise
        except Exception as error:  # whatever a view meets halts this projection alone
            if len(events) == 1:
                raise self._halted(events[0], error) from error
            self._size = done if 0 < done < len(events) else max(1, done // 2)
            return await self.step()
        if not moved:
            return 0
        self._trace(events, since)
        self._rows.settle()
        self._stand_at(target)
        self._size = min(self._batch, self._size * 2)
        return len(events)

    def _trace(self, events: Sequence[Recorded], since: int) -> None:
        """The rows of these events, as a step behind each; not while history is gone through."""
        if spans.collected() and self._pinned is None and len(events) < self._batch:
            spans.done(
                f"project {self.projection.name}",
                follows=(_traceparent(one) for one in events if one.type in self._names),
                since=since,
                notes={"open_door.reader": self.projection.name},
            )

    async def show(self, *, others_stopped: bool = False) -> bool:
        """Shows under the plain names what this has filled, with the last events that it lacks;
        False where these are more than a batch. Raises NotNow as `swap` does."""
        cursor = await self._stand()
        place, loop = self._followed, asyncio.get_running_loop()
        reached = [cursor]

        def catch_up(connection: Connection, goal: int) -> bool:
            if not _awaited(connection, self._take(cursor, goal), loop):
                return False
            self._rows.write(connection)
            reached.append(goal)
            return step_cursor(connection, place.reader, cursor, goal)

        def job(connection: Connection) -> bool:
            return swap(
                connection,
                self.projection,
                place.generation,
                catch_up=catch_up,
                others_stopped=others_stopped,
            )

        self._cursor = None
        shown = await self._log.store.write(job)
        if shown:
            self._rows.settle()
            self._place = replace(place, state="current")
            self._stand_at(reached[-1])
        return shown

    async def _take(self, cursor: int, goal: int) -> bool:
        """Applies what lies between to the rows in memory; False where it is too much, or where a
        view fails, which the next step says."""
        if goal - cursor > self._batch:
            return False
        try:
            for recorded in await self._log.events(cursor, goal - cursor):
                await self._apply(recorded)
        except (Busy, OSError):
            raise
        except Exception:  # whatever it is, it is met again
            return False
        return True

    async def _come_forward(self) -> bool:
        """At the head, what fills beside another takes its place."""
        if self._place is None or self._place.state != "building" or self._kept_back:
            return False
        try:
            return await self.show()
        except NotNow:  # a person decides when the older version has gone
            self._kept_back = True
            return False

    @property
    def _followed(self) -> Generation:
        if self._place is None:
            raise RuntimeError("It stands nowhere yet.")
        return self._place

    async def _stand(self) -> int:
        """The cursor; read anew, with the rows in memory dropped, where it is not known."""
        if self._cursor is None:
            place = await stand(self._log.store, self.projection, self._pinned)
            cursor = place.applied or 0
            tables = stored(self.projection.tables, place.generation)
            self._place = place
            self._rows = BufferedRows(self._log.store, complete=cursor == 0, stored=tables)
            self._stand_at(cursor)
            return cursor
        return self._cursor

    def _stand_at(self, position: int) -> None:
        self._cursor = position
        self.state = ProjectionState(name=self.projection.name, applied=position)
        self.applied.set()

    async def _apply(self, recorded: Recorded) -> None:
        if recorded.type not in self._names:
            return
        event = self._decode(recorded)
        view = self.projection.views.get(type(event))
        if view is not None:
            await view(self._rows, event, seen_of(recorded))

    async def _commit(self, source: int, target: int) -> bool:
        """Cursor first, as the compare-and-set of the same transaction: last, two projectors
        would deadlock on the rows."""
        rows, reader = self._rows, self._followed.reader

        def job(connection: Connection) -> bool:
            moved = step_cursor(connection, reader, source, target)
            if moved:
                rows.write(connection)
            return moved

        return await self._log.store.write(job)

    def _halted(self, recorded: Recorded, error: Exception) -> Broken:
        why = (
            f"Projection {self.projection.name} halted at position {recorded.position} "
            f"({recorded.type}): {type(error).__name__} in {_place(error)}"
        )
        self.state = replace(self.state, red=True, why=why)
        return Broken(why)


def _awaited(
    connection: Connection, coroutine: Coroutine[Any, Any, bool], loop: asyncio.AbstractEventLoop
) -> bool:
    """What a coroutine gives, asked from within a job: PostgreSQL's runs on the loop, SQLite's in
    the thread that writes."""
    if connection.dialect.name == "postgresql":
        return await_only(coroutine)
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(TAKING)


def _traceparent(recorded: Recorded) -> str:
    found: str = orjson.loads(recorded.meta).get("traceparent", "")
    return found


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
