"""Long-running tasks of a worker: each alone, each rising again after a passing fault."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog

from shared.kernel.errors import Broken, Busy

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
STEADY = 6.0
"""Seconds after which a task that was begun again counts as running: longer than an attempt to
reach something takes until it fails."""
CUT = 2.0
"""Seconds that tasks get to end after they were cancelled; what they hold may not answer."""

Standing = Literal["starting", "running", "waiting", "red", "stopped"]

log = structlog.get_logger("runtime")


class Ended(Exception):
    """A task has nothing left to do, for the reason given; it is not begun again."""


@dataclass(slots=True)
class TaskState:
    """How one task stands: `waiting` for something that is gone for now, `red` for something
    that a person must look at; `why` in one sentence."""

    name: str
    standing: Standing = "starting"
    why: str = ""


@dataclass(slots=True)
class Supervisor:
    """Runs named coroutines until it is stopped.

    A task that raises Busy (Unavailable among it) starts again after a growing pause, one that
    raises Broken stays down, red; any other error is red as well and started again, since a fault
    in one road must not end the others. What many tasks wait for is said once, when the first
    begins to wait, and once more when the last goes on.
    """

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    states: dict[str, TaskState] = field(default_factory=dict)
    _waiting: dict[str, set[str]] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Begins a task; `run` returns only when it is told to stop."""
        self.states[name] = TaskState(name)
        self._tasks.append(asyncio.create_task(self._keep(self.states[name], run), name=name))

    async def stop(self, grace: float) -> None:
        """Asks every task to end and waits up to `grace` seconds, then cancels what is left."""
        self.stopping.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace)
        for task in late:
            task.cancel()
        _, deaf = await asyncio.wait(self._tasks, timeout=CUT)
        for task in deaf:
            log.warning("task_not_ended", task=task.get_name())

    async def pause(self, seconds: float) -> None:
        """Waits so long, or until everything stops."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return

    async def _keep(self, state: TaskState, run: Callable[[], Awaitable[None]]) -> None:
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        state.standing = "running"
        try:
            while not self.stopping.is_set():
                steady = loop.call_later(STEADY, self._goes_on, state)
                try:
                    await run()
                except Broken as error:
                    state.standing, state.why = "red", error.detail
                    log.error("task_red", task=state.name, reason=error.detail)
                    return
                except Ended as over:
                    state.why = str(over)
                    log.info("task_over", task=state.name, reason=state.why)
                    return
                except Exception as error:  # one road's fault must not end the others
                    if loop.time() >= steady.when() or _soon(error):
                        pause = FIRST_PAUSE
                    self._note(state, error)
                else:
                    pause = FIRST_PAUSE
                    self._goes_on(state)
                finally:
                    steady.cancel()
                # Also one that ended by itself: begun again at once, it could starve the others.
                await self.pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._waits_no_more(state.name)
            if state.standing != "red":
                state.standing = "stopped"

    def _note(self, state: TaskState, error: Exception) -> None:
        """What passes by itself is waited for; what nobody foresaw shows red meanwhile. Said once,
        not at each try."""
        before = state.standing, state.why
        if isinstance(error, Busy):
            state.standing, state.why = "waiting", error.detail
            self._waits_no_more(state.name)
            others = self._waiting.setdefault(error.detail, set())
            if before[0] != "waiting" and not others:
                log.warning("task_waits", task=state.name, reason=error.detail)
            others.add(state.name)
            return
        state.standing, state.why = "red", type(error).__name__
        if before != (state.standing, state.why):
            log.error("task_failed", task=state.name, exc_info=error)

    def _goes_on(self, state: TaskState) -> None:
        """It has run for a while: what it waited for is there."""
        if state.standing == "waiting" and self._waits_no_more(state.name):
            log.info("task_runs", task=state.name, reason=state.why)
        state.standing, state.why = "running", ""

    def _waits_no_more(self, name: str) -> bool:
        """Whether it was the last that waited for something."""
        for reason, names in self._waiting.items():
            if name in names:
                names.discard(name)
                if not names:
                    del self._waiting[reason]
                    return True
                return False
        return False


def _soon(error: Exception) -> bool:
    """Whether what is away may be there at any moment, and is cheap to ask for."""
    return isinstance(error, Busy) and error.retry_after == 0
