"""`up` and `demo` as a person starts them: one process, its folder, a free port, Ctrl-C."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from services.demonstration.player import Player
from shared.kernel.clock import SystemClock
from shared.security.dev_issuer import open_issuer
from tests.kit.processes import AUDIENCE, ISSUER, ROOT
from tests.kit.servers.process import free_port
from tests.kit.waiting import eventually

START = 90.0
"""Seconds in which a process must answer, on a machine that is busy with other tests."""
END = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Everything in one process, at `url`; what it says goes to `log`."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def answers(self) -> bool:
        """Whether all three services are ready. Raises AssertionError where the process ended."""
        assert self.process.poll() is None, self.said()
        try:
            names = ("intake", "assurance", "learning")
            found = [httpx.get(f"{self.url}/{name}/readyz", timeout=5) for name in names]
        except httpx.TransportError:
            return False
        return all(one.status_code == 200 for one in found)

    def interrupt(self) -> int:
        """What Ctrl-C does; the exit status once it has ended."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(END)


def environment(**given: str) -> dict[str, str]:
    """This process's environment without settings of Open Door, and with those given."""
    kept = {name: held for name, held in os.environ.items() if not name.startswith("OPENDOOR_")}
    return {**kept, "PYTHONPATH": str(ROOT), **given}


@contextmanager
def together(folder: Path, verb: str, *arguments: str, **given: str) -> Iterator[Together]:
    """Starts a verb in a working folder with the settings given, and waits until it answers; kills
    it where the block leaves it running."""
    port = free_port()
    log = folder / f"{verb}-{port}.log"
    command = [sys.executable, "-m", "services", verb, "--port", str(port), *arguments]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment(**given),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        running = Together(process=process, url=f"http://127.0.0.1:{port}", log=log)
        try:
            assert eventually(running.answers, within=START), running.said()
            yield running
        finally:
            if process.poll() is None:
                process.kill()


def duration(offset: timedelta) -> str:
    """As `OPENDOOR_CLOCK_OFFSET` takes it."""
    seconds = round(offset.total_seconds())
    return f"{'-' if seconds < 0 else ''}PT{abs(seconds)}S"


@asynccontextmanager
async def people(
    one: Together, data: Path, offset: timedelta = timedelta()
) -> AsyncIterator[Player]:
    """Whoever asks the process, with its own issuer's tokens."""
    issuer = open_issuer(
        data / "issuer",
        environment="development",
        issuer=ISSUER,
        audience=AUDIENCE,
        clock=SystemClock(offset),
    )
    numbers = itertools.count(1)

    async def nothing(*_: object) -> None:
        """Time and workers go by themselves."""

    async with httpx.AsyncClient(base_url=one.url, timeout=30) as client:
        yield Player(
            client,
            lambda organisation, role, person: issuer.issue(organisation, role, person=person),
            nothing,
            nothing,
            lambda: f"key-{next(numbers)}",
        )
