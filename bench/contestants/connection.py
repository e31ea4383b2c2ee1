"""The benchmark's own HTTP/1.1 connection: it costs a tenth of what a client library does, so
that on two cores the server is measured and not its client."""

import asyncio
import json
from collections.abc import Mapping
from itertools import count
from typing import Any, cast

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"
GOOD = b"HTTP/1.1 20"
LATEST = 30.0
"""Seconds after which a request that nobody answered is an error."""


class Requests:
    """The bytes of POSTs of one caller: but for path, body and request key they are the same."""

    def __init__(self, port: int, token: str, name: str) -> None:
        self._host = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        self._name = name
        self._numbers = count(1)

    def to(self, path: str, body: Mapping[str, Any]) -> "Post":
        """What is sent there again and again, each time with a key of its own."""
        text = json.dumps(body).encode()
        before = (
            f"POST {path} HTTP/1.1\r\n{self._host}Content-Type: application/json\r\n"
            f'Content-Length: {len(text)}\r\nIdempotency-Key: "{self._name}-'
        )
        return Post(before.encode(), b'"\r\n\r\n' + text, self._numbers)


class Post:
    """One request, renewed by its key."""

    def __init__(self, before: bytes, after: bytes, numbers: "count[int]") -> None:
        self._before, self._after, self._numbers = before, after, numbers

    def next(self) -> bytes:
        return b"%b%d%b" % (self._before, next(self._numbers), self._after)


class Connection(asyncio.Protocol):
    """One connection, for one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[bytes] | None = None
        self._answer = b""

    @classmethod
    async def to(cls, port: int) -> "Connection":
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(cls, "127.0.0.1", port)
        return made

    async def ask(self, request: bytes) -> bytes:
        """The whole answer. Raises RuntimeError for one that is no success."""
        assert self._transport is not None
        self._answer, self._answered = b"", self._loop.create_future()
        late = self._loop.call_later(LATEST, self._fail, TimeoutError("no answer"))
        self._transport.write(request)
        try:
            answer = await self._answered
        finally:
            late.cancel()
        if not answer.startswith(GOOD):
            raise RuntimeError(f"answered: {answer[:600]!r}")
        return answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asked of its class: the quick loop's transports are of none that asyncio knows.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        waiting = self._answered
        if waiting is not None and not waiting.done() and whole(self._answer):
            waiting.set_result(self._answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)


def whole(answer: bytes) -> bool:
    """Whether head and body of an answer with a Content-Length are there."""
    head, found, body = answer.partition(END_OF_HEADERS)
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(LENGTH):
            return len(body) >= int(line.removeprefix(LENGTH))
    raise RuntimeError("an answer without Content-Length")


def body_of(answer: bytes) -> dict[str, Any]:
    """The JSON body of an answer."""
    told: dict[str, Any] = json.loads(answer.partition(END_OF_HEADERS)[2])
    return told
