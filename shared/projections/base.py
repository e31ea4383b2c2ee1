"""What a view is: pure steps from an event to rows, through a small window on its tables."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Table

from shared.kernel.messages import event_name
from shared.projections.shape import shape_of

Row = dict[str, Any]


class Rows(Protocol):
    """A window on a projection's tables: rows by primary key, written together at the end of a
    batch. `key` names every primary-key column."""

    async def get(self, table: Table, **key: Any) -> Row | None:
        """The row as this batch has left it, or None."""
        ...

    def put(self, table: Table, **row: Any) -> None:
        """Inserts the row or overwrites the named columns of the row with its primary key."""
        ...

    def delete(self, table: Table, **key: Any) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where an event stands: its position, stream, the id within it, version, when it was
    recorded (UTC) and the meta of its commit (`correlation`, `organisation`, `kind` and so on)."""

    position: int
    stream: str
    id: str
    version: int
    recorded_at: datetime
    meta: Mapping[str, Any]


View = Callable[[Rows, Any, Seen], Awaitable[None]]
"""One step: the event (sealed texts stay sealed) changes rows and does nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A named read model: its tables, and for each event class the step that it takes.

    `version` is raised by whoever changes what its views make of an event: the tables' form is
    seen by itself, their meaning is not. Either change makes another `shape`, which is filled
    beside the old one (see generations.py).
    """

    name: str
    tables: tuple[Table, ...]
    views: Mapping[type[Any], View]
    version: int = 1

    @property
    def shape(self) -> str:
        heeded = frozenset(event_name(one) for one in self.views)
        return shape_of(self.tables, heeded, self.version)

    @property
    def lease(self) -> str:
        """Who may follow the log for this shape: an older one is followed by its own workers."""
        return lease_of(self.name, self.shape)


def lease_of(name: str, shape: str) -> str:
    """The lease of those who follow a projection in one shape."""
    return f"projection:{name}:{shape}"


def reader_of(name: str, generation: int = 1) -> str:
    """The reader whose cursor over the own log (topic `log`, partition 0) a generation has."""
    return f"projection:{name}" if generation == 1 else f"projection:{name}:g{generation}"


LOG_TOPIC = "log"
"""The cursor topic of every reader of the own log."""
