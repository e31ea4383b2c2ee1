"""A way to a server that a test may close: it refuses, or takes everything and answers nothing."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit


class Proxy:
    """Hands on what comes to `port`, both ways. `swallow` is a network that loses every packet:
    connections stay, new ones are taken, and nothing comes back. `cut` ends what there is and
    refuses what comes; `mend` is for both. `strand` leaves what there is half-open for ever, as
    after a power cut behind a firewall, and `reset` ends it at once without a last word; new
    connections are served all the while."""

    def __init__(self, host: str, port: int, *, at: int = 0) -> None:
        self.port = at
        self._to = host, port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._ways: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._stranded: set[asyncio.Task[None]] = set()

    def url(self, url: str) -> str:
        """The same URL, by this way."""
        parts = urlsplit(url)
        login, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{login}{at}127.0.0.1:{self.port}").geturl()

    async def open(self) -> None:
        """Takes connections, on the same port as before."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def swallow(self) -> None:
        self._flowing.clear()

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._end_ways()

    async def reset(self) -> None:
        for back in self._ways.values():
            _without_last_word(back)
        await self._end_ways()

    def strand(self) -> None:
        self._stranded |= self._ways.keys()

    async def _end_ways(self) -> None:
        ending = list(self._ways)
        for way in ending:
            way.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def mend(self) -> None:
        self._flowing.set()
        if self._server is None:
            await self.open()

    async def _take(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways[task] = back
        try:
            await self._flowing.wait()
            far, onward = await asyncio.open_connection(*self._to)
            try:
                hand_on = partial(self._hand_on, task)
                await _first((hand_on(near, onward), hand_on(far, back)))
            finally:
                onward.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            back.close()
            self._ways.pop(task, None)
            self._stranded.discard(task)

    async def _hand_on(
        self, way: asyncio.Task[None], come: asyncio.StreamReader, go: asyncio.StreamWriter
    ) -> None:
        while some := await come.read(65536):
            await self._flowing.wait()
            if way not in self._stranded:
                go.write(some)
                await go.drain()


def _without_last_word(writer: asyncio.StreamWriter) -> None:
    """Its end is a reset, not the end of a stream."""
    now = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    writer.transport.abort()


async def _first(ways: Sequence[Coroutine[None, None, None]]) -> None:
    """Until one of them ends."""
    tasks = [asyncio.create_task(one) for one in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in tasks:
            one.cancel()
        for one in tasks:
            with suppress(OSError, asyncio.CancelledError):
                await one


@asynccontextmanager
async def proxy_to(host: str, port: int, *, at: int = 0) -> AsyncIterator[Proxy]:
    """An open way there, at a port of its own or the one given; closed afterwards."""
    proxy = Proxy(host, port, at=at)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.cut()
