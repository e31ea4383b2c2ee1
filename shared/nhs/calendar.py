"""Days of England: which are worked, how they are counted, where a London day begins and ends."""

import calendar as gregorian
from datetime import UTC, date, datetime, time, timedelta

from shared.kernel.clock import LONDON
from shared.nhs.bank_holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    OutsideCalendar,
    bank_holidays,
    calendar_version,
)

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "OutsideCalendar",
    "add_calendar_days",
    "add_calendar_months",
    "add_working_days",
    "bank_holidays",
    "calendar_version",
    "end_of_london_day",
    "is_working_day",
    "start_of_london_day",
    "working_days_between",
]

FIRST_DAY = date(FIRST_YEAR, 1, 1)
LAST_DAY = date(LAST_YEAR, 12, 31)

_SATURDAY = 5
_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


def is_working_day(day: date, *, known_on: date | None = None) -> bool:
    """Whether England works on that day: Monday to Friday, and no bank holiday.

    With `known_on`, by the calendar as announced by the end of that day.
    """
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year, known_on)


def add_working_days(day0: date, n: int, *, known_on: date | None = None) -> date:
    """The n-th working day after day 0, which is not counted; a negative n counts back.

    Nought days is day 0 itself, worked or not. Raises OutsideCalendar past the table's end.
    """
    step = _DAY if n >= 0 else -_DAY
    day, left = day0, abs(n)
    while left:
        day += step
        left -= is_working_day(day, known_on=known_on)
    return day


def working_days_between(day0: date, day: date, *, known_on: date | None = None) -> int:
    """Working days after day 0 up to and including `day`; negative when `day` lies before day 0."""
    if day < day0:
        return -working_days_between(day, day0, known_on=known_on)
    span = (day - day0).days
    days = (day0 + timedelta(days=n) for n in range(1, span + 1))
    return sum(is_working_day(one, known_on=known_on) for one in days)


def add_calendar_days(day0: date, n: int) -> date:
    """The n-th calendar day after day 0; it may fall on a weekend and does not roll on."""
    return day0 + timedelta(days=n)


def add_calendar_months(day0: date, n: int) -> date:
    """The same day n months on, or that month's last day where it is shorter."""
    years, month0 = divmod(day0.month - 1 + n, 12)
    year = day0.year + years
    last = gregorian.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day0.day, last))


def start_of_london_day(day: date) -> datetime:
    """00:00:00 Europe/London of that day, as a UTC instant."""
    return datetime.combine(day, time.min, LONDON).astimezone(UTC)


def end_of_london_day(day: date) -> datetime:
    """23:59:59 Europe/London of that day, as a UTC instant: the moment a deadline falls."""
    return datetime.combine(day, _LAST_SECOND, LONDON).astimezone(UTC)
