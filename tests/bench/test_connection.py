"""The benchmark's own connection: an answer in pieces is one answer, and a refusal is an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.contestants.connection import Connection, Requests, body_of, whole

HEAD = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 12\r\n\r\n"


@asynccontextmanager
async def server(*pieces: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers each request with these pieces, one write after another; what it was sent."""
    asked: list[bytes] = []
    answering: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        while head := await _head(reader):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            asked.append(head + await reader.readexactly(length))
            for one in pieces:
                writer.write(one)
                await writer.drain()
        writer.close()
        await writer.wait_closed()

    running = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with running:
        yield running.sockets[0].getsockname()[1], asked
        await asyncio.gather(*filter(None, answering))


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def test_an_answer_in_pieces_is_one_answer() -> None:
    async with server(HEAD[:20], HEAD[20:], b'{"id":', b'"abc"}') as (port, asked):
        post = Requests(port, "token", "k").to("/intake/events", {"kind": "incident"})
        connection = await Connection.to(port)
        assert body_of(await connection.ask(post.next())) == {"id": "abc"}
        assert body_of(await connection.ask(post.next())) == {"id": "abc"}
        connection.close()
    assert [b'Idempotency-Key: "k-%d"\r\n' % n in one for n, one in enumerate(asked, 1)] == [
        True,
        True,
    ]
    assert all(one.endswith(b'{"kind": "incident"}') for one in asked)


async def test_what_is_no_success_is_an_error() -> None:
    async with server(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as (port, _):
        connection = await Connection.to(port)
        with pytest.raises(RuntimeError, match="503 Busy"):
            await connection.ask(Requests(port, "t", "k").to("/", {}).next())
        connection.close()


def test_an_answer_is_whole_with_its_last_byte() -> None:
    assert not whole(HEAD[:-2])
    assert not whole(HEAD + b"12345678901")
    assert whole(HEAD + b"123456789012")
