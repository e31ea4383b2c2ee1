"""One guarded server process: start it, wait until it answers, stop it, kill it."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

GUARD = Path(__file__).with_name("guard.py")
POLL = 0.05


class UnavailableError(Exception):
    """One way to a server that this machine does not offer; the message says why."""


class ServerFailedError(UnavailableError):
    """A server died, or did not answer in time; the message ends with its last log lines."""


def free_port() -> int:
    """A loopback port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A server under a guard.

    With a `lifeline` (a named pipe of the run) the server lives until the run ends; without one,
    until this process ends. Either way its folder goes with it, unless `stop` or `kill` came first.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        end: signal.Signals,
        lifeline: Path | None = None,
        account: tuple[int, int] | None = None,
    ) -> None:
        self.name = name
        self.log = folder / "server.log"
        self._command = command
        self._folder = folder
        self._end = end
        self._lifeline = lifeline
        self._account = account
        self._pid_file = folder / "server.pid"
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, answer: Callable[[], T | None], *, within: float) -> T:
        """Starts the server and returns the first answer that is not None.

        Raises ServerFailedError at once when the process dies, and after `within` seconds.
        """
        self._pid_file.unlink(missing_ok=True)
        self._guard = guard = subprocess.Popen(
            self._guarded(),
            stdin=subprocess.DEVNULL if self._lifeline else subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + within
        while (answered := answer()) is None:
            if self._died(guard):
                self.stop()
                raise self._failure("died at its start")
            if time.monotonic() > deadline:
                self.kill()
                raise self._failure(f"did not answer within {within:g} s")
        if self._lifeline:
            atexit.register(_outlives, guard)
        return answered

    def stop(self, how: signal.Signals = signal.SIGTERM, *, within: float = 20.0) -> None:
        """Ends the server and waits for it; its folder stays. A server that is down is no error."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        if guard.poll() is None:
            self._signal(how)
        try:
            guard.wait(within)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            guard.wait(within)
        if guard.stdin:
            guard.stdin.close()

    def kill(self) -> None:
        """Ends the server with kill -9."""
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        return int(self._pid_file.read_text())

    @property
    def running(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def tail(self, lines: int = 20) -> str:
        """The last lines of the server's log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _guarded(self) -> list[str]:
        options = ["--lifeline", str(self._lifeline or "-"), "--folder", str(self._folder)]
        options += [
            "--log",
            str(self.log),
            "--pid",
            str(self._pid_file),
            "--end",
            str(int(self._end)),
        ]
        if self._account:
            options += ["--account", *map(str, self._account)]
        return [sys.executable, str(GUARD), *options, "--", *self._command]

    def _signal(self, how: signal.Signals) -> None:
        # The guard goes a moment after its server, so the server may be gone already.
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    def _died(self, guard: subprocess.Popen[bytes]) -> bool:
        try:
            guard.wait(POLL)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _failure(self, what: str) -> ServerFailedError:
        return ServerFailedError(f"{self.name} {what}; its last log lines:\n{self.tail()}")


def _outlives(guard: subprocess.Popen[bytes]) -> None:
    """The end of the run ends it, not the end of this process: no child was forgotten."""
    if guard.poll() is None:
        guard.returncode = 0
