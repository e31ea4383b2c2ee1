"""Bank holidays of England, 2011 to 2035: the rules, and each one-off with the day it was known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

FIRST_YEAR = 2011
LAST_YEAR = 2035
EDITION = "england-1"

_SATURDAY = 5
_DAY = timedelta(days=1)


class OutsideCalendar(LookupError):
    """A day beyond the table; its message names the years that the table holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """A bank holiday that no rule gives: an extra day, or a rule's day moved for one year.

    `known_from` is the day the government announced it (the royal proclamation may follow by
    weeks); `instead_of` is the rule's day that it replaced, if any.
    """

    day: date
    name: str
    known_from: date
    instead_of: date | None = None


# Announcements of HM Government; the funeral's day was ordered at the accession council itself.
ONE_OFFS = (
    OneOff(day=date(2011, 4, 29), name="Royal wedding", known_from=date(2010, 11, 23)),
    OneOff(
        day=date(2012, 6, 4),
        name="Spring bank holiday (moved)",
        known_from=date(2010, 1, 5),
        instead_of=date(2012, 5, 28),
    ),
    OneOff(day=date(2012, 6, 5), name="Diamond Jubilee", known_from=date(2010, 1, 5)),
    OneOff(
        day=date(2020, 5, 8),
        name="Early May bank holiday (moved to VE Day)",
        known_from=date(2019, 6, 7),
        instead_of=date(2020, 5, 4),
    ),
    OneOff(
        day=date(2022, 6, 2),
        name="Spring bank holiday (moved)",
        known_from=date(2020, 11, 12),
        instead_of=date(2022, 5, 30),
    ),
    OneOff(day=date(2022, 6, 3), name="Platinum Jubilee", known_from=date(2020, 11, 12)),
    OneOff(day=date(2022, 9, 19), name="State funeral", known_from=date(2022, 9, 10)),
    OneOff(day=date(2023, 5, 8), name="Coronation", known_from=date(2022, 11, 6)),
)


@lru_cache(maxsize=4096)
def bank_holidays(year: int, known_on: date | None = None) -> Mapping[date, str]:
    """Days off of one year by name; with `known_on`, as announced by the end of that day.

    Source: Banking and Financial Dealings Act 1971, schedule 1, and proclamations under it.
    Raises OutsideCalendar for a year that the table does not hold.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideCalendar(f"the calendar of working days holds {FIRST_YEAR} to {LAST_YEAR}")
    days = _rule_days(year)
    for one_off in _known(known_on):
        if one_off.day.year == year:
            if one_off.instead_of is not None:
                del days[one_off.instead_of]
            days[one_off.day] = one_off.name
    return MappingProxyType(dict(sorted(days.items())))


@lru_cache(maxsize=4096)
def calendar_version(known_on: date | None = None) -> str:
    """The calendar's version: its edition, and the newest announcement it takes in.

    So two days give the same version exactly when no announcement lies between them.
    """
    announced = [one_off.known_from for one_off in _known(known_on)]
    return f"{EDITION}/{max(announced).isoformat()}" if announced else f"{EDITION}/rules"


def _known(known_on: date | None) -> list[OneOff]:
    return [o for o in ONE_OFFS if known_on is None or o.known_from <= known_on]


def _rule_days(year: int) -> dict[date, str]:
    easter = easter_sunday(year)
    days = {
        easter - 2 * _DAY: "Good Friday",
        easter + _DAY: "Easter Monday",
        _first_monday(year, 5): "Early May bank holiday",
        _last_monday(year, 5): "Spring bank holiday",
        _last_monday(year, 8): "Summer bank holiday",
    }
    fixed = {
        date(year, 1, 1): "New Year's Day",
        date(year, 12, 25): "Christmas Day",
        date(year, 12, 26): "Boxing Day",
    }
    days |= {day: name for day, name in fixed.items() if day.weekday() < _SATURDAY}
    for day, name in fixed.items():
        if day.weekday() >= _SATURDAY:
            days[_next_free_weekday(day, days)] = f"{name} (substitute day)"
    return days


def _next_free_weekday(day: date, taken: Mapping[date, str]) -> date:
    while day.weekday() >= _SATURDAY or day in taken:
        day += _DAY
    return day


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - _DAY
    return last - timedelta(days=last.weekday())


def easter_sunday(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (anonymous algorithm, as in Meeus, 1991)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
