"""Group commit: what many callers append while one commit is under way goes into the next."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from shared.kernel.errors import Broken, Unavailable
from shared.log.base import Appended, Entry, Log, Outcome

EVENTS_AT_ONCE = 1_000
PATIENCE = 5.0
"""Seconds for which an append whose outcome is unknown is sent again."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


Measure = Callable[[float, Sequence[Outcome]], None]
"""Takes the seconds of one commit, sending again included, and its entries' outcomes."""


@dataclass(slots=True, eq=False)
class _Waiting:
    entry: Entry
    claims: frozenset[Hashable]
    outcome: asyncio.Future[Outcome]


class Appender:
    """Appends for one process: at once when idle, else together with whoever waits.

    Entries that share a version of a stream, a request key or a cursor go into different commits,
    in the order they came. An append whose outcome is unknown is sent again, the very same bytes:
    the log answers `already` for what had arrived.
    """

    def __init__(
        self, log: Log, *, events_at_once: int = EVENTS_AT_ONCE, patience: float = PATIENCE
    ) -> None:
        self._log = log
        self._events_at_once = events_at_once
        self._patience = patience
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[], None]] = []
        self._measures: list[Measure] = []
        self._stopped = False

    def on_appended(self, callback: Callable[[], None]) -> None:
        """Calls back in the event loop after each commit that appended something."""
        self._callbacks.append(callback)

    def on_committed(self, measure: Measure) -> None:
        """Measures each commit that was answered, whatever the outcomes."""
        self._measures.append(measure)

    async def append(self, entry: Entry) -> Outcome:
        """The entry's own outcome, durable. Raises Unavailable when the database stays away,
        Broken for an entry whose versions do not follow one another.

        A caller that is cancelled leaves its entry to be appended.
        """
        claims = checked(entry)
        if self._stopped:
            raise Unavailable("This process is stopping.")
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entry, claims, outcome))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="appender")
        return await outcome

    async def stop(self, seconds: float | None = None) -> None:
        """Takes nothing more, and returns when everything that waits has its outcome, or fails
        what has none after so many `seconds`: its sender will ask again."""
        self._stopped = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running is not None:
                    await asyncio.wait((self._running,))
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._commit(self._batch())
        finally:
            self._running = None

    def _batch(self) -> list[_Waiting]:
        """What goes into the next commit, in order; the rest keeps its order."""
        batch: list[_Waiting] = []
        claimed: set[Hashable] = set()
        later: list[_Waiting] = []
        events = 0
        while self._waiting:
            one = self._waiting[0]
            if batch and events + len(one.entry.events) > self._events_at_once:
                break
            self._waiting.popleft()
            if claimed.isdisjoint(one.claims):
                batch.append(one)
                events += len(one.entry.events)
            else:
                later.append(one)
            claimed |= one.claims
        self._waiting.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            outcomes = await self._patiently([one.entry for one in batch])
        except Unavailable as error:
            _fail([*batch, *self._waiting], error)
            self._waiting.clear()
        except asyncio.CancelledError:
            _fail([*batch, *self._waiting], Unavailable("This process is stopping."))
            self._waiting.clear()
            raise
        except Exception as error:  # each caller is told; one bad entry must not fail the others
            await self._one_by_one(batch, error)
        else:
            for measure in self._measures:
                measure(loop.time() - began, outcomes)
            for one, outcome in zip(batch, outcomes, strict=True):
                if not one.outcome.done():
                    one.outcome.set_result(outcome)
            self._tell(outcomes)

    async def _one_by_one(self, batch: Sequence[_Waiting], error: Exception) -> None:
        if len(batch) == 1 or isinstance(error, Broken):
            _fail(batch, error)
            return
        for one in batch:
            await self._commit([one])

    async def _patiently(self, entries: Sequence[Entry]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._patience
        for pause in _pauses():
            try:
                return await self._log.append(entries)
            except Unavailable:
                if loop.time() + pause > give_up:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("pauses never end")

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        if any(isinstance(one, Appended) and not one.already for one in outcomes):
            loop = asyncio.get_running_loop()
            for callback in self._callbacks:
                loop.call_soon(callback)


def checked(entry: Entry) -> frozenset[Hashable]:
    """What the entry claims. Raises Broken for one that shares something with itself, whose
    versions of a stream do not follow one another, or that a repeat could not be told by."""
    claims = entry.claims()
    unique = frozenset(claims)
    if len(unique) < len(claims):
        raise Broken("An entry holds a version, a cursor or a parked record twice.")
    if not (entry.events or entry.cursors or entry.key):
        raise Broken("An entry without event, request key and cursor could be appended twice.")
    last: dict[str, int] = {}
    for one in entry.events:
        if one.version < 1 or last.get(one.stream, one.version - 1) != one.version - 1:
            raise Broken(f"The versions of {one.stream} in one entry do not follow one another.")
        last[one.stream] = one.version
    if any(one.target <= one.source for one in entry.cursors):
        raise Broken("A cursor moves forward.")
    return unique


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


def _fail(waiting: Sequence[_Waiting], error: Exception) -> None:
    for one in waiting:
        if not one.outcome.done():
            one.outcome.set_exception(error)
