"""The test language at the lowest height: given past events, when a command, then these events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest

from shared.kernel.decider import Aggregate, Events
from shared.kernel.errors import OpenDoorError

S = TypeVar("S")
Decide = Callable[[Any, Any, Any], Events]


def given(aggregate: Aggregate[S], *events: object) -> "Given[S]":
    """A thing with this past; each event must be one that its stream may hold."""
    for one in events:
        assert type(one) in aggregate.events, f"{type(one).__name__} is foreign to the stream"
    return Given(aggregate, aggregate.fold(events))


@dataclass(frozen=True, slots=True)
class Given(Generic[S]):
    """A folded past; `state` is for a test of the fold alone."""

    aggregate: Aggregate[S]
    state: S

    def when(self, decide: Decide, command: object, facts: object) -> "When":
        """The decision, judged by `then`, `nothing` or `refused`."""
        return When(lambda: tuple(decide(self.state, command, facts)))


@dataclass(frozen=True, slots=True)
class When:
    """A decision not yet made, so that a refusal can be expected of it."""

    _decide: Callable[[], Sequence[object]]

    def then(self, *events: object) -> None:
        """Exactly these events (`On` ones included), in this order."""
        assert self._decide() == events

    def nothing(self) -> None:
        """The command is fine and changes nothing."""
        self.then()

    def refused(self, error: type[OpenDoorError], match: str | None = None) -> Any:
        """Refused with this error, whose sentence matches; gives the error."""
        with pytest.raises(error, match=match) as caught:
            self._decide()
        assert type(caught.value) is error
        return caught.value
