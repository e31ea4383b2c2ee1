"""The year's never events: three buckets, one table a list, nothing added across lists."""

from datetime import date

import pytest

from services.learning.domain.rules.national import (
    NO_TYPE,
    Decision,
    IncidentVersion,
    ListTable,
    TypeRow,
    never_events,
)
from shared.nhs.published_figures import NEVER_EVENTS_2023_24, TOTAL_2023_24

LIST = "2021-04-01"
AIR = "Unintentional connection of a patient requiring oxygen to an air flowmeter"


def happened(n: int, day: date = date(2023, 6, 1), **more) -> IncidentVersion:
    told = {"incident": f"i{n}", "day": day, "withdrawn": False, "known_on": day}
    return IncidentVersion(**{**told, **more})


def decided(n: int, outcome: str = "meets", **more) -> Decision:
    told = {
        "incident": f"i{n}",
        "authority": "trust",
        "outcome": outcome,
        "list": LIST,
        "type": "15",
        "known_on": date(2023, 6, 2),
    }
    return Decision(**{**told, **more})


def counts(table) -> list[tuple[str | None, int, int, int]]:
    (only,) = table.lists
    return [(row.type, row.count, row.under_review, row.reported_not_meeting) for row in only.rows]


def test_three_buckets_stand_side_by_side():
    table = never_events(
        "2023/24",
        [happened(n) for n in range(4)],
        [decided(0), decided(1), decided(2, "under_review"), decided(3, "does_not_meet")],
    )
    row = TypeRow(type="15", title=AIR, count=2, under_review=1, reported_not_meeting=1)
    assert table.lists == (ListTable(list=LIST, rows=(row,), total=2),)
    assert (table.year, table.total) == ("2023/24", 2)


def test_the_published_year_comes_out_as_published():
    told = [one.code for one in NEVER_EVENTS_2023_24 for _ in range(one.count)]
    table = never_events(
        "2023/24",
        [happened(n) for n in range(len(told))],
        [decided(n, type=code) for n, code in enumerate(told)],
    )
    rows = {row.type: row.count for row in table.lists[0].rows}
    assert rows == {one.code: one.count for one in NEVER_EVENTS_2023_24}
    assert table.total == TOTAL_2023_24
    assert [row.count for row in table.lists[0].rows] == sorted(rows.values(), reverse=True)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("trust", "commissioner", "national"), "does_not_meet"),
        (("national", "commissioner", "trust"), "does_not_meet"),
        (("commissioner", "trust"), "under_review"),
        (("trust",), "meets"),
    ],
)
def test_national_over_commissioner_over_trust_whatever_came_last(order, expected):
    said = {"trust": "meets", "commissioner": "under_review", "national": "does_not_meet"}
    decisions = [decided(0, said[one], authority=one) for one in order]
    (row,) = never_events("2023/24", [happened(0)], decisions).lists[0].rows
    assert {"meets": row.count, "under_review": row.under_review}.get(
        expected, row.reported_not_meeting
    ) == 1
    assert row.count + row.under_review + row.reported_not_meeting == 1


def test_a_later_decision_of_the_same_authority_replaces_the_earlier():
    decisions = [decided(0, "under_review"), decided(0, type="5")]
    assert counts(never_events("2023/24", [happened(0)], decisions)) == [("5", 1, 0, 0)]


def test_a_refusal_without_a_type_stands_beside_the_type_it_refuses():
    decisions = [decided(0), decided(0, "does_not_meet", authority="commissioner", type=None)]
    assert counts(never_events("2023/24", [happened(0)], decisions)) == [("15", 0, 0, 1)]


def test_what_never_had_a_type_is_shown_without_one():
    table = never_events("2023/24", [happened(0)], [decided(0, "under_review", type=None)])
    assert [row.title for row in table.lists[0].rows] == [NO_TYPE]
    assert counts(table) == [(None, 0, 1, 0)]


def test_a_withdrawn_incident_leaves_and_an_unheard_one_is_not_there_yet():
    gone = [happened(0), happened(0, withdrawn=True)]
    assert counts(never_events("2023/24", gone, [decided(0), decided(1)])) == []


def test_an_amended_day_moves_the_incident_to_its_year():
    told = [happened(0, date(2023, 3, 31)), happened(0, date(2023, 4, 1))]
    assert never_events("2022/23", told, [decided(0)]).total == 0
    assert never_events("2023/24", told, [decided(0)]).total == 1


def test_two_lists_in_2017_18_are_never_added_up():
    days = {0: date(2018, 1, 31), 1: date(2018, 2, 1), 2: date(2018, 3, 1)}
    table = never_events(
        "2017/18",
        [happened(n, day) for n, day in days.items()],
        [
            decided(0, list="2015-04-01", type="1"),
            decided(1, list="2018-02-01", type="1"),
            decided(2, list="2018-02-01"),
        ],
    )
    assert [(one.list, one.total) for one in table.lists] == [("2015-04-01", 1), ("2018-02-01", 2)]
    assert table.total is None


def test_a_year_with_two_lists_has_no_total_even_when_one_counts_nothing():
    table = never_events("2017/18", [], [])
    assert [(one.list, one.rows, one.total) for one in table.lists] == [
        ("2015-04-01", (), 0),
        ("2018-02-01", (), 0),
    ]
    assert table.total is None
    assert never_events("2023/24", [], []).total == 0


def test_a_named_national_revision_keeps_its_own_list():
    table = never_events("2023/24", [happened(0)], [decided(0, list="2018-02-01")])
    assert [one.list for one in table.lists] == ["2018-02-01", LIST]
    assert table.total is None


def test_known_on_asks_what_the_sources_had_said_by_then():
    decisions = [
        decided(0, known_on=date(2023, 6, 2)),
        decided(0, "does_not_meet", authority="national", known_on=date(2023, 9, 1)),
    ]
    told = [happened(0), happened(0, withdrawn=True, known_on=date(2024, 1, 1))]

    def on(day: date):
        return counts(never_events("2023/24", told, decisions, known_on=day))

    assert on(date(2023, 5, 31)) == []
    assert on(date(2023, 8, 31)) == [("15", 1, 0, 0)]
    assert on(date(2023, 9, 1)) == [("15", 0, 0, 1)]
    assert on(date(2024, 1, 1)) == []


def test_a_list_that_is_not_held_shows_codes_and_fails_nothing():
    (table, own) = never_events(
        "2023/24", [happened(0)], [decided(0, list="2020-01-01", type="zz")]
    ).lists
    assert [(row.type, row.title) for row in table.rows] == [("zz", "zz")]
    assert own.list == LIST


def test_a_year_has_its_usual_name():
    with pytest.raises(ValueError, match="2023/24"):
        never_events("2023", [], [])
