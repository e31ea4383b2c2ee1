"""Waiting until a read model has applied a position, in this process or another."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.log.waking import Signal

LOOK = 0.025
"""Seconds between looks at the cursor while somebody waits; the projector may run elsewhere."""


@dataclass(slots=True)
class Waiting:
    """Waits for one projection. Those who wait share each look at the database: `shown` gives
    the position that what is shown has applied."""

    shown: Callable[[], Awaitable[int]]
    woken: Signal
    applied: int = 0
    _looking: asyncio.Task[int] | None = None

    async def until(self, position: int, seconds: float) -> int:
        """The position applied: at least `position` unless `seconds` went by first."""
        give_up = asyncio.get_running_loop().time() + seconds
        while self.applied < position:
            seen = self.woken.count
            if await self.look() >= position:
                break
            left = give_up - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self.woken.wait(seen, min(left, LOOK))
        return self.applied

    async def look(self) -> int:
        """How far it is as the database has it now."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._read())
        return await asyncio.shield(self._looking)

    async def _read(self) -> int:
        self.applied = await self.shown()
        return self.applied
