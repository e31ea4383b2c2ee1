"""What a view is: pure steps from an event to rows, through a small window on its tables."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Table

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

    Its cursor is the reader `projection:<name>` over the own log (topic `log`, partition 0).
    """

    name: str
    tables: tuple[Table, ...]
    views: Mapping[type[Any], View]

    @property
    def reader(self) -> str:
        return f"projection:{self.name}"


LOG_TOPIC = "log"
"""The cursor topic of every reader of the own log."""
