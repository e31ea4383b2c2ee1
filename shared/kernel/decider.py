"""Deciding: pure functions from a state, a command and facts to events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from shared.kernel.messages import event_name, event_schema

S = TypeVar("S")
F = TypeVar("F", bound="Facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, as the token says: never taken from a body.

    `organisation` is an ODS code, `kind` its kind on the day, `person` the person's token subject
    (recorded only as an HMAC), `client` the calling system. A reaction or a tick acts as `SYSTEM`.
    """

    client: str
    person: str
    organisation: str
    kind: str
    roles: frozenset[str] = frozenset()


SYSTEM = Actor(client="open-door", person="", organisation="", kind="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decider is told and cannot know: `now` in UTC, `today` in London, one fresh id,
    `id`, that of the thing decided on, and `person`, the HMAC by which this actor's person is
    recorded ("" for the system)."""

    actor: Actor
    now: datetime
    today: date
    new_id: str
    id: str = ""
    person: str = ""

    def extended(self, cls: "type[F]", **more: Any) -> "F":
        """These facts and more, as the class that a decider asks for."""
        return cls(**{one.name: getattr(self, one.name) for one in fields(Facts)}, **more)


@dataclass(frozen=True, slots=True)
class On:
    """An event for another stream in the same commit; its version there must be `version`."""

    stream: str
    version: int
    event: object


Events = Sequence[object]
"""What a decider answers: events for its own stream, in order, and `On` for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Generic[S]):
    """One kind of stream: `<name>-<id>`, folded by `evolve` from `initial`.

    `steps` holds every event class that a stream may hold, with what it makes of the state;
    `upcasters` maps (wire name, schema) to a pure function of the stored plain data giving that
    of the next schema.
    """

    name: str
    initial: S
    steps: Mapping[type[Any], Callable[[S, Any], S]]
    upcasters: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = field(
        default_factory=dict
    )

    @property
    def events(self) -> tuple[type[Any], ...]:
        """Every event class that a stream may hold."""
        return tuple(self.steps)

    def evolve(self, state: S, event: object) -> S:
        """The state after one more event. Raises TypeError for one that is foreign here."""
        step = self.steps.get(type(event))
        if step is None:
            raise TypeError(f"{type(event).__name__} is no event of {self.name}")
        return step(state, event)

    def stream(self, id_: str) -> str:
        return f"{self.name}-{id_}"

    def id_of(self, stream: str) -> str:
        return stream.removeprefix(f"{self.name}-")

    def fold(self, events: Sequence[object], state: S | None = None) -> S:
        folded = self.initial if state is None else state
        for one in events:
            folded = self.evolve(folded, one)
        return folded

    def by_name(self) -> Mapping[tuple[str, int], type[Any]]:
        return {(event_name(cls), event_schema(cls)): cls for cls in self.events}
