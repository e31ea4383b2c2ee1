"""Working days against an independent oracle, the worked examples, and the edges of summer time."""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest

from shared.kernel.clock import london_day
from shared.nhs.bank_holidays import ONE_OFFS, easter_sunday
from shared.nhs.calendar import (
    FIRST_DAY,
    LAST_DAY,
    OutsideCalendar,
    add_calendar_days,
    add_calendar_months,
    add_working_days,
    bank_holidays,
    calendar_version,
    end_of_london_day,
    is_working_day,
    start_of_london_day,
    working_days_between,
)

ORACLE = holidays.country_holidays("GB", subdiv="ENG", years=range(2011, 2036))


@pytest.mark.parametrize("year", range(2011, 2036))
def test_every_day_agrees_with_an_independent_calendar(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    own = [day for day in days if day.year == year and is_working_day(day)]
    theirs = [d for d in days if d.year == year and d.weekday() < 5 and d not in ORACLE]
    assert own == theirs


@pytest.mark.parametrize(
    ("day0", "two", "three", "ten", "sixty", "then_twenty"),
    [
        ("2018-03-28", "2018-04-03", "2018-04-04", "2018-04-13", "2018-06-26", "2018-07-16"),
        ("2018-12-19", "2018-12-21", "2018-12-24", "2019-01-07", "2019-03-18", "2019-04-07"),
        ("2018-12-22", "2018-12-27", "2018-12-28", "2019-01-09", "2019-03-20", "2019-04-09"),
        ("2022-05-31", "2022-06-06", "2022-06-07", "2022-06-16", "2022-08-25", "2022-09-14"),
    ],
)
def test_worked_examples(
    day0: str, two: str, three: str, ten: str, sixty: str, then_twenty: str
) -> None:
    start = date.fromisoformat(day0)
    counted = [add_working_days(start, n) for n in (2, 3, 10, 60)]
    assert [day.isoformat() for day in counted] == [two, three, ten, sixty]
    assert add_calendar_days(counted[-1], 20).isoformat() == then_twenty


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2018, 7, 10), datetime(2018, 7, 10, 22, 59, 59, tzinfo=UTC)),
        (date(2018, 12, 19), datetime(2018, 12, 19, 23, 59, 59, tzinfo=UTC)),
        (date(2018, 3, 24), datetime(2018, 3, 24, 23, 59, 59, tzinfo=UTC)),
        (date(2018, 3, 25), datetime(2018, 3, 25, 22, 59, 59, tzinfo=UTC)),
        (date(2018, 10, 27), datetime(2018, 10, 27, 22, 59, 59, tzinfo=UTC)),
        (date(2018, 10, 28), datetime(2018, 10, 28, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_london_day(day: date, end: datetime) -> None:
    assert end_of_london_day(day) == end
    assert end_of_london_day(day).tzinfo is UTC
    assert london_day(end) == day
    assert london_day(end + timedelta(seconds=1)) == day + timedelta(days=1)
    assert start_of_london_day(day + timedelta(days=1)) == end + timedelta(seconds=1)


@pytest.mark.parametrize("one_off", ONE_OFFS, ids=lambda one: one.name)
def test_a_one_off_counts_from_the_day_it_was_known(one_off: object) -> None:
    day, known_from = one_off.day, one_off.known_from  # type: ignore[attr-defined] # parametrized
    assert not is_working_day(day)
    assert not is_working_day(day, known_on=known_from)
    assert is_working_day(day, known_on=known_from - timedelta(days=1))


def test_a_moved_day_stands_at_its_old_place_until_the_move_is_known() -> None:
    old, new = date(2020, 5, 4), date(2020, 5, 8)
    assert not is_working_day(old, known_on=date(2019, 6, 6))
    assert is_working_day(new, known_on=date(2019, 6, 6))
    assert is_working_day(old, known_on=date(2019, 6, 7))
    assert not is_working_day(new, known_on=date(2019, 6, 7))


def test_the_funeral_moves_a_deadline_set_before_it_was_known() -> None:
    day0 = date(2022, 9, 6)
    assert add_working_days(day0, 10, known_on=date(2022, 9, 9)) == date(2022, 9, 20)
    assert add_working_days(day0, 10, known_on=date(2022, 9, 10)) == date(2022, 9, 21)


def test_the_version_changes_exactly_with_an_announcement() -> None:
    assert calendar_version(date(2022, 9, 9)) == calendar_version(date(2020, 11, 12))
    assert calendar_version(date(2022, 9, 10)) != calendar_version(date(2022, 9, 9))
    assert calendar_version() == calendar_version(date(2035, 12, 31))
    assert calendar_version(date(2009, 1, 1)) == "england-1/rules"


def test_counting_back_and_forth_agree() -> None:
    for offset in range(0, 400, 3):
        day0 = date(2021, 12, 1) + timedelta(days=offset)
        for n in (1, 2, 7, 60):
            day = add_working_days(day0, n)
            assert working_days_between(day0, day) == n
            assert working_days_between(day, day0) == -n
        assert is_working_day(add_working_days(day0, -1))
        assert add_working_days(day0, 0) == day0
        assert working_days_between(day0, day0) == 0


@pytest.mark.parametrize(
    ("day0", "months", "day"),
    [
        (date(2018, 8, 31), 6, date(2019, 2, 28)),
        (date(2019, 8, 31), 6, date(2020, 2, 29)),
        (date(2018, 12, 19), 1, date(2019, 1, 19)),
        (date(2018, 12, 19), -12, date(2017, 12, 19)),
        (date(2018, 11, 30), 1, date(2018, 12, 30)),
    ],
)
def test_calendar_months_end_with_the_month(day0: date, months: int, day: date) -> None:
    assert add_calendar_months(day0, months) == day


def test_the_table_ends_loudly() -> None:
    assert not is_working_day(FIRST_DAY)
    assert is_working_day(LAST_DAY)
    with pytest.raises(OutsideCalendar, match="2011 to 2035"):
        add_working_days(LAST_DAY, 1)
    with pytest.raises(OutsideCalendar):
        is_working_day(date(2010, 12, 31))


def test_a_year_reads_in_order_with_names() -> None:
    year = bank_holidays(2018)
    assert list(year) == sorted(year)
    assert len(year) == 8
    assert year[date(2018, 12, 26)] == "Boxing Day"
    assert bank_holidays(2021)[date(2021, 12, 28)] == "Boxing Day (substitute day)"


@pytest.mark.parametrize(
    ("year", "day"),
    [(2011, date(2011, 4, 24)), (2018, date(2018, 4, 1)), (2035, date(2035, 3, 25))],
)
def test_easter(year: int, day: date) -> None:
    assert easter_sunday(year) == day
