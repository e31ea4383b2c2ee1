"""Streams reset before the headers and aborted midway under load, and bodies meant to hurt: the
next client is served, and the process holds no more than before."""

import asyncio
import gzip
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.demonstration.story_2018 import connected_to_air
from shared.kernel.clock import SystemClock
from shared.security.dev_issuer import open_issuer
from tests.kit.processes import AUDIENCE, ISSUER
from tests.kit.together import Together, together
from tests.kit.waiting import eventually
from tests.strangers.rude import held_by, leave, many_leave, meanwhile

RESET, ABORTED = 100, 30
"""`make soak` sends 1,000 and 500."""
CHANGES = "/intake/events/changes"
SPARE = 4
"""Descriptors of connections that a client's pool keeps open."""
GROWTH = 24.0
"""MiB; what is kept of a body of 2 MiB would be as much after a dozen of them."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(),
    reason="what a process holds is read from /proc, which this system lacks",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """`opendoor up`, and a token of a trust."""

    running: Together
    token: str

    def headers(self, n: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": f'"rude-{n}"'}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    with together(folder, "up") as running:
        issuer = open_issuer(
            folder / "var/data/issuer",
            environment="development",
            issuer=ISSUER,
            audience=AUDIENCE,
            clock=SystemClock(),
        )
        yield Up(running=running, token=issuer.issue("RTH", "trust", person="p1"))


async def reports(client: httpx.AsyncClient, up: Up, numbers: Iterator[int]) -> AsyncIterator[None]:
    """Load: one report after the other, each of them taken."""
    for n in numbers:
        body = connected_to_air("2018-12-14")
        answer = await client.post("/intake/events", json=body, headers=up.headers(n))
        assert answer.status_code == 201, answer.text
        yield


async def test_streams_that_nobody_waits_for_leave_nothing_behind(up: Up):
    numbers = itertools.count()
    pid, url = up.running.process.pid, up.running.url
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await anext(reports(client, up, numbers))
        await leave(url, CHANGES, up.token, read=1)
        before = held_by(pid)
        async with meanwhile(reports(client, up, numbers)):
            await many_leave(RESET, url, CHANGES, up.token)
            begun = await many_leave(ABORTED, url, f"{CHANGES}?after=0", up.token, read=200)
            assert begun >= ABORTED // 2
            assert await heard_of_the_next(client, up)
        gone = await asyncio.to_thread(
            eventually, lambda: held_by(pid).descriptors <= before.descriptors + SPARE
        )
        assert gone, (before, held_by(pid))


async def heard_of_the_next(client: httpx.AsyncClient, up: Up) -> bool:
    """Whether a polite client hears of a report that is made while it listens."""
    headers = {**up.headers(0), "Accept": "text/event-stream"}
    async with client.stream("GET", CHANGES, headers=headers) as answer, asyncio.timeout(60):
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                return "event_reported" in line
    return False


async def too_much() -> AsyncIterator[bytes]:
    """2 MiB in chunks, without saying so before."""
    yield b'{"what_happened": "'
    for _ in range(2**21 // 2**14):
        yield b" " * 2**14


async def test_bodies_that_are_too_much_are_held_by_nobody(up: Up):
    pid, url = up.running.process.pid, up.running.url
    bomb = gzip.compress(b" " * 2**25)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        before = held_by(pid)
        for count in (5, 20):
            before = held_by(pid)
            for n in range(count):
                headers = {**up.headers(n), "Content-Type": "application/json"}
                chunked = await client.post("/intake/events", content=too_much(), headers=headers)
                assert chunked.status_code == 413
                packed = {**headers, "Content-Encoding": "gzip"}
                unread = await client.post("/intake/events", content=bomb, headers=packed)
                assert unread.status_code == 415
        assert held_by(pid).memory - before.memory < GROWTH


def test_what_a_process_holds_is_seen():
    before = held_by(os.getpid())
    filled = bytearray(os.urandom(2**16)) * 2**10
    with ExitStack() as stack:
        for _ in range(SPARE + 1):
            stack.enter_context(Path("/proc/self/statm").open())
        now = held_by(os.getpid())
    assert now.descriptors > before.descriptors + SPARE
    assert now.memory - before.memory > GROWTH
    assert len(filled) == 2**26
