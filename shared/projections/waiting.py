"""Waiting until a read model has applied a position, in this process or another."""

import asyncio
from dataclasses import dataclass

from shared.log.base import Log
from shared.log.waking import Signal
from shared.projections.base import LOG_TOPIC, Projection

LOOK = 0.025
"""Seconds between looks at the cursor while somebody waits; the projector may run elsewhere."""


@dataclass(slots=True)
class Waiting:
    """Waits for one projection. Those who wait share each look at the database."""

    projection: Projection
    log: Log
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
        """The cursor as the database has it now."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._read())
        return await asyncio.shield(self._looking)

    async def _read(self) -> int:
        # Not the larger of both: a projection that is filled anew starts from 0 again.
        self.applied = await self.log.cursor(self.projection.reader, LOG_TOPIC, 0)
        return self.applied
