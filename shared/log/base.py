"""The log's port: what every adapter promises, in plain values."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Executable

from shared.kernel.ids import length_prefixed

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event about to be appended; `data` and `meta` are stored as these very bytes."""

    stream: str
    version: int
    type: str
    schema: int
    data: bytes
    meta: bytes

    def digest(self) -> bytes:
        """SHA-256 over the length-prefixed parts: the same content is the same event."""
        parts = (
            self.stream.encode(),
            str(self.version).encode(),
            self.type.encode(),
            str(self.schema).encode(),
            self.data,
            self.meta,
        )
        return hashlib.sha256(length_prefixed(parts)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContract:
    """What the world is told, as bytes: `n` and `recorded_at` are given by the append.

    `id` is `<stream>/<version>`; `event` the index of the event in the entry behind it (None where
    none stands behind it); `time` RFC 3339 text as told; `attributes` the further CloudEvents
    attributes as a JSON object; `data` the payload.
    """

    topic: str
    partition: int
    id: str
    type: str
    key: str
    subject: str
    time: str
    attributes: bytes
    data: bytes
    event: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A request's key, bound in the commit of its effect (H4-H6)."""

    client: str
    key: str
    fingerprint: bytes
    stream: str
    version: int
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorMove:
    """A reader's step: its cursor must stand at `source` and then stands at `target`."""

    reader: str
    topic: str
    partition: int
    source: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRecord:
    """A record that a reader could not take, whole, with the error's class and place."""

    reader: str
    topic: str
    partition: int
    n: int
    key: str
    record: bytes
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is committed together or not at all."""

    events: tuple[NewEvent, ...] = ()
    contracts: tuple[NewContract, ...] = ()
    key: RequestKey | None = None
    parked: tuple[ParkedRecord, ...] = ()
    cursors: tuple[CursorMove, ...] = ()

    def claims(self) -> list[tuple[str | int, ...]]:
        """What only one entry of an append may hold: versions of streams, its key, cursors and
        parked records."""
        claimed: list[tuple[str | int, ...]] = [(one.stream, one.version) for one in self.events]
        if self.key is not None:
            claimed.append(("key", self.key.client, self.key.key))
        claimed.extend((one.reader, one.topic, one.partition) for one in self.cursors)
        claimed.extend((one.reader, one.topic, one.partition, one.n) for one in self.parked)
        return claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The entry is durable; `position`, `hash` and `recorded_at` are those of its last event
    (the head's where it has none). `already` says that this very content had been appended."""

    position: int
    hash: bytes
    recorded_at: datetime
    already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A cursor stood elsewhere: another reader moved it."""

    reader: str
    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUsed:
    """The client's key is bound already; load it with `Log.request`."""

    client: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The stream holds another event at that version."""

    stream: str


Outcome = Appended | Stale | KeyUsed | Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it stands in the log."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: datetime
    data: bytes
    meta: bytes
    digest: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A contract as it was said, for ever: `n` counts 1, 2, 3 ... in its topic and partition."""

    topic: str
    partition: int
    n: int
    position: int | None
    id: str
    type: str
    key: str
    subject: str
    time: str
    recorded_at: datetime
    attributes: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A bound request key with the first result's figures."""

    client: str
    key: str
    fingerprint: bytes
    stream: str
    version: int
    position: int
    status: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest row of the log; position 0 and a hash of zeros when it is empty."""

    position: int = 0
    hash: bytes = bytes(32)
    recorded_at: datetime | None = field(default=None)


class Store(Protocol):
    """A service's database, for rows other than the log's own.

    `dialect` is `postgresql` or `sqlite`. `write` runs a synchronous job in one transaction on the
    one writing connection (SQLite: the writer thread) and returns what the job returns.
    """

    @property
    def dialect(self) -> str: ...

    async def read(self, statement: Executable) -> Sequence[Any]: ...

    async def write(self, job: Callable[[Connection], T]) -> T: ...

    async def close(self) -> None: ...


class Log(Protocol):
    """Append and read; see the package's suite for every promise."""

    @property
    def store(self) -> Store:
        """The same database, for rows other than the log's own."""
        ...

    async def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Commits each entry whole or not at all, in one call; one outcome an entry, judged in
        the order already, stale, key used, conflict.

        Entries of one call share none of their `claims`. Raises Unavailable when the outcome is
        unknown or the database is gone: send the very same entries again. Raises Broken when the
        clock has gone mad."""
        ...

    async def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The events of one stream with version > `after`, in order."""
        ...

    async def streams(self, names: Sequence[str]) -> dict[str, list[Recorded]]:
        """Several streams in one read; those without events are absent."""
        ...

    async def events(self, after: int, limit: int) -> list[Recorded]:
        """Events with position > `after`, in order."""
        ...

    async def published(
        self, topic: str, partition: int, after: int, limit: int
    ) -> list[Published]:
        """Contracts of one series with n > `after`, in order."""
        ...

    async def published_heads(self, topic: str) -> dict[int, int]:
        """The highest `n` of each partition of a topic that has any."""
        ...

    async def head(self) -> Head: ...

    async def request(self, client: str, key: str) -> Request | None: ...

    async def cursor(self, reader: str, topic: str, partition: int) -> int:
        """Where a reader stands; 0 when it never moved."""
        ...

    async def close(self) -> None: ...
