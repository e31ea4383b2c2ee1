"""A wake-up within one process: a hint, since whoever waits also looks every so often."""

import asyncio
from contextlib import suppress


class Signal:
    """Wakes everyone who waits. A waiter that remembers `count` from before it looked misses
    nothing that happened while it looked."""

    def __init__(self) -> None:
        self.count = 0
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wakes all who wait now."""
        self.count += 1
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, seen: int, seconds: float) -> bool:
        """Until `set` is called after `count` stood at `seen`, or `seconds` are over: if it was."""
        if self.count == seen:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._event.wait()
        return self.count != seen
