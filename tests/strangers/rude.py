"""Clients that ask for a stream and go away without a word, and what a process holds meanwhile."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

GO_AWAY = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing resets the connection."""
AT_ONCE = 32
"""Rude clients that are there at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process holds: resident memory in MiB, open descriptors."""

    memory: float
    descriptors: int


def held_by(pid: int) -> Held:
    """As Linux says it. Raises FileNotFoundError elsewhere, or where the process is gone."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Held(
        memory=pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),
    )


async def leave(url: str, path: str, token: str, *, read: int = 0, gzip: bool = False) -> bytes:
    """Asks for a stream, reads until so many bytes have come, and resets the connection; what was
    read. With none to read it is gone before the headers."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    taken: socket.socket = writer.get_extra_info("socket")
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, GO_AWAY)
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Accept: text/event-stream\r\n{'Accept-Encoding: gzip' if gzip else 'X-Plain: 1'}\r\n\r\n"
    )
    writer.write(head.encode())
    await writer.drain()
    heard = b""
    while len(heard) < read and (more := await reader.read(read)):
        heard += more
    writer.transport.abort()
    return heard


async def many_leave(count: int, url: str, path: str, token: str, *, read: int = 0) -> int:
    """So many rude clients, some at a time; the first of them asks for gzip. How many streams had
    begun: a busy service tells some to come back later."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> bool:
        async with places:
            heard = await leave(url, path, token, read=read, gzip=n == 0)
        assert not read or heard.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503")), heard
        return heard.startswith(b"HTTP/1.1 200")

    return sum(await asyncio.gather(*(one(n) for n in range(count))))


@asynccontextmanager
async def meanwhile(work: AsyncIterator[None]) -> AsyncIterator[None]:
    """Draws from `work` again and again until the block ends; its failure is the block's."""

    async def go_on() -> None:
        async for _ in work:
            pass

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        if not task.done():
            task.cancel()
        await asyncio.wait((task,))
        if not task.cancelled():
            task.result()
