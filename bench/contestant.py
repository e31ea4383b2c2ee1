"""A contestant as the benchmark holds it: its process, started, asked for samples, ended."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.sampling import Sample

ROOT = Path(__file__).parents[1]
START = 180.0
PATIENCE = 60.0
"""Seconds beyond its own that a sample may take."""
GRACE = 10.0


class Failed(RuntimeError):
    """A contestant ended or did not answer; ends with what it said last."""

    @property
    def last(self) -> str:
        """Its last line, which names the error."""
        return str(self).splitlines()[-1].strip()


class Contestant:
    """One process under a name; asked for one sample at a time."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    async def sample(self, clients: int, seconds: float) -> Sample:
        """What so many clients do in so many seconds. Raises Failed."""
        asked = json.dumps({"clients": clients, "seconds": seconds})
        assert self._process.stdin is not None
        self._process.stdin.write(f"{asked}\n".encode())
        return Sample(**await self.answer(seconds + PATIENCE))

    async def answer(self, within: float) -> dict[str, Any]:
        """Its next line. Raises Failed."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise self._failed(f"did not answer within {within:g} s") from None
        if not line:
            raise self._failed("ended")
        said: dict[str, Any] = json.loads(line)
        return said

    async def end(self) -> None:
        """Closes its input, at whose end it ends by itself; kills what does not."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _failed(self, what: str) -> Failed:
        said = self._log.read_text(errors="replace").splitlines()[-20:]
        return Failed("\n".join((f"{self.name} {what}; it said last:", *said)))


@asynccontextmanager
async def contestant(
    kind: str, name: str, told: Mapping[str, Any], folder: Path
) -> AsyncIterator[Contestant]:
    """A contestant of that kind, ready, until the block ends. Raises Failed."""
    log = folder / f"{''.join(one if one.isalnum() else '-' for one in name)}.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.child", kind, json.dumps(told)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=out,
            cwd=ROOT,
        )
    one = Contestant(name, process, log)
    try:
        await one.answer(START)
        yield one
    finally:
        await one.end()
