"""One process of a hop, as the trial that began it sees it."""

import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tests.faults import processes
from tests.faults.hop_roles import Job, work
from tests.faults.hop_setting import Setting
from tests.kit.bus import until
from tests.kit.processes import GRACE

LIVES = 60.0
"""Seconds after the end of a fault in which all must be well again (R5)."""


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of `hop_roles`; it ends by itself where its parent does."""

    job: Job
    process: processes.Child
    orders: Connection
    _held: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def began(self) -> None:
        """Waits until it is at work."""

        async def there() -> bool:
            assert self.process.running, self.process.said()
            return self.job.sign.exists()

        await until(there, LIVES)

    async def order(self, *words: object) -> None:
        """Tells it what to do to itself."""
        await self.began()
        self.orders.send(words)

    async def killed(self, after: int) -> None:
        """Has it die at its step so many from now, and waits until it has."""
        await self.order("arm", int(signal.SIGKILL), after)
        await self.dies()

    async def dies(self) -> None:
        status = await self.process.ended(LIVES)
        assert status == -signal.SIGKILL, status
        await self.kill()

    async def frozen(self, after: int) -> None:
        """Has it freeze at its step so many from now, and waits until it says so."""
        before = _lines(self.job.note)
        await self.order("arm", int(signal.SIGSTOP), after)

        async def noted() -> bool:
            return _lines(self.job.note) > before

        await until(noted, LIVES)

    def signal(self, how: signal.Signals) -> None:
        self.process.signal(how)

    async def end(self) -> int | None:
        """Ends it as an operator does; its status, None where it is not gone in its grace time."""
        await self.began()
        self.signal(signal.SIGTERM)
        status = await self.process.ended(GRACE)
        await self.kill()
        return status

    async def kill(self) -> None:
        """Ends it if it still runs, frozen or not."""
        await self._held.aclose()
        self.orders.close()


def _lines(note: Path) -> int:
    return note.read_text().count("\n") if note.exists() else 0


async def started(role: str, name: str, setting: Setting) -> Child:
    theirs, ours = processes.FORKS.Pipe(duplex=False)
    job = Job(role=role, name=name, setting=setting, orders=theirs)
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(processes.running(work, job))
        theirs.close()
        return Child(job=job, process=process, orders=ours, _held=stack.pop_all())


def steps_met(folder: Path) -> set[str]:
    """The steps at which processes died or froze."""
    return {line for note in folder.glob("*.steps") for line in note.read_text().splitlines()}
