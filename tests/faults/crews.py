"""Several writing processes on one log at once, and how far each has come while they write."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGTERM

from shared.log.appender import PATIENCE
from tests.faults.history import History, load
from tests.faults.lanes import Lane
from tests.faults.processes import Child, running
from tests.faults.trial import Plan
from tests.faults.writing import Writing, write

TOLD = b'"acknowledged"'
LOOK = 0.01
"""Seconds between two looks at how far a writer has come."""


@dataclass(slots=True)
class Member:
    """One process of a crew."""

    job: Writing
    child: Child
    _read: int = 0
    _told: int = 0

    def told(self) -> int:
        """How many of its entries are acknowledged by now."""
        if self.job.path.exists():
            with self.job.path.open("rb") as file:
                file.seek(self._read)
                fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read += len(whole)
            self._told += whole.count(TOLD)
        return self._told

    async def writes(self, more: int, within: float) -> bool:
        """Whether so many further entries are acknowledged within so many seconds."""
        wanted = self.told() + more
        give_up = asyncio.get_running_loop().time() + within
        while self.told() < wanted:
            if asyncio.get_running_loop().time() > give_up or not self.child.running:
                return False
            await asyncio.sleep(LOOK)
        return True


@dataclass(slots=True)
class Crew:
    """Processes that write until they are told to end."""

    members: list[Member]

    @property
    def lanes(self) -> list[Lane]:
        return [lane for one in self.members for lane, _ in one.job.lanes]

    async def end(self) -> History:
        """Ends all, wherever they are, and gives what they wrote."""
        for one in self.members:
            one.child.signal(SIGTERM)
        for one in self.members:
            await one.child.ended()
        return load(one.job.path for one in self.members)


@asynccontextmanager
async def crew(
    plan: Plan, url: str, sizes: Sequence[int], *, patience: float = PATIENCE
) -> AsyncIterator[Crew]:
    """A process for each of `sizes`, with so many lanes of its own, which bears with a database
    that is away for so many seconds."""
    async with AsyncExitStack() as stack:
        members = []
        for number, size in enumerate(sizes):
            job = replace(_job(plan.seed, plan.folder, url, number, size), patience=patience)
            members.append(Member(job, await stack.enter_async_context(running(write, job))))
        yield Crew(members)


def _job(seed: int, folder: Path, url: str, number: int, size: int) -> Writing:
    name = f"writer {number}"
    lanes = tuple((Lane(seed=seed, name=f"{number}-{lane}"), 0) for lane in range(size))
    return Writing(name=name, url=url, path=folder / f"{name}.jsonl", lanes=lanes)
