"""Erasing: follows the own log and destroys the keys that an erasure names; nothing else does."""

from typing import Any

from sqlalchemy import Connection

from shared.log.base import Recorded
from shared.projections.base import LOG_TOPIC
from shared.projections.cursors import move_cursor
from shared.runtime.engine import Engine
from shared.runtime.streams import keys_of, scopes_erased

READER = "eraser"
BATCH = 500


class Eraser:
    """Reads the own log with a cursor of its own.

    Destroying comes first, the cursor after it: a crash between them repeats an act that is done,
    and after a restore it begins from 0 and erases again what was erased (idempotent).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cursor: int | None = None

    async def step(self) -> int:
        """One batch; how many events it covered."""
        log = self._engine.log
        if self._cursor is None:
            self._cursor = await log.cursor(READER, LOG_TOPIC, 0)
        source = self._cursor
        events = await log.events(source, BATCH)
        if not events:
            return 0
        for recorded in events:
            await self._erase(recorded)
        target = events[-1].position

        def job(connection: Connection) -> bool:
            return move_cursor(connection, READER, source, target)

        self._cursor = target if await log.store.write(job) else None
        return len(events)

    async def _erase(self, recorded: Recorded) -> None:
        if recorded.type not in {one.EVENT for one in self._engine.service.erases}:
            return
        event: Any = self._engine.codec.decode_known(recorded)
        before = [
            one
            for one in await self._engine.log.stream(recorded.stream)
            if one.version < recorded.version
        ]
        keys = keys_of(before)
        named = [key for scope in scopes_erased(event, keys) for key in keys[scope]]
        await self._engine.vault.destroy(named)
