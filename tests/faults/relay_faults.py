"""Two relays for one topic: killed, frozen, doubled, failed; Kafka holds every number in order."""

import random
import signal

from tests.faults.hop import Hop, hop, parts
from tests.faults.hop_child import LIVES
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until

RELAYS = ("one", "two")
STEPS = 90


async def killed(way: Hop, chance: random.Random) -> None:
    """The relay that carries dies; the other takes over."""
    name = await way.holder()
    await way.killed(name, chance.randint(1, STEPS))
    await way.recovers("kill -9", way.carried)
    await way.start("relay", name)


async def frozen(way: Hop, chance: random.Random) -> None:
    """The relay that carries stands still until the other has taken over, and goes on."""
    name = await way.holder()
    await way.running[name].frozen(chance.randint(1, STEPS))

    async def another() -> bool:
        return await way.holder() != name

    await until(another, LIVES)
    await way.recovers("SIGSTOP", way.carried)
    way.running[name].signal(signal.SIGCONT)
    await way.recovers("SIGCONT", way.carried)


async def doubled(way: Hop, chance: random.Random) -> None:
    """A second process believes that the lease is its own: it has the same name."""
    name = await way.holder()
    twin = f"{name}/twin"
    await way.start("relay", twin)
    await way.running[twin].began()
    await way.recovers("two at once", way.carried)
    await way.killed(twin, chance.randint(1, STEPS))
    await way.recovers("two at once", way.carried)


async def failed(way: Hop, chance: random.Random) -> None:
    """A send fails while those of other partitions are under way."""
    name = await way.holder()
    for how in chance.sample(("lost", "unheard"), 2):
        await way.running[name].order("fail", how, chance.randint(1, 12))
        await way.recovers(f"send {how}", way.carried)


FAULTS = (killed, frozen, doubled, failed)


async def run(plan: Plan) -> Tally:
    async with hop(plan, plan.kafka().bootstrap) as way:
        quick = way.setting
        for shipped, numbers in parts(plan):
            way.setting = quick.as_shipped() if shipped else quick
            await way.start("relay", *RELAYS)
            for number in numbers:
                await _round(way, number, plan.chance(number))
            await way.end(*RELAYS)
        return await way.judged(effects=False)


async def _round(way: Hop, number: int, chance: random.Random) -> None:
    fault = FAULTS[(number + way.plan.seed) % len(FAULTS)]
    async with way.load(f"r{number}", chance):
        await fault(way, chance)
    await way.recovers("load over", way.carried)
    way.tally.rounds += 1
    way.plan.step()


TRIALS = (
    Trial(
        name="relay",
        promises="R1 R2 R3",
        method="Two relays of one topic under load: the one that carries is killed with -9 or "
        "frozen between any two of its steps, doubled, or has a send fail while others are under "
        "way; the first tenth with the product's own lease of 10 s.",
        run=run,
        short=2,
        share=10,
    ),
)
