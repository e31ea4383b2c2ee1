"""A way to a server that a test may close: it refuses, or takes everything and answers nothing."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """Hands on what comes to `port`, both ways. `swallow` is a network that loses every packet:
    connections stay, new ones are taken, and nothing comes back. `cut` ends what there is and
    refuses what comes; `mend` is for both."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self._to = host, port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()

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
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def mend(self) -> None:
        self._flowing.set()
        if self._server is None:
            await self.open()

    async def _take(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        try:
            await self._flowing.wait()
            far, onward = await asyncio.open_connection(*self._to)
            try:
                await _first((self._hand_on(near, onward), self._hand_on(far, back)))
            finally:
                onward.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            back.close()
            self._ways.discard(task)

    async def _hand_on(self, come: asyncio.StreamReader, go: asyncio.StreamWriter) -> None:
        while some := await come.read(65536):
            await self._flowing.wait()
            go.write(some)
            await go.drain()


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
async def proxy_to(host: str, port: int) -> AsyncIterator[Proxy]:
    """An open way there, closed afterwards."""
    proxy = Proxy(host, port)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.cut()
