"""Letting go of a PostgreSQL server in bounded time, whatever is under way there."""

import asyncio
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

CLOSE_SECONDS = 1.0
"""How long closing waits for a server: one that swallows packets would be waited for for ever."""


class Connections:
    """The driver's connections of one engine, in use or idle."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._made: WeakSet[Any] = WeakSet()
        event.listen(engine.sync_engine, "connect", self._note)

    async def close(self) -> None:
        """Closes what is idle in order, within a second, and then cuts whatever is left: a call
        under way, even one that was cancelled, would wait for its server for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._engine.dispose()
        for one in list(self._made):
            if not one.is_closed():
                one.terminate()

    def _note(self, connection: Any, _record: object) -> None:
        self._made.add(connection.driver_connection)
