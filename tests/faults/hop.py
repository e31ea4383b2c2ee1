"""A hop on trial: one service tells, relays carry, Kafka holds, consumers take; each a process."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shared.bus.kafka import make_topics
from shared.log import leases, schema
from shared.log.base import Log
from tests.faults.checker import Class, Finding, check
from tests.faults.history import History
from tests.faults.hop_child import LIVES, Child, started, steps_met
from tests.faults.hop_load import KEYS, Load
from tests.faults.hop_setting import TOPIC, Setting, opened
from tests.faults.hop_views import (
    VIEWS,
    Watcher,
    cursors,
    reaches,
    the_effects,
    the_log,
    the_published,
)
from tests.faults.trial import Plan, Tally
from tests.kit.bus import until
from tests.kit.proxy import Proxy, proxy_to


@dataclass(slots=True, kw_only=True)
class Hop:
    """The processes of a trial, and what was seen of them. `database` is the consumers' way to
    theirs."""

    plan: Plan
    setting: Setting
    telling: Log
    hearing: Log
    watcher: Watcher
    database: Proxy
    tally: Tally = field(default_factory=Tally)
    history: History = field(default_factory=History)
    running: dict[str, Child] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    loading: Load | None = None

    async def start(self, role: str, *names: str) -> None:
        """Begins processes of one role."""
        for name in names:
            assert name not in self.running
            self.running[name] = await started(role, name, self.setting)

    async def end(self, *names: str) -> None:
        """Ends processes as an operator does; each within its grace time, with status 0."""
        ending = [self.running.pop(name) for name in names]
        ended = await asyncio.gather(*(one.end() for one in ending))
        statuses = dict(zip(names, ended, strict=True))
        assert statuses == dict.fromkeys(names, 0), statuses

    async def killed(self, name: str, after: int) -> None:
        """Has one die at its step so many from now, and waits until it has."""
        await self.running.pop(name).killed(after)

    async def holder(self) -> str:
        """The relay that has the lease, once one has."""
        found: list[str] = []

        async def held() -> bool:
            name = await leases.holder(self.telling.store, f"relay:{TOPIC}")
            found[:] = [name] if name in self.running else []
            return bool(found)

        await until(held, LIVES)
        return found[0]

    @asynccontextmanager
    async def load(self, name: str, chance: random.Random) -> AsyncIterator[Load]:
        """A load on keys of its own."""
        load = Load(self.telling, chance, [f"{name}-{key}" for key in range(KEYS)])
        self.loading = load
        try:
            async with load:
                yield load
        finally:
            self.loading = None
            self.history.calls += load.calls

    async def carried(self, within: float = LIVES) -> bool:
        """Waits until Kafka holds all that is told now; False where it does not come to that."""
        heads = await self.telling.published_heads(TOPIC)
        return await _comes(lambda: _is(reaches(self.watcher.reached, heads)), within)

    async def taken(self, within: float = LIVES) -> bool:
        """Waits until all that is told now has had its effect."""
        heads = await self.telling.published_heads(TOPIC)

        async def there() -> bool:
            return reaches(await cursors(self.hearing), heads)

        return await _comes(there, within)

    async def recovers(self, fault: str, well: Callable[[], Awaitable[bool]]) -> None:
        """Measures how long it takes from now, the end of a fault, until all is well, with what
        was told after it."""
        loop = asyncio.get_running_loop()
        ended = loop.time()
        self.tally.faults[fault] += 1
        if self.loading is not None:
            await self.loading.goes_on()
        if await well():
            took = loop.time() - ended
            self.tally.recovered(took)
            self.slowest[fault] = max(took, self.slowest.get(fault, 0.0))
        else:
            where = f"not well {LIVES:g} s after: {fault} ({self.plan.seed})"
            self.tally.findings.append(Finding(Class.UNSEEN, where))

    async def judged(self, *, effects: bool) -> Tally:
        """The tally, once everything recorded has been judged."""
        # Who watches may be a moment behind who takes.
        await self.carried()
        self.history.truth = await the_log(self.telling)
        self.history.seen = [*self.watcher.seen, *await the_published(self.telling)]
        if effects:
            self.history.seen += await the_effects(self.hearing)
        slowest = ", ".join(f"{took:.1f} s after {one}" for one, took in self.slowest.items())
        self.tally.remarks |= {
            "steps met": str(len(steps_met(self.plan.folder))),
            "slowest recovery": slowest,
        }
        self.tally.acknowledged = len(self.history.acknowledged())
        self.tally.findings += check(self.history, VIEWS)
        return self.tally


async def _is(held: bool) -> bool:
    return held


async def _comes(condition: Callable[[], Awaitable[bool]], within: float) -> bool:
    try:
        await until(condition, within)
    except AssertionError:
        return False
    return True


def parts(plan: Plan) -> Iterator[tuple[bool, range]]:
    """Rounds, those with the product's own times first: a tenth of a long run."""
    shipped = max(plan.rounds // 10, 1) if plan.long else 0
    if shipped:
        yield True, range(shipped)
    yield False, range(shipped, plan.rounds)


@asynccontextmanager
async def hop(plan: Plan, bootstrap: str) -> AsyncIterator[Hop]:
    """An empty hop through the broker at `bootstrap`; what still runs at the end is killed."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(plan.postgres().fresh_databases("telling", "hearing"))
        server = urlsplit(url)
        way = await stack.enter_async_context(proxy_to(str(server.hostname), server.port or 5432))
        setting = Setting(
            telling=url.replace("{part}", "telling"),
            hearing=way.url(url.replace("{part}", "hearing")),
            bootstrap=bootstrap,
            prefix=f"t{secrets.token_hex(6)}.",
            folder=str(plan.folder),
        )
        logs = [opened(url.replace("{part}", part)) for part in ("telling", "hearing")]
        for log in logs:
            stack.push_async_callback(log.close)
            await log.store.write(schema.create)
        await make_topics(bootstrap, (TOPIC,), replication=1, prefix=setting.prefix)
        watcher = Watcher(setting)
        await stack.enter_async_context(watcher.watching())
        made = Hop(
            plan=plan,
            setting=setting,
            telling=logs[0],
            hearing=logs[1],
            watcher=watcher,
            database=way,
        )
        stack.push_async_callback(_kill_all, made)
        yield made


async def _kill_all(made: Hop) -> None:
    await asyncio.gather(*(one.kill() for one in made.running.values()))
