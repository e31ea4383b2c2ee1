"""Financial years by label."""

from datetime import date

import pytest

from shared.nhs.periods import financial_year, financial_year_of


def test_a_year_runs_from_april_to_march() -> None:
    assert financial_year("2023/24") == (date(2023, 4, 1), date(2024, 3, 31))
    assert financial_year("1999/00") == (date(1999, 4, 1), date(2000, 3, 31))


@pytest.mark.parametrize(
    "label", ["2023/25", "2023-24", "23/24", "2023/2024", "", "2023/24 ", "２０２３/24"]
)
def test_any_other_label_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="2023/24"):
        financial_year(label)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2018, 3, 31), "2017/18"),
        (date(2018, 4, 1), "2018/19"),
        (date(2000, 1, 1), "1999/00"),
    ],
)
def test_the_year_of_a_day(day: date, label: str) -> None:
    assert financial_year_of(day) == label
    first, last = financial_year(label)
    assert first <= day <= last
