"""Entries for tests of the log: a test names only what matters."""

from datetime import UTC, datetime, timedelta

from shared.log.base import (
    Appended,
    CursorMove,
    Entry,
    NewContract,
    NewEvent,
    Outcome,
    ParkedRecord,
    RequestKey,
)


def event(stream: str = "thing-1", version: int = 1, data: bytes = b"{}") -> NewEvent:
    return NewEvent(
        stream=stream,
        version=version,
        type="happened",
        schema=1,
        data=data,
        meta=b'{"command":"c"}',
    )


def contract(
    topic: str = "told.v1", partition: int = 0, *, behind: int | None = 0, data: bytes = b"{}"
) -> NewContract:
    return NewContract(
        topic=topic,
        partition=partition,
        id="thing-1/1",
        type="told.thing.v1",
        key="thing-1",
        subject="1",
        time="2018-12-19T09:30:00Z",
        attributes=b'{"source":"urn:test"}',
        data=data,
        event=behind,
    )


def request_key(key: str = "k-1", stream: str = "thing-1", version: int = 1) -> RequestKey:
    return RequestKey(
        client="client", key=key, fingerprint=b"print", stream=stream, version=version, status=202
    )


def move(source: int, target: int, reader: str = "reader", partition: int = 0) -> CursorMove:
    return CursorMove(
        reader=reader, topic="heard.v1", partition=partition, source=source, target=target
    )


def parked(n: int, record: bytes = b"record", reader: str = "reader") -> ParkedRecord:
    return ParkedRecord(
        reader=reader, topic="heard.v1", partition=0, n=n, key="thing-9", record=record, error="odd"
    )


def entry(*events: NewEvent, **more: object) -> Entry:
    """An entry of these events; contracts, key, parked and cursors by name."""
    return Entry(events=events, **more)  # type: ignore[arg-type]  # the names are Entry's own


def appended(outcome: Outcome) -> Appended:
    """The outcome, which must be that the entry was appended now."""
    assert isinstance(outcome, Appended), outcome
    assert not outcome.already
    return outcome


def already(outcome: Outcome) -> Appended:
    """The outcome, which must be that the entry had been appended before."""
    assert isinstance(outcome, Appended), outcome
    assert outcome.already
    return outcome


class TwoClocks:
    """The clock that a log is given: `shift` moves the database's time, `error` is by how much
    this process's own clock is wrong."""

    def __init__(self) -> None:
        self.shift = timedelta()
        self.error = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift + self.error

    def offset(self) -> timedelta:
        return self.shift
