"""Processes of a trial: forked from a warm parent, so that a round of them is a matter of
milliseconds."""

import asyncio
import multiprocessing
import os
import signal
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol, TypeVar

from shared.kernel.errors import OpenDoorError

WARM = [
    "tests.faults.writing",
    "tests.faults.tails",
    "tests.faults.hop_roles",
    "shared.log.postgres",
    "shared.log.sqlite",
]
"""What the parent has imported before it forks."""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(WARM)
PATIENCE = 60.0
"""Seconds in which a process must have done its part, on a machine that others use."""


class Child:
    """A process at work; what it ends on, if not on a signal, lies in `last_words`."""

    def __init__(self, process: ForkServerProcess, last_words: Path) -> None:
        self._process = process
        self._last_words = last_words

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    def signal(self, how: signal.Signals) -> None:
        if self._process.pid is not None and self.running:
            os.kill(self._process.pid, how)

    async def ended(self, within: float = PATIENCE) -> int | None:
        """Its status once it has ended, minus the signal that ended it; None where it goes on."""
        await asyncio.to_thread(self._process.join, within)
        return self._process.exitcode

    async def killed(self) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()

    def said(self) -> str:
        """The fault that it ended with."""
        return self._last_words.read_text() if self._last_words.exists() else "nothing"


class Job(Protocol):
    """What a process is told; its part of the history goes to `path`."""

    @property
    def path(self) -> Path: ...


J = TypeVar("J", bound=Job)


@asynccontextmanager
async def running(work: Callable[[J], None], job: J) -> AsyncIterator[Child]:
    """A process that does this work, killed at the end where it still runs."""
    last_words = job.path.with_suffix(".end")
    process = FORKS.Process(target=_run, args=(work, job, last_words), daemon=True)
    process.start()
    child = Child(process, last_words)
    try:
        yield child
    finally:
        await child.killed()
        process.close()


def _run(work: Callable[[J], None], job: J, last_words: Path) -> None:
    try:
        work(job)
    except BaseException as error:
        known = error.detail if isinstance(error, OpenDoorError) else ""
        last_words.write_text(known or traceback.format_exc())
        os._exit(1)
