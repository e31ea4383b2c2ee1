"""Clients that post reports, each again as soon as it is answered."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.contestants.base import Run
from bench.contestants.connection import Connection, Requests
from bench.sampling import Sample, closed_loop


@asynccontextmanager
async def posting(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`port`, `path`, `token` and `body` of the request; `name` begins each request key."""
    post = Requests(told["port"], told["token"], told["name"]).to(told["path"], told["body"])

    async def run(clients: int, seconds: float) -> Sample:
        free = [await Connection.to(told["port"]) for _ in range(clients)]

        async def step() -> None:
            connection = free.pop()
            await connection.ask(post.next())
            free.append(connection)

        try:
            return await closed_loop(step, clients, seconds)
        finally:
            for one in free:
                one.close()

    yield run
