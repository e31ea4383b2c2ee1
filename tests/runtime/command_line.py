"""A run of the command, as a test hears of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the command ended, and what it said."""

    status: int
    out: str
    err: str

    def says(self, sentence: str) -> None:
        """One line on standard error, which holds these words, and nothing else anywhere."""
        assert self.status != 0, self.out
        assert re.fullmatch(r"[^\n]*[.?`]\n", self.err), self.err
        assert "Traceback" not in self.err
        assert sentence in self.err
        assert self.out == ""


OpenDoor = Callable[..., Ended]
