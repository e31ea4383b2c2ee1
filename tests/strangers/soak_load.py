"""The load of a soak: reports at an even pace, readers, live views, and how soon they hear."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import httpx
import orjson

from services.demonstration.player import Person
from services.demonstration.story_2018 import connected_to_air

REPORTS, CHANGES = "/intake/events", "/intake/events/changes"
CLIENTS = 8
"""Clients of the measurement of what it can."""
LISTENERS = 10
AT_ONCE = 64
"""Requests under way at most; what would be one more waits, and the pace is lost and shows."""
READ_EACH = 10
"""One reading of a list to so many reports."""


@dataclass(slots=True)
class Load:
    """One trust that reports, and listens to what it reported."""

    trust: Person
    taken: int = 0
    failed: int = 0
    _answered: dict[str, float] = field(default_factory=dict)
    _heard_after: list[float] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def report(self) -> None:
        """One report, and now and then a list; what is not taken is counted."""
        n = next(self._numbers)
        try:
            sent = await self.trust.post(REPORTS, connected_to_air("2018-12-14"), key=f"soak-{n}")
            if n % READ_EACH == 0:
                await self.trust.get(f"{REPORTS}?limit=20")
        except httpx.TransportError:
            self.failed += 1
            return
        if sent.status == 201:
            self.taken += 1
            self._answered[sent.id] = asyncio.get_running_loop().time()
        else:
            self.failed += 1

    async def capacity(self, seconds: float) -> float:
        """Reports a second that a few clients get through, each sending the next at once."""
        loop = asyncio.get_running_loop()
        before, end = self.taken, loop.time() + seconds

        async def client() -> None:
            while loop.time() < end:
                await self.report()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return (self.taken - before) / seconds

    @asynccontextmanager
    async def at_pace(self, rate: float) -> AsyncIterator[None]:
        """Reports at an even pace while the block runs."""
        under_way = set[asyncio.Task[None]]()
        pace = asyncio.create_task(self._pace(rate, under_way))
        try:
            yield
        finally:
            pace.cancel()
            await asyncio.wait((pace, *under_way))

    async def _pace(self, rate: float, under_way: set["asyncio.Task[None]"]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in itertools.count():
            await asyncio.sleep(max(0.0, began + n / rate - loop.time()))
            if len(under_way) >= AT_ONCE:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(self.report())
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    def heard_after(self) -> float:
        """The median seconds from an answer to hearing of the report since the last look."""
        heard, self._heard_after = self._heard_after, []
        return median(heard) if heard else 0.0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Live views of the changes; the first notes how soon it hears."""
        tasks = [asyncio.create_task(self._listen(first=n == 0)) for n in range(LISTENERS)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _listen(self, *, first: bool) -> None:
        headers = {**self.trust.headers(), "Accept": "text/event-stream"}
        loop, client = asyncio.get_running_loop(), self.trust.player.client
        while True:
            with contextlib.suppress(httpx.TransportError):
                async with client.stream("GET", CHANGES, headers=headers, timeout=60) as answer:
                    async for line in answer.aiter_lines():
                        if first and line.startswith("data:"):
                            self._note(orjson.loads(line[5:]), loop.time())
            await asyncio.sleep(0.2)

    def _note(self, change: dict[str, str], now: float) -> None:
        answered = self._answered.pop(change["event"], None)
        if answered is not None:
            self._heard_after.append(max(0.0, now - answered))
