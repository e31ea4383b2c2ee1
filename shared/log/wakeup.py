"""A hint across processes that something was appended; who polls finds it all without."""

import asyncio
from collections.abc import Callable

import asyncpg

from shared.log.postgres import CONNECT_SECONDS, plain_url

CHANNEL = "open_door_appended"
SHORTEST_GAP = 1 / 200
"""Seconds between two notifications: each takes a lock across the whole instance (T4)."""
RETRY_SECONDS = 1.0

_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Wakeup:
    """Tells other processes by NOTIFY, and calls `heard` when another has told.

    It has one connection of its own, outside any transaction of ours. Where that is lost it is
    made again, and `heard` called once for what may have been missed. Nothing raises.
    """

    def __init__(self, url: str, heard: Callable[[], None] | None = None) -> None:
        self._dsn = plain_url(url)
        self._heard = heard
        self._told = False
        self._stir = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins in the running loop."""
        self._running = asyncio.create_task(self._run(), name="wakeup")

    def tell(self) -> None:
        """Says that something was appended; many sayings are one notification."""
        self._told = True
        self._stir.set()

    async def stop(self) -> None:
        """Lets go of the connection."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))
            self._running = None

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except _LOST:
                await asyncio.sleep(RETRY_SECONDS)

    async def _serve(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
        try:
            connection.add_termination_listener(lambda _: self._stir.set())
            if self._heard is not None:
                await connection.add_listener(CHANNEL, self._hear)
                self._heard()
            while not connection.is_closed():
                await self._stir.wait()
                self._stir.clear()
                if self._told:
                    self._told = False
                    await connection.execute(f"NOTIFY {CHANNEL}")
                    await asyncio.sleep(SHORTEST_GAP)
        finally:
            connection.terminate()

    def _hear(self, connection: asyncpg.Connection, pid: int, channel: str, payload: str) -> None:
        if self._heard is not None and pid != connection.get_server_pid():
            self._heard()
