"""Steps of a process on trial: it can be told to die, or to freeze, between any two of them."""

import asyncio
import inspect
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


class Steps:
    """Counts what the process passes; at the step that it was armed for, it signals itself.

    The step's name is a line of `note` before anything happens, so that others can wait for it.
    """

    def __init__(self, note: Path) -> None:
        self._note = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._left = 0
        self._how = signal.SIGKILL

    def arm(self, how: int, after: int) -> None:
        """Signals this process at the step so many from now."""
        self._how, self._left = signal.Signals(how), after

    def passes(self, name: str) -> None:
        if not self._left:
            return
        self._left -= 1
        if not self._left:
            os.write(self._note, f"{self._how.name} {name}\n".encode())
            os.kill(os.getpid(), self._how)


class Stepped:
    """Stands for a thing: the beginning and the end of each of its coroutines is a step."""

    def __init__(self, real: Any, steps: Steps) -> None:
        self._real = real
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._real, name)
        if not inspect.iscoroutinefunction(held):
            return held

        async def stepped(*told: Any, **more: Any) -> Any:
            self._steps.passes(f"{name} begins")
            answer = await held(*told, **more)
            self._steps.passes(f"{name} ended")
            return answer

        return stepped


class SteppedLog(Stepped):
    """A log with its store, all of whose calls are steps."""

    def __init__(self, real: Any, steps: Steps) -> None:
        super().__init__(real, steps)
        self.store = Stepped(real.store, steps)


def obey(orders: Connection, words: dict[str, Callable[..., None]]) -> None:
    """Carries out what comes, a word and what it needs. Once nothing more can come, whoever began
    this process has gone: it ends."""

    def comes() -> None:
        try:
            word, *told = orders.recv()
        except EOFError:
            os._exit(3)
        words[word](*told)

    asyncio.get_running_loop().add_reader(orders.fileno(), comes)
