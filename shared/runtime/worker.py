"""The workers of one service: projections, what it hears, time, and erasing; each on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from shared.bus.base import Source
from shared.bus.consumer import Consumer
from shared.contracts.heads import HEADS
from shared.kernel.decider import SYSTEM, Actor
from shared.kernel.errors import Busy, Refused, Unavailable
from shared.log import leases, requests
from shared.projections.generations import Retired
from shared.projections.projector import Projector, always
from shared.projections.tidying import drop_unused
from shared.runtime.engine import Engine
from shared.runtime.erasing import Eraser
from shared.runtime.heads import sign_head
from shared.runtime.reacting import Reactor
from shared.runtime.service import Timer, To
from shared.runtime.supervise import Ended, Supervisor

LEASE = timedelta(seconds=10)
GRACE = 3.0
LAST_WORD = 2.0
"""Seconds in which leases are given back; otherwise they run out by themselves."""
REFERENCE_SECONDS = 10.0
FORGET_SECONDS = 600.0
TIDY_SECONDS = 60.0
ROLL_BACK = timedelta(minutes=15)
"""How long a read model that was replaced is kept at least: an older version can go on with it."""


class Worker:
    """Runs everything of a service that nobody asks for.

    `sources` are where the topics come from that it hears. With `shared` several processes work
    for one service, and what must happen once runs under a lease.
    """

    def __init__(
        self, engine: Engine, sources: Sequence[Source], *, shared: bool, name: str
    ) -> None:
        self.engine = engine
        self.reactor = Reactor(engine.desk)
        self.consumer = Consumer(
            engine.service.name, self.reactor.effect, engine.log, engine.appender
        )
        self.eraser = Eraser(engine)
        self.supervisor = Supervisor()
        self.sources = tuple(sources)
        self._shared = shared
        self._name = name
        self._leases: list[leases.Held] = []

    def start(self) -> None:
        """Begins every task; they end when `stop` is called."""
        for projector in self.engine.projectors:
            self._start(f"projection:{projector.projection.name}", self._project(projector))
        for number, source in enumerate(self.sources):
            self._start(f"hear:{number}", self._hear(source))
        for timer in self.engine.service.timers:
            self._start(f"timer:{timer.name}", self._tick(timer))
        self._start("eraser", self._erase)
        self._start("reference", self._refresh)
        self._start("request-keys", self._forget_requests)
        if self.engine.service.name in HEADS:
            self._start("heads", self._sign_heads)
        self._start("generations", self._drop_unused)

    def also(self, name: str, run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Begins a further task, such as the relay."""
        self._start(name, lambda: run(self.supervisor.stopping))

    async def stop(self, grace: float = GRACE) -> None:
        """Ends every task within `grace` seconds, and lets others take over at once."""
        await self.supervisor.stop(grace)
        # A call that is cancelled while its server is silent does not return: it is left alone,
        # and ends when the engine cuts its connection.
        giving = asyncio.create_task(self._give_back(), name="give-back")
        await asyncio.wait((giving,), timeout=LAST_WORD)

    async def _give_back(self) -> None:
        with suppress(Unavailable):
            for lease in self._leases:
                await lease.give_back()

    def _start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.supervisor.start(name, run)

    def _project(self, projector: Projector) -> Callable[[], Awaitable[None]]:
        held = self._lease(projector.projection.lease)
        stop, appended = self.supervisor.stopping, self.engine.appended

        async def run() -> None:
            try:
                await projector.run(stop, appended, held)
            except Retired as over:
                raise Ended(str(over)) from over

        return run

    def _hear(self, source: Source) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await source.run(self.consumer.serve, self.supervisor.stopping)

        return run

    def _tick(self, timer: Timer) -> Callable[[], Awaitable[None]]:
        held = self._lease(f"timer:{timer.name}")

        async def run() -> None:
            while not self.supervisor.stopping.is_set():
                if await held():
                    await run_timer(self.engine, timer)
                await self.supervisor.pause(timer.seconds)

        return run

    async def _erase(self) -> None:
        held = self._lease("eraser")
        while not self.supervisor.stopping.is_set():
            seen = self.engine.appended.count
            if not (await held() and await self.eraser.step()):
                await self.engine.appended.wait(seen, 0.25)

    async def _refresh(self) -> None:
        while not self.supervisor.stopping.is_set():
            await self.engine.reach.refresh()
            await self.supervisor.pause(REFERENCE_SECONDS)

    async def _forget_requests(self) -> None:
        held = self._lease("request-keys")
        while not self.supervisor.stopping.is_set():
            if await held():
                await requests.prune(self.engine.log.store, self.engine.clock.now())
            await self.supervisor.pause(FORGET_SECONDS)

    async def _sign_heads(self) -> None:
        held, seconds = self._lease("heads"), self.engine.settings.heads_seconds
        stopping, now = self.supervisor.stopping, asyncio.get_running_loop().time
        due = now()
        while not stopping.is_set():
            # The lease is kept between two heads, or each process would sign in its own minute.
            await self.supervisor.pause(min(seconds, LEASE.total_seconds() / 3))
            if not stopping.is_set() and await held() and now() >= due:
                await sign_head(self.engine)
                due = now() + seconds

    async def _drop_unused(self) -> None:
        held = self._lease("generations")
        store, projections = self.engine.log.store, self.engine.service.projections
        while not self.supervisor.stopping.is_set():
            if await held():
                await drop_unused(store, projections, ROLL_BACK)
            await self.supervisor.pause(TIDY_SECONDS)

    def _lease(self, name: str) -> Callable[[], Awaitable[bool]]:
        if not self._shared:
            return always
        lease = leases.Held(self.engine.log.store, name, self._name, LEASE)
        self._leases.append(lease)
        return lease.now


async def run_timer(engine: Engine, timer: Timer) -> int:
    """Asks what is due now and carries it out, each on its own; how many commands decided
    something. What a decider refuses is passed by: it no longer holds.

    One thing that fails keeps no other waiting. Raises ExceptionGroup of what failed at the end,
    Busy at once.
    """
    done, failed = 0, list[Exception]()
    for to in await timer.due(engine.reach):
        try:
            done += await carry_out(engine, to)
        except Busy:
            raise
        except Exception as error:  # a damaged record must not stop the clocks of the others
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{timer.name}: not all that is due could be done", failed)
    return done


async def carry_out(engine: Engine, to: To, actor: Actor = SYSTEM) -> bool:
    """One command of the system's own; whether anything followed. What its decider refuses no
    longer holds. Raises Contended."""
    try:
        return await engine.handle.carry_out(to.id, to.command, actor) is not None
    except Refused:
        return False
