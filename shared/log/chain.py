"""The hash chain over a log: linked at append, verified by anyone."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Broken
from shared.log.base import Head, Log, NewEvent, Recorded
from shared.log.tables import to_micros

PAGE = 2_000
BELOW_ALL = -(2**63)
"""A forger may put a row where none is looked for: verifying begins below all of them."""


def link(previous: bytes, position: int, micros: int, digest: bytes) -> bytes:
    """SHA-256 over the previous hash, the position and the time (microseconds since 1970), both
    as eight bytes, and the event's digest."""
    place = position.to_bytes(8, "big", signed=True) + micros.to_bytes(8, "big", signed=True)
    return hashlib.sha256(previous + place + digest).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first row that cannot be as it was appended, and why."""

    position: int
    reason: str


_UNREADABLE = "the row cannot be read; restore it from a backup"


async def verify(
    log: Log,
    progress: Callable[[int], None] = lambda position: None,
    page: int = PAGE,
    meet: Callable[[Sequence[Recorded]], None] = lambda rows: None,
) -> Head:
    """The head of a log whose every row was recomputed; `progress` is told positions on the way,
    `meet` the rows that hold. Raises Broken naming the first wrong position."""
    head = Head()
    after = BELOW_ALL
    while rows := await _rows(log, after, page):
        found = check(rows, head)
        if isinstance(found, Fault):
            raise _damaged(found)
        head = found
        after = head.position
        meet(rows)
        progress(head.position)
    return head


async def _rows(log: Log, after: int, page: int) -> list[Recorded]:
    """A page, or as much of it as can be read: what cannot is to be named."""
    try:
        return await log.events(after, page)
    except Broken as error:
        if page == 1:
            place = max(after, 0) + 1
            raise _damaged(Fault(position=place, reason=_UNREADABLE)) from error
        return await _rows(log, after, page // 2)


def _damaged(fault: Fault) -> Broken:
    return Broken(f"The log is damaged at position {fault.position}: {fault.reason}.")


def check(rows: Sequence[Recorded], head: Head) -> Head | Fault:
    """The new head after rows that follow `head`, or the first fault."""
    for row in rows:
        reason = _fault(row, head)
        if reason:
            return Fault(position=min(row.position, head.position + 1), reason=reason)
        head = Head(position=row.position, hash=row.hash, recorded_at=row.recorded_at)
    return head


def _fault(row: Recorded, head: Head) -> str:
    if row.position <= head.position:
        return "no row can be there"
    if row.position != head.position + 1:
        return "the row is missing"
    if _digest(row) != row.digest:
        return "its content is not what was recorded"
    if row.recorded_at.tzinfo is None:  # PostgreSQL's `infinity`
        return "its time is none"
    if _earlier(row.recorded_at, head.recorded_at):
        return "it was recorded before the row that it follows"
    if link(head.hash, row.position, to_micros(row.recorded_at), row.digest) != row.hash:
        return "it does not follow the row before it"
    return ""


def _earlier(moment: datetime, before: datetime | None) -> bool:
    return before is not None and moment < before


def _digest(row: Recorded) -> bytes | None:
    told = NewEvent(
        stream=row.stream,
        version=row.version,
        type=row.type,
        schema=row.schema,
        data=row.data,
        meta=row.meta,
    )
    try:
        return told.digest()
    except (TypeError, AttributeError):  # SQLite lets a forger put text where bytes were
        return None
