"""The broker killed under load, and the network to it cut, silent, half-open and reset; at last it
is gone for good, and every process still ends in order."""

import asyncio
import random

from tests.faults.hop import Hop, hop, parts
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.proxy import Proxy, proxy_to
from tests.kit.servers.kafka import OwnKafka, own_kafka
from tests.kit.servers.process import free_port

RELAYS, CONSUMERS = ("one", "two"), ("first", "second")
LONGEST = 3.0
"""Seconds of a fault of the network, at most."""


async def killed(way: Hop, own: OwnKafka, net: Proxy, chance: random.Random) -> None:
    await asyncio.to_thread(own.kill)
    await asyncio.to_thread(own.start)
    await way.recovers("broker killed", way.taken)


async def cut(way: Hop, own: OwnKafka, net: Proxy, chance: random.Random) -> None:
    await net.cut()
    await asyncio.sleep(chance.uniform(0, LONGEST))
    await net.mend()
    await way.recovers("network cut", way.taken)


async def silent(way: Hop, own: OwnKafka, net: Proxy, chance: random.Random) -> None:
    net.swallow()
    await asyncio.sleep(chance.uniform(0, LONGEST))
    await net.mend()
    await way.recovers("network silent", way.taken)


async def half_open(way: Hop, own: OwnKafka, net: Proxy, chance: random.Random) -> None:
    net.strand()
    await way.recovers("half-open", way.taken)


async def reset(way: Hop, own: OwnKafka, net: Proxy, chance: random.Random) -> None:
    await net.reset()
    await way.recovers("network reset", way.taken)


FAULTS = (cut, half_open, reset, silent, killed)
BRIEF = FAULTS[:3]
"""Those of a short run; a broker takes long to start again."""


async def run(plan: Plan) -> Tally:
    port = free_port()
    with own_kafka(advertised=port) as own:
        real = int(own.server.bootstrap.rpartition(":")[2])
        async with (
            proxy_to("127.0.0.1", real, at=port) as net,
            hop(plan, f"127.0.0.1:{port}") as way,
        ):
            quick = way.setting
            for shipped, numbers in parts(plan):
                way.setting = quick.as_shipped() if shipped else quick
                await way.start("relay", *RELAYS)
                await way.start("consumer", *CONSUMERS)
                for number in numbers:
                    await _round(way, own, net, number, plan.chance(number))
                await way.carried()
                # Nobody can be reached any more, and each ends all the same.
                await asyncio.to_thread(own.kill)
                await way.end(*RELAYS, *CONSUMERS)
                if shipped:
                    await asyncio.to_thread(own.start)
            return await way.judged(effects=True)


async def _round(way: Hop, own: OwnKafka, net: Proxy, number: int, chance: random.Random) -> None:
    faults = FAULTS if way.plan.long else BRIEF
    fault = faults[(number + way.plan.seed) % len(faults)]
    async with way.load(f"r{number}", chance):
        await way.taken()
        await fault(way, own, net, chance)
    await way.recovers("load over", way.taken)
    way.tally.rounds += 1
    way.plan.step()


TRIALS = (
    Trial(
        name="hop network",
        promises="R1 R2 R3",
        method="Relays and consumers reach their own broker through a proxy, under load: the "
        "broker is killed with -9 and started again, the network is cut, loses every packet, "
        "leaves connections half-open, resets them (the first tenth with the product's own "
        "times); at last the broker is gone, and each process ends on SIGTERM within its grace "
        "time with status 0.",
        run=run,
        short=1,
        share=10,
    ),
)
