"""What needs millions of events: one writer's latency on a long log, and verifying a million."""

import asyncio
from contextlib import AsyncExitStack

import psycopg

from bench.contestant import Contestant, contestant
from bench.contestants.relaying import fill
from bench.context import WARM_UP, Bench
from bench.names import LONG, LONG_FEW, LONG_MANY, LONG_VERIFY
from bench.results import Figure
from bench.rows.houses import migrated
from shared.kernel.clock import SystemClock
from shared.log.base import Log
from shared.log.opening import open_log
from tests.kit.servers.postgres_process import libpq

FEW, CHAINED, MANY = 100_000, 1_000_000, 10_000_000
SECONDS = 3.0
AT_ONCE = 250_000
"""Rows that the server makes by itself in one statement."""

EVENTS = """
INSERT INTO events
    (position, stream, version, type, schema, recorded_at, data, meta, digest, hash)
SELECT n, 'made-' || md5(n::text), 1, 'reported', 1, e.recorded_at, e.data, e.meta,
       sha256(int8send(n)), sha256(int8send(-n))
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n,
       (SELECT recorded_at, substr(data, 1, 120) AS data, substr(meta, 1, 60) AS meta
          FROM events ORDER BY position DESC LIMIT 1) AS e
"""
PUBLISHED = """
INSERT INTO published
    (topic, partition, n, position, id, type, key, subject, time, recorded_at, attributes, data)
SELECT 'opendoor.intake.v1', at %% 12, h.n + (at - %(first)s) / 12 + 1, at,
       'made-' || md5(at::text) || '/1', 'reported', 'made', 'made', '2018-12-14T09:30:00Z',
       h.recorded_at, '{}', '{}'
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS at
  JOIN LATERAL (SELECT p.n, p.recorded_at FROM published p
                 WHERE p.topic = 'opendoor.intake.v1' AND p.partition = at %% 12
                 ORDER BY p.n DESC LIMIT 1) AS h ON true
"""


async def long(bench: Bench) -> None:
    """The first million is appended as ever and verified; what follows is made by the server, as
    long in rows and shorter in bytes, since an append looks at their number alone."""
    async with AsyncExitStack() as stack:
        folder = bench.servers.folder("long")
        url = (await migrated(bench, stack, folder)).database_url
        log = open_log(url, SystemClock())
        stack.push_async_callback(log.close)
        appending = await stack.enter_async_context(
            contestant("append", LONG, {"url": url, "name": "long"}, folder)
        )
        await _filled(bench, log, "few", FEW)
        await _latency(bench, appending, LONG_FEW)
        await _filled(bench, log, "chained", CHAINED - FEW)
        await _verified(bench, stack, url)
        await _made(bench, libpq(url), MANY)
        await _latency(bench, appending, LONG_MANY)


async def _filled(bench: Bench, log: Log, name: str, number: int) -> None:
    bench.steps.says(f"Appending {number:,} events")
    await fill(log, number, name)
    bench.steps.went(number / 8_000)


async def _latency(bench: Bench, appending: Contestant, name: str) -> None:
    """One writer: the p50 of each sample is a sample of this figure."""
    await appending.sample(1, WARM_UP)
    taken = []
    for _ in range(bench.rounds):
        taken.append(await appending.sample(1, SECONDS * bench.pace))
        bench.steps.went(SECONDS)
    bench.add(
        Figure(
            row=LONG,
            name=name,
            unit="ms",
            samples=tuple(round(one.p50 * 1_000, 4) for one in taken),
            clients=1,
        )
    )


async def _verified(bench: Bench, stack: AsyncExitStack, url: str) -> None:
    bench.steps.says(f"Verifying {CHAINED:,} events")
    verifying = await stack.enter_async_context(
        contestant("verify", LONG_VERIFY, {"url": url}, bench.servers.folder("verify"))
    )
    taken = [await verifying.sample(1, 600) for _ in range(bench.rounds)]
    rates = tuple(round(one.rate, 1) for one in taken)
    bench.add(Figure(row=LONG, name=LONG_VERIFY, unit="events/s", samples=rates))
    bench.steps.went(60)


async def _made(bench: Bench, url: str, until: int) -> None:
    """Rows by the server itself, up to so many."""
    bench.steps.says(f"Making {until:,} events")
    for last in await asyncio.to_thread(_ends, url, until):
        await asyncio.to_thread(_make, url, last)
        bench.steps.went(10)
    await asyncio.to_thread(_settle, url)


def _ends(url: str, until: int) -> list[int]:
    with psycopg.connect(url) as connection:
        (head,) = connection.execute("SELECT max(position) FROM events").fetchone() or (0,)
    return [*range(head + AT_ONCE, until, AT_ONCE), until]


def _make(url: str, last: int) -> None:
    with psycopg.connect(url) as connection:
        (head,) = connection.execute("SELECT max(position) FROM events").fetchone() or (0,)
        told = {"first": head + 1, "last": last}
        connection.execute(EVENTS, told)
        connection.execute(PUBLISHED, told)


def _settle(url: str) -> None:
    """What the server would do by itself later is done before anybody measures."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE events, published")
        connection.execute("CHECKPOINT")
