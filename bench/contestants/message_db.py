"""message-db on the same server: its `write_message`, called over one connection a client."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bench.contestants.base import Run
from bench.contestants.payload import EVENT_BYTES, META_BYTES
from bench.sampling import Sample, closed_loop

WRITE = "SELECT message_store.write_message($1, $2, 'Reported', $3, $4, -1)"


@asynccontextmanager
async def writing(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of a database with message-db's schema. All streams are of one category, as reports
    are; message-db keeps the order of a category by a lock of its own."""
    free: list[asyncpg.Connection] = []
    data, meta = EVENT_BYTES.decode(), META_BYTES.decode()
    numbers = count(1)

    async def step() -> None:
        connection = free.pop()
        stream = f"report-{UUID(int=next(numbers))}"
        await connection.execute(WRITE, str(uuid4()), stream, data, meta)
        free.append(connection)

    async def run(clients: int, seconds: float) -> Sample:
        while len(free) < clients:
            settings = {"search_path": "message_store,public"}
            free.append(await asyncpg.connect(told["url"], server_settings=settings))
        return await closed_loop(step, clients, seconds)

    try:
        yield run
    finally:
        for one in free:
            await one.close()
