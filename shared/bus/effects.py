"""What records lead to, as a reader's decision says it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.bus.base import Record
from shared.kernel.errors import Broken
from shared.log.base import Conflict, NewContract, NewEvent, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What records lead to: parts of the entry that moves the cursor."""

    events: tuple[NewEvent, ...] = ()
    contracts: tuple[NewContract, ...] = ()


class EffectFailed(Exception):
    """The record at `index` of the batch could not be taken; `error` says what happened."""

    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.index = index
        self.error = error


Deciding = Callable[[Sequence[Record]], Awaitable[Effect]]
"""What follows from these records, decided on the state as it is now. Raises EffectFailed, and
Busy for what passes by itself."""


def require_conflict(outcome: Outcome) -> None:
    """Raises Broken for an outcome that an entry of a reader cannot have."""
    if not isinstance(outcome, Conflict):
        raise Broken("A reader's entry bound a request key.")


def said_of(error: Exception) -> str:
    """The error's class and, where it is ours, its sentence: never what a record holds."""
    detail = getattr(error, "detail", "")
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__
