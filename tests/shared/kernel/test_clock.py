"""Tests of shared/kernel/clock.py: on which day something is in London."""

from datetime import UTC, date, datetime

import pytest

from shared.kernel.clock import day_of, london_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2018, 7, 10, 23, 30, tzinfo=UTC), date(2018, 7, 11)),
        (datetime(2018, 7, 10, 22, 59, 59, tzinfo=UTC), date(2018, 7, 10)),
        (datetime(2018, 12, 10, 23, 30, tzinfo=UTC), date(2018, 12, 10)),
        (datetime(2018, 3, 25, 0, 30, tzinfo=UTC), date(2018, 3, 25)),
        (datetime(2018, 3, 25, 23, 0, tzinfo=UTC), date(2018, 3, 26)),
        (datetime(2018, 10, 27, 23, 0, tzinfo=UTC), date(2018, 10, 28)),
        (datetime(2018, 10, 28, 23, 30, tzinfo=UTC), date(2018, 10, 28)),
    ],
)
def test_a_date_has_a_place(instant: datetime, day: date) -> None:
    assert london_day(instant) == day


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2018-07-10T23:30:00Z", date(2018, 7, 11)),
        ("2018-07-10T22:59:59Z", date(2018, 7, 10)),
        ("2018-12-19T23:59:59.123456Z", date(2018, 12, 19)),
        ("2018-07-11T00:30:00+01:00", date(2018, 7, 11)),
        ("2018-07-10", date(2018, 7, 10)),
        (date(2018, 7, 10), date(2018, 7, 10)),
        (datetime(2018, 7, 10, 23, 30, tzinfo=UTC), date(2018, 7, 11)),
    ],
)
def test_a_day_or_an_instant_has_its_day(told: date | str, day: date) -> None:
    assert day_of(told) == day


@pytest.mark.parametrize("told", ["", "2018", "2018-13-01", "yesterday", "2018-07-10T25:00:00Z"])
def test_what_is_neither_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r"[Ii]nvalid|month|hour"):
        day_of(told)


NAIVE = datetime(2018, 7, 10, 23, 30)  # noqa: DTZ001 - the refusal is the point


@pytest.mark.parametrize("told", [NAIVE, "2018-07-10T23:30:00"])
def test_an_instant_without_a_zone_is_refused(told: datetime | str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        day_of(told)
    with pytest.raises(ValueError, match="time zone"):
        london_day(NAIVE)
