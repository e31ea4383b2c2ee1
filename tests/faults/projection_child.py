"""Projects in processes that end by kill -9: each line of standard input is one such process.

A process is a fork of this one, which has imported everything; it must have opened nothing.
"""

import asyncio
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.projection_story import WORKS, opened
from tests.faults.suspending import Suspending

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def main() -> None:
    """Answers each line by how often the work was suspended, 0 where it was killed."""
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            count = asyncio.run(_work(asked))
            os.write(writing, str(count).encode())
            os._exit(0)
        os.close(writing)
        said = os.read(reading, 64)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answer = "0" if killed else said.decode() or f"died with {status}"
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


async def _work(asked: dict[str, Any]) -> int:
    async with opened(asked["url"]) as log:
        kill = partial(os.kill, os.getpid(), signal.SIGKILL)
        work = WORKS[asked["work"]](log)
        suspending = Suspending(work, at=asked["at"], when=asked["when"], fault=kill)
        await suspending
        return suspending.count


class Children:
    """The other end: asks for processes, one after another."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, url: str, work: str, *, at: int = 0, when: str = "waiting") -> int:
        """How often the work was suspended until it was done; 0 where it was killed."""
        process = self._process = self._process or await _begin()
        assert process.stdin
        assert process.stdout
        asked = {"url": url, "work": work, "at": at, "when": when}
        process.stdin.write(f"{json.dumps(asked)}\n".encode())
        async with asyncio.timeout(PATIENCE):
            return int(await process.stdout.readline())

    async def end(self) -> None:
        if self._process is not None:
            assert self._process.stdin
            self._process.stdin.close()
            await self._process.wait()


async def _begin() -> asyncio.subprocess.Process:
    command, pipe = (sys.executable, "-m", __name__), asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=ROOT)


if __name__ == "__main__":
    main()
