"""A connection cut in the middle of a commit: the very same entries, sent again, are there once."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg

from shared.kernel.errors import Unavailable
from shared.log.base import Appended, Entry, Log
from shared.log.base import Outcome as Answer
from shared.log.postgres import plain_url
from tests.faults.checker import Finding
from tests.faults.databases import ON_POSTGRES, empty_log, opened
from tests.faults.history import Call, Outcome, now
from tests.faults.judging import judged
from tests.faults.lanes import Lane
from tests.faults.tails import Tail, reading_on
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until
from tests.kit.proxy import Proxy, proxy_to

LANES = 6
SOON = 0.003
"""Seconds after which a connection is cut, at most, where the server is not held."""
PATIENCE = 60.0
PAUSE = 0.02
"""Seconds between two tries to reach the server."""
HOLD = "SELECT pg_advisory_lock(1)"
LET_GO = "SELECT pg_advisory_unlock(1)"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
AMISS = "what was sent again was refused"


async def run(plan: Plan) -> Tally:
    tally = Tally()
    lanes = [Lane(seed=plan.seed, name=f"lane-{n}") for n in range(LANES)]
    calls: list[Call] = []
    tail = Tail("reader")
    async with empty_log(plan, ON_POSTGRES) as url, _by_proxy(url) as (proxy, through):
        async with opened(through) as log, reading_on(tail, url):
            for number in range(plan.rounds):
                entries = [one.entry(number) for one in lanes]
                sent = now()
                held = await _cut(plan.chance(number), proxy, log, entries, url)
                began = now()
                calls += await _again(log, entries, sent, number, lanes, held, tally)
                tally.recovered((now() - began) / 1e9)
                tally.rounds += 1
                plan.step()
        async with opened(url) as log:
            await tail.rest(log)
            tally.findings += await judged(log, lanes, calls, tail.seen)
    tally.acknowledged = len(calls)
    return tally


@asynccontextmanager
async def _by_proxy(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    server = urlsplit(url)
    async with proxy_to(str(server.hostname), server.port or 5432) as proxy:
        yield proxy, proxy.url(url)


async def _cut(
    chance: random.Random, proxy: Proxy, log: Log, entries: Sequence[Entry], url: str
) -> bool:
    """Appends and cuts meanwhile; whether the server surely had the statement, and went on with it
    alone."""
    held = chance.random() < 0.5
    if held:
        await _cut_while_held(proxy, log, entries, url)
    else:
        appending = asyncio.create_task(_append(log, entries))
        await asyncio.wait((appending,), timeout=chance.choice((0.0, chance.uniform(0.0, SOON))))
        await proxy.cut()
        await appending
    await proxy.mend()
    return held


async def _cut_while_held(proxy: Proxy, log: Log, entries: Sequence[Entry], url: str) -> None:
    """The statement waits for the log's lock when its connection goes."""
    holder = await asyncpg.connect(plain_url(url))
    try:
        await holder.execute(HOLD)
        appending = asyncio.create_task(_append(log, entries))

        async def waits() -> bool:
            return bool(await holder.fetchval(WAITING))

        await until(waits)
        await proxy.cut()
        await appending
        await holder.execute(LET_GO)
    finally:
        await holder.close()


async def _append(log: Log, entries: Sequence[Entry]) -> None:
    try:
        await log.append(entries)
    except Unavailable:
        return


async def answered(log: Log, entries: Sequence[Entry]) -> list[Answer]:
    """Sends these entries until the server answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await log.append(entries)
            except Unavailable:
                await asyncio.sleep(PAUSE)


async def _again(
    log: Log,
    entries: Sequence[Entry],
    sent: int,
    number: int,
    lanes: Sequence[Lane],
    held: bool,
    tally: Tally,
) -> list[Call]:
    """Sends the very same entries until they are answered."""
    outcomes = await answered(log, entries)
    calls = []
    for lane, outcome in zip(lanes, outcomes, strict=True):
        call = Call(
            writer="writer",
            item=lane.item(number),
            key=lane.name,
            sent=sent,
            ended=now(),
            outcome=Outcome.ACKNOWLEDGED,
        )
        if not isinstance(outcome, Appended) or (held and not outcome.already):
            tally.findings.append(Finding(AMISS, f"{call.item}: {outcome}"))
            call = replace(call, outcome=Outcome.UNKNOWN)
        calls.append(call)
    first = outcomes[0]
    found = isinstance(first, Appended) and first.already
    tally.faults["cut after the commit" if found else "cut before the commit"] += 1
    return calls


TRIALS = (
    Trial(
        name=f"log cut off, {ON_POSTGRES}",
        promises="R1, R2",
        method="A proxy cuts the connection of an append: in half of the rounds while the server "
        "is surely at it, else at a seeded moment. The very same entries are sent again: `already` "
        "where they had been committed.",
        run=run,
        short=10,
    ),
)
