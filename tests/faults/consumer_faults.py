"""Consumers of one group: killed, frozen past their session, joined, left, cut from their
database, their group forgotten; every effect happens once, in the order of its key."""

import asyncio
import random
import signal

from confluent_kafka.admin import AdminClient

from tests.faults.hop import Hop, hop, parts
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.servers.kafka import QUIET

CONSUMERS = ("first", "second")
STEPS = 120
AWAY = 1.0
AWAY_AS_SHIPPED = 30.0


async def killed(way: Hop, chance: random.Random) -> None:
    """One of two dies at a step; the other takes its partitions."""
    name = chance.choice(CONSUMERS)
    await way.killed(name, chance.randint(1, STEPS))
    await way.recovers("kill -9", way.taken)
    await way.start("consumer", name)


async def frozen(way: Hop, chance: random.Random) -> None:
    """One of two stands still past its session, a third joins, the first wakes: what it had under
    way is another's now."""
    name = chance.choice(CONSUMERS)
    await way.running[name].frozen(chance.randint(1, STEPS))
    await way.recovers("SIGSTOP past the session", way.taken)
    await way.start("consumer", "third")
    await way.recovers("third joins", way.taken)
    way.running[name].signal(signal.SIGCONT)
    await way.recovers("SIGCONT", way.taken)
    await way.end("third")


async def shared_out_anew(way: Hop, chance: random.Random) -> None:
    """A third joins and one leaves in order."""
    name = chance.choice(CONSUMERS)
    await way.start("consumer", "third")
    await way.recovers("third joins", way.taken)
    await way.end(name)
    await way.recovers("one leaves", way.taken)
    await way.start("consumer", name)
    await way.end("third")


async def forgotten(way: Hop, chance: random.Random) -> None:
    """The offsets of the group are deleted, which only an empty group allows."""
    await way.end(*CONSUMERS)
    await asyncio.to_thread(_delete_group, way.setting.bootstrap, way.setting.group)
    await way.start("consumer", *CONSUMERS)
    await way.recovers("offsets deleted", way.taken)


def _delete_group(bootstrap: str, group: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap}, logger=QUIET)
    for deleted in admin.delete_consumer_groups([group]).values():
        deleted.result(30)


async def without_database(way: Hop, chance: random.Random) -> None:
    """The consumers' database refuses, or answers nothing, and is there again."""
    shipped = way.setting.session >= AWAY_AS_SHIPPED * 1000 / 3
    seconds = AWAY_AS_SHIPPED if shipped else AWAY
    silent = chance.random() < 0.5
    if silent:
        way.database.swallow()
    else:
        await way.database.cut()
    await asyncio.sleep(seconds)
    await way.database.mend()
    await way.recovers(f"database {'silent' if silent else 'gone'}", way.taken)


FAULTS = (killed, frozen, shared_out_anew, forgotten, without_database)


async def run(plan: Plan) -> Tally:
    async with hop(plan, plan.kafka().bootstrap) as way:
        quick = way.setting
        for shipped, numbers in parts(plan):
            way.setting = quick.as_shipped() if shipped else quick
            await way.start("relay", "one")
            await way.start("consumer", *CONSUMERS)
            for number in numbers:
                await _round(way, number, plan.chance(number))
            await way.end("one", *CONSUMERS)
        return await way.judged(effects=True)


async def _round(way: Hop, number: int, chance: random.Random) -> None:
    fault = FAULTS[(number + way.plan.seed) % len(FAULTS)]
    async with way.load(f"r{number}", chance):
        await way.taken()
        await fault(way, chance)
    await way.recovers("load over", way.taken)
    way.tally.rounds += 1
    way.plan.step()


TRIALS = (
    Trial(
        name="consumer",
        promises="R1 R2 R3",
        method="Two consumers of one group under load: killed with -9 or frozen past its session "
        "between any two steps, joined by a third, ended in order, cut from their database "
        "(refused, or silent), their group deleted; the first tenth with the product's own "
        "session of 10 s and a database gone for 30 s.",
        run=run,
        short=2,
        share=10,
    ),
)
