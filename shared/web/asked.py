"""What the web hands to whoever carries a command out, and what it is answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.kernel.decider import Actor


class CommandRow(Protocol):
    """What a route needs to know of a row of COMMANDS."""

    @property
    def type(self) -> type[Any]: ...

    @property
    def route(self) -> str | None: ...

    @property
    def may(self) -> str: ...

    @property
    def creates(self) -> bool: ...

    @property
    def needs_match(self) -> bool: ...

    @property
    def status(self) -> int: ...

    @property
    def receipt(self) -> bool: ...


class Serving(Protocol):
    """What the web needs to know of a service."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def commands(self) -> Sequence[CommandRow]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One command as it was asked.

    `row` is the row of COMMANDS, whole (a `Command` of shared/runtime; the web reads only what
    `CommandRow` names). `id` is the aggregate's id from the path, None where the command creates.
    `fingerprint` is the HMAC-SHA-256 of method, path, body bytes and acting organisation (H6).
    `expected_version` is that of If-Match, `correlation` runs through all that follows. `body` is
    what was sent, for a receipt.
    """

    row: Any
    id: str | None
    command: Any
    actor: Actor
    client: str
    key: str
    fingerprint: bytes
    expected_version: int | None
    correlation: str
    request_id: str
    traceparent: str
    body: bytes = b""

    @property
    def scope(self) -> str:
        """Within which the key names one request: the acting organisation, whose code holds no
        space, and the client (H6)."""
        return f"{self.actor.organisation} {self.client}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The durable result of one command: the thing's id, its version after it, the log position
    of its last event and the status to answer. `extra` adds fields to the answer's body."""

    id: str
    version: int
    position: int
    status: int
    repeated: bool
    extra: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[Asked], Awaitable[Done]]
