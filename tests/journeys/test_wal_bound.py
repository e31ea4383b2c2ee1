"""The write-ahead log of an embedded file stays small, whoever reads it slowly."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.demonstration.player import Player
from services.demonstration.story_2018 import connected_to_air
from shared.web.sse import EVENT_STREAM
from tests.kit.together import people, together

pytestmark = pytest.mark.timeout(300)

BOUND = 8 << 20
"""Bytes; SQLite begins anew after 4 MiB, as soon as nobody reads what it would write over."""
ANEW = 2
"""How often it must have begun anew meanwhile."""
AT_ONCE = 8
READS: tuple[tuple[str, float | None], ...] = (
    ("/intake/events/changes?after=0", 1.0),
    ("/intake/events/changes?after=0", None),
    ("/intake/events/changes?after=0", 0.1),
)
"""A path and the seconds between two bytes that are read of it; None reads nothing at all."""


@asynccontextmanager
async def slow_reader(player: Player, path: str, pause: float | None) -> AsyncIterator[None]:
    """A client that reads a byte each `pause` seconds, or none at all."""
    at = urlsplit(str(player.client.base_url))
    reading, writing = await asyncio.open_connection(at.hostname, at.port, limit=64)
    headers = player.person("RTH", "trust").headers() | {"Host": at.netloc, "Accept": EVENT_STREAM}
    lines = "".join(f"{name}: {one}\r\n" for name, one in headers.items())
    writing.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
    await writing.drain()
    assert await reading.readline() == b"HTTP/1.1 200 OK\r\n"

    async def read() -> None:
        while pause is not None:
            await reading.readexactly(1)
            await asyncio.sleep(pause)

    task = asyncio.create_task(read())
    try:
        yield
    finally:
        task.cancel()
        writing.close()


async def largest(player: Player, wal: Path, enough: Callable[[int, int], bool]) -> int:
    """Reports until it is enough, by the file's size and by how often it has begun anew since;
    its largest size."""
    trust = player.person("RTH", "trust")
    report, first, most = connected_to_air("2018-12-14"), begun_anew(wal), 0
    for _ in range(200):
        await asyncio.gather(*(trust.does("/intake/events", report) for _ in range(AT_ONCE)))
        size = size_of(wal)
        most = max(most, size)
        if enough(size, begun_anew(wal) - first):
            return most
    raise AssertionError(f"after 1,600 reports it never was enough: {most} bytes")


def size_of(wal: Path) -> int:
    return wal.stat().st_size


def begun_anew(wal: Path) -> int:
    """How often, by its header (the checkpoint sequence number of SQLite's file format)."""
    with wal.open("rb") as file:
        return int.from_bytes(file.read(16)[12:], "big")


async def test_it_begins_anew_whoever_reads_slowly(tmp_path):
    data = tmp_path / "data"
    wal = data / "intake.db-wal"
    with together(tmp_path, "up", "--data", str(data)) as one:
        async with people(one, data) as player, AsyncExitStack() as slow:
            for path, pause in READS:
                await slow.enter_async_context(slow_reader(player, path, pause))
            assert await largest(player, wal, lambda size, anew: anew >= ANEW) <= BOUND
            # The guard sees a reader that does hold on to what it began to read.
            with closing(sqlite3.connect(data / "intake.db")) as held:
                held.execute("BEGIN")
                held.execute("SELECT count(*) FROM events").fetchone()
                await largest(player, wal, lambda size, anew: size > BOUND)
        assert one.interrupt() == 0
