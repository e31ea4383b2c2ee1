"""The Clock port: everything that asks what time it is asks here."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Says the time, in UTC, and how far it is from the machine's own."""

    def now(self) -> datetime: ...

    def offset(self) -> timedelta: ...


class SystemClock:
    """The machine's clock, shifted by a fixed `offset` (development only; zero otherwise)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def offset(self) -> timedelta:
        return self._offset


class SettableClock:
    """A clock that stands until it is set: for tests and the demonstration's simulated time."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def set(self, at: datetime) -> None:
        self._at = at

    def advance(self, by: timedelta) -> None:
        self._at += by

    def now(self) -> datetime:
        return self._at

    def offset(self) -> timedelta:
        return self._at - datetime.fromtimestamp(time.time(), UTC)


def london_day(moment: datetime) -> date:
    """The calendar day in London at `moment` (aware)."""
    return moment.astimezone(LONDON).date()
