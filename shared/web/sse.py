"""Server-sent events: one reader of a series for all who listen, and nobody slowed by another."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from shared.kernel.errors import OpenDoorError
from shared.log.waking import Signal
from shared.web.series import Item, Pick, Series

log = structlog.get_logger(__name__)

EVENT_STREAM = "text/event-stream"
QUEUE = 256
"""Items that wait for one client; who falls further behind is closed and resumes (S9)."""
PAGE = 200
"""Items of a page on catch-up."""


class EventStream(Response):
    """Says to OpenAPI in which kind a stream is answered."""

    media_type = EVENT_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Times of a stream, in seconds; `retry` is the span that reconnections are spread over."""

    heartbeat: float = 10.0
    longest_life: float = 3600.0
    send_timeout: float = 20.0
    poll: float = 0.25
    retry: tuple[float, float] = (1.0, 4.0)


@dataclass(slots=True, eq=False)
class _Listener:
    """One client's queue; `full` says that an item found no place in it."""

    items: deque[Item] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    full: bool = False


class _Tail:
    """Reads one series at its head, once for all listeners, while there are any."""

    def __init__(self, series: Series, signal: Signal, pace: Pace) -> None:
        self._series = series
        self._signal = signal
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self._joining = asyncio.Lock()
        self.listeners: set[_Listener] = set()
        self.at = 0

    async def join(self) -> _Listener:
        """A listener that gets every item after `at`, as that stands on return."""
        async with self._joining:
            if self._task is None or self._task.done():
                self.at = await self._series.head()
                self._task = asyncio.create_task(self._follow(), name="sse-tail")
        listener = _Listener()
        self.listeners.add(listener)
        return listener

    async def leave(self, listener: _Listener) -> None:
        self.listeners.discard(listener)
        if not self.listeners and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        while True:
            seen = self._signal.count
            items: list[Item] = []
            try:
                items = list(await self._series.after(self.at, PAGE))
            except OpenDoorError as error:
                # The database is away: listeners keep their heartbeats, and nothing is skipped.
                log.warning("sse.tail_waits", reason=error.slug)
            for item in items:
                self._hand_out(item)
            if not items:
                await self._signal.wait(seen, self._pace.poll)

    def _hand_out(self, item: Item) -> None:
        self.at = item.n
        for listener in list(self.listeners):
            if len(listener.items) < QUEUE:
                listener.items.append(item)
            else:
                listener.full = True
                self.listeners.discard(listener)
            listener.woken.set()


class Hub:
    """Every live stream of one process. `close` ends them all: it is called before the server
    waits for connections to end, since those never would by themselves (T1)."""

    def __init__(self, signal: Signal | None = None, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self._signal = signal or Signal()
        self._tails: dict[Any, _Tail] = {}
        self._listening: set[_Listener] = set()
        self._closed = False
        self.open = 0

    def close(self) -> None:
        """Every stream says `retry:` and ends."""
        self._closed = True
        for listener in self._listening:
            listener.woken.set()

    def stream(
        self,
        series: Series,
        after: int,
        *,
        pick: Pick | None = None,
        previous: int | None = None,
        expires_in: float | None = None,
    ) -> Response:
        """The answer of a stream route, with the items behind `after`, which `resume` judged.

        With `pick` the view is filtered, and each item names the one before it; the first names
        `previous` (None: `after`). The stream ends after `expires_in` seconds, the token's life,
        or the pace's longest life.
        """
        longest = self.pace.longest_life
        life = longest if expires_in is None else min(longest, expires_in)
        first = (after if previous is None else previous) if pick else None
        return _BoundedStream(
            self._frames(series, after, pick, first, life), self.pace.send_timeout
        )

    async def _frames(
        self, series: Series, after: int, pick: Pick | None, previous: int | None, life: float
    ) -> AsyncGenerator[bytes, None]:
        ends = asyncio.get_running_loop().time() + life
        self.open += 1
        try:
            yield self._retry()
            async with aclosing(self._items(series, after, ends)) as items:
                async for item in items:
                    if item is None:
                        yield b": still here\n\n"
                    elif pick is None:
                        yield _framed(item, item.data)
                    elif await pick(item):
                        yield _framed(item, item.naming(previous or 0))
                        previous = item.n
        except OpenDoorError as error:
            log.info("sse.ended", reason=error.slug)
        finally:
            self.open -= 1
        yield self._retry()

    def _retry(self) -> bytes:
        least, most = self.pace.retry
        return b"retry: %d\n\n" % int(random.uniform(least, most) * 1000)  # noqa: S311 - jitter

    async def _items(
        self, series: Series, after: int, ends: float
    ) -> AsyncGenerator[Item | None, None]:
        """Items behind `after` in order, None for a heartbeat: pages up to the head, then what
        the tail hands out."""
        n = after
        async for item in self._pages(series, n, ends):
            yield item
            n = item.n
        tail = self._tails.setdefault(id(series), _Tail(series, self._signal, self.pace))
        listener = await tail.join()
        self._listening.add(listener)
        try:
            if n < tail.at:
                async for item in self._pages(series, n, ends):
                    yield item
                    n = item.n
            async for live in self._live(listener, ends):
                if live is None or live.n > n:
                    yield live
                    n = live.n if live else n
        finally:
            self._listening.discard(listener)
            await tail.leave(listener)
            if not tail.listeners:
                self._tails.pop(id(series), None)

    async def _pages(self, series: Series, n: int, ends: float) -> AsyncIterator[Item]:
        """Until a page is not full: what comes later is the tail's."""
        full = True
        while full and not self._over(ends):
            items = await series.after(n, PAGE)
            for item in items:
                yield item
                n = item.n
            full = len(items) == PAGE

    async def _live(self, listener: _Listener, ends: float) -> AsyncIterator[Item | None]:
        while not self._over(ends):
            while listener.items and not self._over(ends):
                yield listener.items.popleft()
            if listener.full or self._over(ends):
                return
            listener.woken.clear()
            left = ends - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(max(0.0, min(self.pace.heartbeat, left))):
                    await listener.woken.wait()
            except TimeoutError:
                yield None

    def _over(self, ends: float) -> bool:
        return self._closed or asyncio.get_running_loop().time() >= ends


def _framed(item: Item, data: bytes) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (item.n, item.type.encode(), data)


class _BoundedStream(StreamingResponse):
    """A stream whose every send must end in time: a client that does not read is let go."""

    def __init__(self, frames: AsyncGenerator[bytes, None], send_timeout: float) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(frames, headers=headers, media_type=EVENT_STREAM)
        self._frames = frames
        self._send_timeout = send_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            async with asyncio.timeout(self._send_timeout):
                await send(message)

        try:
            await super().__call__(scope, receive, sending)
        except TimeoutError:
            log.info("sse.let_go", reason="the client did not read")
        finally:
            await self._frames.aclose()
