"""Waiting for a condition, with a limit, and never for a time."""

import os
import time
from collections.abc import Callable
from threading import Event

POLL = 0.02


def eventually(condition: Callable[[], object], *, within: float = 60.0) -> bool:
    """Whether `condition` came true within so many seconds; for what other processes do."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        Event().wait(POLL)
    return True


def alive(pid: int) -> bool:
    """Whether a process of that id is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
