"""Records that a reader could not take: seen, retried or passed by at a person's word.

Commands only mark rows; the worker that owns the partition carries them out, in order per key.
"""

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

_T = DEAD_LETTERS.c
_STRUCTURED = (("content-type", b"application/cloudevents+json"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One parked record. `age` is counted from `at` (UTC)."""

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


class DeadLetters:
    """The parked records of one service's readers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def waiting(self) -> list[Letter]:
        """Every record that still waits, oldest number first in its partition."""
        return await self._select(_T.state.in_(OPEN))

    async def asked(self, reader: str, topic: str, partition: int) -> list[Letter]:
        """What can be carried out now: of each key the records up to the first that only waits."""
        rows = await self._select(*_at(reader, topic, partition), _T.state.in_(OPEN))
        blocked: set[str] = set()
        ready = []
        for one in rows:
            if one.state == "parked":
                blocked.add(one.key)
            elif one.key not in blocked:
                # A retry that fails holds the rest of its key back until it is asked again.
                ready.append(one)
                blocked.add(one.key)
        return ready

    async def held_keys(self, reader: str, topic: str, partition: int) -> set[str]:
        """Keys with a record that still waits: what comes later of them is parked behind it."""
        rows = await self._select(*_at(reader, topic, partition), _T.state.in_(OPEN))
        return {one.key for one in rows if one.key}

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
                        attempts=1,
                        at=datetime.now(UTC),
                    )
                )

        await self._store.write(job)

    async def ask(self, n: int, state: str, *, reason: str | None = None) -> int:
        """Marks the waiting records numbered `n` for the owning worker; how many there were.
        `state` is `retry_requested` or `skip_requested`. Raises NotFound where none waits."""

        def job(connection: Connection) -> int:
            changed = connection.execute(
                update(DEAD_LETTERS)
                .where(_T.n == n, _T.state.in_(OPEN))
                .values(state=state, reason=reason)
            )
            return int(changed.rowcount)

        count = await self._store.write(job)
        if not count:
            raise NotFound(f"No record with number {n} waits.")
        return count

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
            )
            for row in rows
        ]


def _at(reader: str, topic: str, partition: int) -> tuple[Any, ...]:
    return (_T.reader == reader, _T.topic == topic, _T.partition == partition)
