"""Entries as the arguments of `append_events`, and its answer as outcomes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.log.base import (
    Appended,
    Conflict,
    CursorMove,
    Entry,
    KeyUsed,
    NewContract,
    NewEvent,
    Outcome,
    ParkedRecord,
    RequestKey,
    Stale,
)

ARGUMENTS = 46
STATEMENT = (
    "SELECT * FROM append_events("  # noqa: S608 - placeholders only
    + ", ".join(f"${place}" for place in range(1, ARGUMENTS + 1))
    + ")"
)
"""The one statement of an append, its placeholders in the order of `arguments`."""

ALREADY, STALE, KEY_USED, CONFLICT = 1, 2, 3, 4
"""What `judge_entry` answers; 0 is appended."""


def arguments(entries: Sequence[Entry], offset: timedelta, now: datetime) -> tuple[Any, ...]:
    """The arrays of `append_events`; `now` is the caller's own clock, offset included."""
    events: list[NewEvent] = []
    cursors: list[CursorMove] = []
    contracts: list[tuple[int, int, NewContract]] = []
    keys: list[tuple[int, RequestKey]] = []
    parked: list[tuple[int, ParkedRecord]] = []
    starts: list[tuple[int, int]] = []
    ends: list[tuple[int, int]] = []
    entry_keys: list[int] = []
    for place, entry in enumerate(entries, 1):
        starts.append((len(events) + 1, len(cursors) + 1))
        for told in entry.contracts:
            behind = 0 if told.event is None else len(events) + 1 + told.event
            contracts.append((place, behind, told))
        events += entry.events
        cursors += entry.cursors
        ends.append((len(events), len(cursors)))
        if entry.key is not None:
            keys.append((place, entry.key))
        entry_keys.append(len(keys) if entry.key is not None else 0)
        parked += ((place, one) for one in entry.parked)
    return (
        offset,
        now,
        [one[0] for one in starts],
        [one[0] for one in ends],
        [one[1] for one in starts],
        [one[1] for one in ends],
        entry_keys,
        *_event_arrays(events),
        *_contract_arrays(contracts),
        *_key_arrays(keys),
        *_cursor_arrays(cursors),
        *_parked_arrays(parked),
    )


def _event_arrays(events: Sequence[NewEvent]) -> tuple[list[Any], ...]:
    return (
        [one.stream for one in events],
        [one.version for one in events],
        [one.type for one in events],
        [one.schema for one in events],
        [one.data for one in events],
        [one.meta for one in events],
        [one.digest() for one in events],
    )


def _contract_arrays(contracts: Sequence[tuple[int, int, NewContract]]) -> tuple[list[Any], ...]:
    series: dict[tuple[str, int], int] = {}
    slots = [
        series.setdefault((one.topic, one.partition), len(series) + 1) for _, _, one in contracts
    ]
    return (
        [topic for topic, _ in series],
        [partition for _, partition in series],
        [place for place, _, _ in contracts],
        slots,
        [behind for _, behind, _ in contracts],
        [one.id for _, _, one in contracts],
        [one.type for _, _, one in contracts],
        [one.key for _, _, one in contracts],
        [one.subject for _, _, one in contracts],
        [one.time for _, _, one in contracts],
        [one.attributes for _, _, one in contracts],
        [one.data for _, _, one in contracts],
    )


def _key_arrays(keys: Sequence[tuple[int, RequestKey]]) -> tuple[list[Any], ...]:
    return (
        [place for place, _ in keys],
        [one.client for _, one in keys],
        [one.key for _, one in keys],
        [one.fingerprint for _, one in keys],
        [one.stream for _, one in keys],
        [one.version for _, one in keys],
        [one.status for _, one in keys],
    )


def _cursor_arrays(cursors: Sequence[CursorMove]) -> tuple[list[Any], ...]:
    return (
        [one.reader for one in cursors],
        [one.topic for one in cursors],
        [one.partition for one in cursors],
        [one.source for one in cursors],
        [one.target for one in cursors],
    )


def _parked_arrays(parked: Sequence[tuple[int, ParkedRecord]]) -> tuple[list[Any], ...]:
    return (
        [place for place, _ in parked],
        [one.reader for _, one in parked],
        [one.topic for _, one in parked],
        [one.partition for _, one in parked],
        [one.n for _, one in parked],
        [one.key for _, one in parked],
        [one.record for _, one in parked],
        [one.error for _, one in parked],
    )


def outcomes(entries: Sequence[Entry], answer: Any) -> list[Outcome]:
    """One outcome an entry, from the one row that `append_events` answers."""
    columns = zip(
        entries,
        answer["verdicts"],
        answer["faults"],
        answer["positions"],
        answer["hashes"],
        answer["stamps"],
        strict=True,
    )
    return [_outcome(*one) for one in columns]


def _outcome(
    entry: Entry, verdict: int, fault: int, position: int, hash_: bytes, stamp: datetime
) -> Outcome:
    if verdict == STALE:
        cursor = entry.cursors[fault - 1]
        return Stale(reader=cursor.reader, topic=cursor.topic, partition=cursor.partition)
    if verdict == KEY_USED and entry.key is not None:
        return KeyUsed(client=entry.key.client, key=entry.key.key)
    if verdict == CONFLICT:
        return Conflict(stream=entry.events[fault - 1].stream)
    return Appended(position=position, hash=hash_, recorded_at=stamp, already=verdict == ALREADY)
