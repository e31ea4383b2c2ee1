"""The embedded hop in one process, both logs in files: killed, frozen and ended under load."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.opening import open_log
from tests.faults.checker import Class, Finding, check
from tests.faults.history import View, load
from tests.faults.hop_child import LIVES, Child, started, steps_met
from tests.faults.hop_setting import TOPIC, Setting, opened
from tests.faults.hop_views import cursors, reaches, the_effects, the_log, the_published
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.bus import until

VIEWS = (View("published"), View("effects"))
STEPS = 150
LONGEST = 1.0
"""Seconds for which it is frozen, or runs before it is killed at an instant, at most."""


async def killed_at_a_step(one: Child, chance: random.Random) -> None:
    await one.killed(chance.randint(1, STEPS))


async def killed_at_an_instant(one: Child, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, LONGEST))
    one.signal(signal.SIGKILL)
    await one.dies()


async def frozen(one: Child, chance: random.Random) -> None:
    """It stands still, goes on, and ends in order."""
    await one.frozen(chance.randint(1, STEPS))
    await asyncio.sleep(chance.uniform(0, LONGEST))
    one.signal(signal.SIGCONT)
    assert await one.end() == 0


FAULTS = {
    "kill -9 at a step": killed_at_a_step,
    "kill -9 at an instant": killed_at_an_instant,
    "SIGSTOP, SIGCONT, SIGTERM": frozen,
}


async def run(plan: Plan) -> Tally:
    setting = Setting(
        telling=f"sqlite:///{plan.folder / 'telling.db'}",
        hearing=f"sqlite:///{plan.folder / 'hearing.db'}",
        bootstrap="",
        prefix="",
        folder=str(plan.folder),
    )
    for url in (setting.telling, setting.hearing):
        log = opened(url)
        await log.store.write(schema.create)
        await log.close()
    tally = Tally()
    one = await started("both", "r0", setting)
    try:
        for number in range(plan.rounds):
            one = await _round(plan, number, one, tally)
        await one.order("rest")
        await _taken(setting, f"after the last of {plan.rounds}", tally)
        assert await one.end() == 0
    finally:
        await one.kill()
    tally.remarks["steps met"] = str(len(steps_met(plan.folder)))
    return await _judged(setting, plan, tally)


async def _round(plan: Plan, number: int, one: Child, tally: Tally) -> Child:
    """A fault, and the next process, once it has taken what the first had told."""
    chance = plan.chance(number)
    kind = list(FAULTS)[(number + plan.seed) % len(FAULTS)]
    await one.began()
    await FAULTS[kind](one, chance)
    tally.faults[kind] += 1
    after = await started("both", f"r{number + 1}", one.job.setting)
    await after.began()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await _taken(one.job.setting, kind, tally)
    tally.recovered(loop.time() - began)
    tally.rounds += 1
    plan.step()
    return after


async def _taken(setting: Setting, fault: str, tally: Tally) -> None:
    """Waits until all that is told now has had its effect."""
    async with _beside(setting.telling) as telling, _beside(setting.hearing) as hearing:
        heads = await telling.published_heads(TOPIC)

        async def there() -> bool:
            return reaches(await cursors(hearing), heads)

        try:
            await until(there, LIVES)
        except AssertionError:
            tally.findings.append(Finding(Class.UNSEEN, f"not taken {LIVES:g} s after: {fault}"))


@asynccontextmanager
async def _beside(url: str) -> AsyncIterator[Log]:
    """The log, read beside the process that writes it."""
    log = open_log(url, SystemClock(), reads_only=True)
    try:
        yield log
    finally:
        await log.close()


async def _judged(setting: Setting, plan: Plan, tally: Tally) -> Tally:
    history = load(sorted(plan.folder.glob("*.calls")))
    async with _beside(setting.telling) as telling, _beside(setting.hearing) as hearing:
        history.truth = await the_log(telling)
        history.seen = [*await the_published(telling), *await the_effects(hearing)]
    tally.acknowledged = len(history.acknowledged())
    tally.findings += check(history, VIEWS)
    return tally


TRIALS = (
    Trial(
        name="embedded hop",
        promises="R1 R2 R3",
        method="One process tells and hears, each log in a file, under load: it is killed with -9 "
        "at a step or at any instant, or frozen, woken and ended; the next one goes on.",
        run=run,
        short=2,
        share=10,
    ),
)
