"""The database's server itself is killed under its writers, or one of its processes is."""

import asyncio
import os
import random
from collections.abc import Sequence
from signal import SIGKILL

import psycopg

from tests.faults.checker import Finding
from tests.faults.crews import Member, crew
from tests.faults.databases import build, opened
from tests.faults.history import now
from tests.faults.judging import judged
from tests.faults.tails import Tail, reading_on
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.servers.postgres import own_postgres
from tests.kit.servers.postgres_process import OwnPostgres, libpq

SIZES = (4, 4)
PATIENCE = 60.0
SOON = 0.1
"""Seconds of writing before a death, at most."""
APPENDING = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'open-door-log' ORDER BY pid
"""


async def run(plan: Plan) -> Tally:
    tally = Tally()
    with own_postgres() as server:
        await asyncio.to_thread(build, server.url)
        async with crew(plan, server.url, SIZES, patience=PATIENCE) as writers:
            tail = Tail("reader")
            async with reading_on(tail, server.url):
                for number in range(plan.rounds):
                    await _round(server, plan.chance(number), writers.members, tally)
                    tally.rounds += 1
                    plan.step()
            history = await writers.end()
        async with opened(server.url) as log:
            await tail.rest(log)
            tally.findings += await judged(log, writers.lanes, history.calls, tail.seen)
    tally.acknowledged = len(history.acknowledged())
    return tally


async def _round(
    server: OwnPostgres, chance: random.Random, members: Sequence[Member], tally: Tally
) -> None:
    await _all_write(members, "before a death", tally)
    await asyncio.sleep(chance.uniform(0.0, SOON))
    kind = chance.choice(tuple(_DEATHS))
    await asyncio.to_thread(_DEATHS[kind], server, chance)
    tally.faults[kind] += 1
    died = now()
    await _all_write(members, "after a death", tally)
    tally.recovered((now() - died) / 1e9)


async def _all_write(members: Sequence[Member], when: str, tally: Tally) -> None:
    for one in members:
        if not await one.writes(1, PATIENCE):
            where = f"{one.job.name} did not write {when}: {one.child.said()}"
            tally.findings.append(Finding("a writer failed", where))


def _whole_server(server: OwnPostgres, _chance: random.Random) -> None:
    server.crash()
    server.start()


def _one_process(server: OwnPostgres, chance: random.Random) -> None:
    """One that serves a writer; the others are then stopped by the server itself."""
    with psycopg.connect(libpq(server.admin), autocommit=True) as admin:
        serving = [pid for (pid,) in admin.execute(APPENDING).fetchall()]
    os.kill(chance.choice(serving), SIGKILL)


_DEATHS = {
    "server crashed": _whole_server,
    "kill -9 of a server's process": _one_process,
}

TRIALS = (
    Trial(
        name="log server killed, PostgreSQL",
        promises="R1",
        method="A PostgreSQL with fsync on is crashed and started again, or one of its processes "
        "gets kill -9, while two processes of four writers each append and a reader reads; they "
        "send again what had no reply.",
        run=run,
        short=1,
        share=20,
    ),
)
