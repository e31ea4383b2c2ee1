"""The `eventsourcing` library going through its notification log, without and with rows."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import Notification

from bench.contestants.base import Run
from bench.contestants.eventsourced import AT_ONCE, Report, Reports, environment
from bench.contestants.payload import EVENT, META
from bench.sampling import Sample, cpu_seconds, sample_of

EACH_SAVE = 200
TABLE = """
CREATE TABLE reports (
    id text PRIMARY KEY, version int, kind text, occurred_at text, service_area text, day date,
    agents jsonb, patients int
)
"""
ROW = "INSERT INTO reports VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"

Page = Sequence[Notification]


@asynccontextmanager
async def replaying(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`url` of an empty database; saves `reports` at first, then reads and decodes them all, and
    with `rows` writes one for each, a transaction a page."""
    application = Reports(environment(told["url"]))
    await asyncio.to_thread(_fill, application, told["reports"])
    connection = psycopg.connect(told["url"])
    connection.execute(TABLE)
    take = _written(application, connection) if told["rows"] else _decoded(application)

    def replay() -> int:
        connection.execute("TRUNCATE reports")
        connection.commit()
        seen = 0
        while page := application.notification_log.select(start=seen + 1, limit=AT_ONCE):
            take(page)
            seen = page[-1].id
        return seen

    async def run(clients: int, seconds: float) -> Sample:
        return await asyncio.to_thread(timed, replay)

    try:
        yield run
    finally:
        connection.close()
        application.close()


def _fill(application: Reports, number: int) -> None:
    """Many a transaction: how they came is not what is measured."""
    for _ in range(number // EACH_SAVE):
        application.save(*(Report(data=EVENT, meta=META) for _ in range(EACH_SAVE)))


def _decoded(application: Reports) -> Callable[[Page], None]:
    def take(page: Page) -> None:
        for one in page:
            application.mapper.to_domain_event(one)

    return take


def _written(application: Reports, connection: Any) -> Callable[[Page], None]:
    def take(page: Page) -> None:
        events = [application.mapper.to_domain_event(one) for one in page]
        with connection.cursor() as cursor:
            cursor.executemany(ROW, [_row(one) for one in events])
        connection.commit()

    return take


def _row(event: Any) -> tuple[Any, ...]:
    data = event.data
    return (
        str(event.originator_id),
        event.originator_version,
        data["kind"],
        data["organisation"],
        data["service_area"],
        data["occurred"],
        json.dumps(data["agents"]),
        len(data["patients"]),
    )


def timed(work: Callable[[], int]) -> Sample:
    """A sample of work that says how much it did."""
    began, cpu = time.perf_counter(), cpu_seconds()
    done = work()
    took = time.perf_counter() - began
    return sample_of(1, [took / done] * done, took, cpu_seconds() - cpu)
