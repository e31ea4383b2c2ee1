"""Records that a reader could not take: seen, retried or passed by at a person's word.

Commands only mark rows; the worker that owns the partition carries them out, in order per key.
What only stood behind another of its key follows by itself once that one is out of the way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from shared.bus.base import Record
from shared.contracts.envelope import NotACloudEvent, from_kafka
from shared.kernel.errors import NotFound
from shared.log.base import Store
from shared.log.tables import DEAD_LETTERS

OPEN = ("parked", "retry_requested", "skip_requested")
"""States in which a record still waits, and holds later ones of its key back."""

BEHIND = "behind a parked record of its key"
"""The error of a record that has no fault of its own."""

_T = DEAD_LETTERS.c
_PLACE = re.compile(r"(?P<topic>[a-z0-9.]{1,80})/(?P<partition>\d{1,4})#(?P<n>-?\d{1,18})\Z")
_STRUCTURED = (("content-type", b"application/cloudevents+json"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One parked record. `attempts` counts those that a person asked for; `at` is in UTC;
    `reason` is why a person passed it by."""

    reader: str
    topic: str
    partition: int
    n: int
    key: str
    raw: bytes
    error: str
    state: str
    attempts: int
    at: datetime
    reason: str | None = None

    @property
    def place(self) -> str:
        """Its name for people, such as `opendoor.intake.v1/3#12`."""
        return f"{self.topic}/{self.partition}#{self.n}"

    @property
    def skipped(self) -> bool:
        return self.state == "skip_requested"

    def record(self) -> Record:
        """The record anew, as a consumer would meet it."""
        try:
            event = from_kafka(_STRUCTURED, self.raw)
            fault = None
        except NotACloudEvent as error:
            event, fault = None, str(error)
        return Record(
            topic=self.topic,
            partition=self.partition,
            n=self.n,
            event=event,
            raw=self.raw,
            fault=fault,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits in one partition: the numbers whose turn it is, at most one a key, and the keys
    of which whatever comes is parked behind."""

    ready: tuple[int, ...]
    held: set[str]


class DeadLetters:
    """The parked records of one service's readers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def waiting(self) -> list[Letter]:
        """Every record that still waits, oldest number first in its partition."""
        return await self._select(_T.state.in_(OPEN))

    async def queue(self, reader: str, topic: str, partition: int) -> Queue:
        """Of each key the first record that waits, where a person has asked for something or it
        only stood behind another."""
        where = (*_at(reader, topic, partition), _T.state.in_(OPEN))
        rows = await self._store.read(
            select(_T.n, _T.key, _T.state, _T.error).where(*where).order_by(_T.n)
        )
        first: dict[str, Any] = {}
        for one in rows:
            # What cannot be read has no key, and stands in nobody's way.
            first.setdefault(one.key or f"#{one.n}", one)
        ready = (one.n for one in first.values() if one.state != "parked" or one.error == BEHIND)
        return Queue(ready=tuple(sorted(ready)), held={one.key for one in rows if one.key})

    async def letters(
        self, reader: str, topic: str, partition: int, numbers: Sequence[int]
    ) -> list[Letter]:
        """These records of one partition, in order."""
        return await self._select(*_at(reader, topic, partition), _T.n.in_(numbers))

    async def unreadable(self, reader: str, topic: str, partition: int) -> list[str]:
        """The places of what waits in a partition without a number of its own."""
        waiting = (*_at(reader, topic, partition), _T.n < 0, _T.state.in_(OPEN))
        return [one.place for one in await self._select(*waiting)]

    async def park(self, reader: str, record: Record) -> None:
        """Parks a record that is no numbered event of ours, once."""

        def job(connection: Connection) -> None:
            where = (*_at(reader, record.topic, record.partition), _T.n == record.n)
            if connection.execute(select(_T.n).where(*where)).first() is None:
                connection.execute(
                    insert(DEAD_LETTERS).values(
                        reader=reader,
                        topic=record.topic,
                        partition=record.partition,
                        n=record.n,
                        key=record.key,
                        record=record.raw,
                        error=record.fault or "no CloudEvent",
                        state="parked",
                        attempts=0,
                        at=datetime.now(UTC),
                    )
                )

        await self._store.write(job)

    async def found(self, place: str) -> Letter:
        """The waiting record at `place`. Raises NotFound."""
        where = _of(place)
        letters = await self._select(*where, _T.state.in_(OPEN)) if where else []
        if not letters:
            raise _no_such(place)
        return letters[0]

    async def behind(self, letter: Letter) -> list[str]:
        """The places of what waits behind it: later ones of its key, in order."""
        if not letter.key:
            return []
        later = (_T.key == letter.key, _T.n > letter.n, _T.state.in_(OPEN))
        where = _at(letter.reader, letter.topic, letter.partition)
        return [one.place for one in await self._select(*where, *later)]

    async def ask(self, place: str, state: str, *, reason: str | None = None) -> None:
        """As `ask_all`, for one place."""
        await self.ask_all((place,), state, reason=reason)

    async def ask_all(
        self, places: Sequence[str], state: str, *, reason: str | None = None
    ) -> None:
        """Marks the waiting records at these places for the owning worker; `state` is
        `retry_requested` or `skip_requested`. Raises NotFound, with nothing marked, where none
        waits at one of them, or a place cannot be read."""

        def job(connection: Connection) -> None:
            for place in places:
                where = _of(place)
                marked = update(DEAD_LETTERS).values(state=state, reason=reason)
                if (
                    not where
                    or not connection.execute(marked.where(*where, _T.state.in_(OPEN))).rowcount
                ):
                    raise _no_such(place)

        await self._store.write(job)

    async def mark(self, letter: Letter, state: str, error: str | None = None) -> None:
        """Notes what became of a letter; an attempt that failed counts."""
        values: dict[str, Any] = {"state": state}
        if error is not None:
            values |= {"error": error, "attempts": letter.attempts + 1}
        where = (*_at(letter.reader, letter.topic, letter.partition), _T.n == letter.n)

        def job(connection: Connection) -> None:
            connection.execute(update(DEAD_LETTERS).where(*where).values(**values))

        await self._store.write(job)

    async def _select(self, *where: Any) -> list[Letter]:
        rows: Sequence[Any] = await self._store.read(
            select(DEAD_LETTERS).where(*where).order_by(_T.reader, _T.topic, _T.partition, _T.n)
        )
        return [
            Letter(
                reader=row.reader,
                topic=row.topic,
                partition=row.partition,
                n=row.n,
                key=row.key,
                raw=bytes(row.record),
                error=row.error,
                state=row.state,
                attempts=row.attempts,
                at=row.at,
                reason=row.reason,
            )
            for row in rows
        ]


def _at(reader: str, topic: str, partition: int) -> tuple[Any, ...]:
    return (_T.reader == reader, _T.topic == topic, _T.partition == partition)


def _of(place: str) -> tuple[Any, ...]:
    """Where a place says that it is; nothing where it cannot be read."""
    found = _PLACE.match(place)
    if found is None:
        return ()
    return (
        _T.topic == found["topic"],
        _T.partition == int(found["partition"]),
        _T.n == int(found["n"]),
    )


def _no_such(place: str) -> NotFound:
    named = place if _PLACE.match(place) else "such a place"
    return NotFound(f"No record waits at {named}: take a place from `opendoor dead-letters list`.")
