"""Lists by day, refusals that name the list, and counts that are never mixed."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from shared.nhs.never_events import (
    LISTS,
    NoListInForce,
    NotComparable,
    NotCounted,
    NotOnList,
    comparable,
    counted_type_on,
    list_by_id,
    list_on,
    lists_between,
    require_comparable,
    type_on,
)
from shared.nhs.periods import financial_year
from shared.nhs.published_figures import (
    LIST_2023_24,
    NEVER_EVENTS_2023_24,
    PUBLISHED_TOTALS,
    TOTAL_2023_24,
)


@pytest.mark.parametrize(
    ("day", "list_id", "types", "counted"),
    [
        (date(2015, 4, 1), "2015-04-01", 14, 14),
        (date(2018, 1, 31), "2015-04-01", 14, 14),
        (date(2018, 2, 1), "2018-02-01", 16, 15),
        (date(2021, 3, 31), "2018-02-01", 16, 15),
        (date(2021, 4, 1), "2021-04-01", 16, 15),
        (date(2024, 3, 31), "2021-04-01", 16, 15),
    ],
)
def test_the_list_of_a_day(day: date, list_id: str, types: int, counted: int) -> None:
    found = list_on(day)
    assert (found.id, len(found.types), len(found.counted)) == (list_id, types, counted)


def test_lists_follow_one_another_without_gap() -> None:
    for earlier, later in pairwise(LISTS):
        assert earlier.effective_to is not None
        assert earlier.effective_to + timedelta(days=1) == later.effective_from
    assert LISTS[-1].effective_to is None
    assert [one.id for one in LISTS] == [one.effective_from.isoformat() for one in LISTS]


def test_no_list_is_held_before_the_first() -> None:
    with pytest.raises(NoListInForce, match="2015-04-01"):
        list_on(date(2015, 3, 31))
    with pytest.raises(NoListInForce, match="2018-02-01"):
        list_by_id("2018")


def test_air_for_oxygen_joined_the_list_in_february_2018() -> None:
    with pytest.raises(NotOnList) as refusal:
        type_on(date(2018, 1, 15), "15")
    assert "Never events list 2015/16 (in force 2015-04-01 to 2018-01-31)" in str(refusal.value)
    found = type_on(date(2018, 12, 10), "15")
    assert found.list.id == "2018-02-01"
    assert "air flowmeter" in found.type.title


def test_a_suspended_type_is_listed_and_meets_nothing() -> None:
    assert type_on(date(2018, 12, 10), "16").type.suspended
    with pytest.raises(NotCounted, match="suspended on Never events list 2018"):
        counted_type_on(date(2018, 12, 10), "16")
    with pytest.raises(NotOnList):
        counted_type_on(date(2018, 1, 15), "16")
    assert counted_type_on(date(2018, 12, 10), "1").type.code == "1"


def test_wrong_tooth_left_in_april_2021() -> None:
    before = type_on(date(2021, 3, 31), "1").type
    after = type_on(date(2021, 4, 1), "1").type
    assert before.subtype("1-tooth") is not None
    assert after.subtype("1-tooth") is None
    assert len(before.subtypes) == len(after.subtypes) + 1


def test_counts_of_different_lists_are_never_compared() -> None:
    assert comparable(["2018-02-01", "2018-02-01"])
    assert not comparable(["2015-04-01", "2018-02-01"])
    require_comparable(["2018-02-01"])
    require_comparable([])
    with pytest.raises(NotComparable, match=r"2015/16.*2018"):
        require_comparable(["2018-02-01", "2015-04-01"])


def test_the_year_2017_18_is_two_sets() -> None:
    both = lists_between(*financial_year("2017/18"))
    assert [one.id for one in both] == ["2015-04-01", "2018-02-01"]
    assert [one.id for one in lists_between(*financial_year("2023/24"))] == ["2021-04-01"]


def test_codes_are_unique_on_each_list() -> None:
    for one in LISTS:
        codes = [kind.code for kind in one.types]
        assert len(set(codes)) == len(codes)
        subtypes = [sub.code for kind in one.types for sub in kind.subtypes]
        assert len(set(subtypes)) == len(subtypes)


def test_published_figures_add_up() -> None:
    assert sum(row.count for row in NEVER_EVENTS_2023_24) == TOTAL_2023_24 == 370
    first, last = financial_year("2023/24")
    for row in NEVER_EVENTS_2023_24:
        assert counted_type_on(first, row.code) == counted_type_on(last, row.code)
        assert row.list_id == LIST_2023_24 == list_on(last).id
    for total in PUBLISHED_TOTALS:
        financial_year(total.year)
        assert total.source
    assert {t.total for t in PUBLISHED_TOTALS if t.year == "2016/17"} == {424, 442}


def test_published_figures_equal_the_public_table(reference_file: Callable[[str], str]) -> None:
    lines = reference_file("never_events_2023_24_by_type.csv").splitlines()
    table = dict(line.rsplit(",", 1) for line in lines[2:] if line)
    assert int(table.pop("TOTAL")) == TOTAL_2023_24
    of = list_by_id(LIST_2023_24)
    own = {}
    for row in NEVER_EVENTS_2023_24:
        found = of.type(row.code)
        assert found is not None
        own[found.title] = str(row.count)
    assert own == table
