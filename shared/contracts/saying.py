"""What a publisher is told of an event, and the form of what it says: pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shared.contracts.envelope import Tell
from shared.kernel.decider import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What a publisher is told of one event: where it stands, when the business says it was,
    and the state just after it."""

    id: str
    stream: str
    version: int
    at: str
    today: str
    actor: Actor
    state: Any
    backfill: bool = False


Say = Callable[[Any, Happened], Iterable[Tell]]
"""(event, happened) -> contracts; pure."""
