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
    """The calendar day in London at `moment`. Raises ValueError for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(LONDON).date()


def day_of(told: date | datetime | str) -> date:
    """The London day of what is told as a day or as an instant, or as RFC 3339 text of either.
    Raises ValueError for what is neither."""
    if isinstance(told, str):
        is_day = len(told) == len("YYYY-MM-DD")
        told = date.fromisoformat(told) if is_day else datetime.fromisoformat(told)
    return london_day(told) if isinstance(told, datetime) else told
