"""Reports filed, then classified at an even pace, and the cases' rows listened for."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bench.contestants.base import Run
from bench.contestants.connection import Connection, Post, Requests, body_of
from bench.sampling import Sample, cpu_seconds, sample_of
from bench.waiting import until
from services.demonstration.story_2018 import AIR_FOR_OXYGEN, connected_to_air

CHANNEL = "bench_cases"
LISTENS = """
CREATE OR REPLACE FUNCTION bench_tell() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('bench_cases', NEW.id); RETURN NEW; END $$
"""
TRIGGER = """
CREATE OR REPLACE TRIGGER bench_tell AFTER INSERT ON {} FOR EACH ROW EXECUTE FUNCTION bench_tell()
"""
TABLES = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'cases\\_g%'"
CLASSIFIED = {
    "outcome": "meets",
    "type": AIR_FOR_OXYGEN,
    "reason": "The definition on the list is met.",
}
CONNECTIONS = 32
LATEST = 30.0
"""Seconds after the last classification in which its case must have come."""


@asynccontextmanager
async def travelling(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`port` of intake and a trust's `token`, `database` of assurance, the `day` of the reports
    and the `pace` of classifications a second. A sample's steps are from the answer to a
    classification to its row; one asked to last 0 seconds is the journey before it once more,
    from the sending of the classification."""
    requests = Requests(told["port"], told["token"], "road")
    report = requests.to("/intake/events", connected_to_air(told["day"]))
    arrived: dict[str, float] = {}
    listening = await _listen(told["database"], arrived)
    free = [await Connection.to(told["port"]) for _ in range(CONNECTIONS)]
    road = Road(requests, report, free, arrived, told)

    async def run(clients: int, seconds: float) -> Sample:
        if not seconds:
            return road.from_sending()
        return await road.travel(round(seconds * told["pace"]))

    try:
        yield run
    finally:
        for one in free:
            one.close()
        await listening.close()


async def _listen(database: str, arrived: dict[str, float]) -> asyncpg.Connection:
    """Each row of a case is told when its commit is done, and not before."""

    def heard(connection: Any, pid: int, channel: str, case: str) -> None:
        arrived[case] = time.perf_counter()

    listening = await asyncpg.connect(database)
    await listening.execute(LISTENS)
    for (table,) in await listening.fetch(TABLES):
        await listening.execute(TRIGGER.format(table))
    await listening.add_listener(CHANNEL, heard)
    return listening


class Road:
    """What one load generator does: files, classifies at an even pace, waits for the rows."""

    def __init__(
        self,
        requests: Requests,
        report: Post,
        free: list[Connection],
        arrived: dict[str, float],
        told: Mapping[str, Any],
    ) -> None:
        self._requests = requests
        self._report = report
        self._free = free
        self._arrived = arrived
        self._pace: float = told["pace"]
        self._port: int = told["port"]
        self._sent: dict[str, float] = {}

    async def travel(self, number: int) -> Sample:
        """So many reports all the way."""
        self._sent.clear()
        began, cpu = time.perf_counter(), cpu_seconds()
        ids = await self._filed(number)
        answered = await self._classified(ids)
        await self._all_arrived(ids)
        took = [self._arrived[one] - answered[one] for one in ids]
        return sample_of(1, took, time.perf_counter() - began, cpu_seconds() - cpu)

    def from_sending(self) -> Sample:
        """The last journey, from the sending of each classification."""
        took = [self._arrived[one] - sent for one, sent in self._sent.items()]
        return sample_of(1, took, 1.0, 0.0)

    async def _filed(self, number: int) -> Sequence[str]:
        ids: list[str] = []
        left = iter(range(number))

        async def client(connection: Connection) -> None:
            for _ in left:
                ids.append(body_of(await connection.ask(self._report.next()))["id"])

        await asyncio.gather(*(client(one) for one in self._free))
        return ids

    async def _classified(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Each at its time, whether the one before it was answered or not; when each was."""
        answered: dict[str, float] = {}
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def classify(id_: str) -> None:
            post = self._requests.to(f"/intake/events/{id_}/classification", CLASSIFIED)
            self._sent[id_] = time.perf_counter()
            # A service that falls behind its pace is not spared: one more connection asks.
            connection = self._free.pop() if self._free else await Connection.to(self._port)
            await connection.ask(post.next())
            answered[id_] = time.perf_counter()
            self._free.append(connection)

        running = []
        for place, id_ in enumerate(ids):
            await asyncio.sleep(began + place / self._pace - loop.time())
            running.append(asyncio.create_task(classify(id_)))
        await asyncio.gather(*running)
        return answered

    async def _all_arrived(self, ids: Sequence[str]) -> None:
        await until(lambda: all(one in self._arrived for one in ids), LATEST, 0.05)
