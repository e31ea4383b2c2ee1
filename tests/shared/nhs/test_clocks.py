"""Clock rules: which is in force, when it falls due, what moves it and when to remind."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.nhs.clocks import (
    REMINDERS,
    RULES,
    NoDeadline,
    NoSuchRule,
    after_stop,
    agreed_due,
    due,
    reminder_days,
    report_rule_id,
    rule,
    rules_on,
)

STORY = date(2018, 12, 19)


@pytest.mark.parametrize(
    ("rule_id", "day"),
    [
        ("SIF-NOTIFY", date(2018, 12, 21)),
        ("SIF-INITIAL", date(2018, 12, 24)),
        ("SIF-REPORT-1", date(2019, 3, 18)),
        ("SIF-REPORT-2", date(2019, 3, 18)),
        ("SIF-REPORT-3", date(2019, 6, 19)),
        ("SIF-QA", date(2019, 1, 8)),
        ("DOC-PERSON", date(2019, 1, 7)),
        ("OD-SUPPORT", date(2018, 12, 28)),
        ("OD-CONFIRM", date(2019, 1, 21)),
    ],
)
def test_due_days_of_the_2015_framework(rule_id: str, day: date) -> None:
    deadline = due(rule("SIF2015", rule_id, STORY), STORY)
    assert deadline.day == day
    assert deadline.calendar_version.startswith("england-1/")


def test_a_deadline_ends_with_the_london_day() -> None:
    deadline = due(rule("SIF2015", "SIF-NOTIFY", date(2018, 7, 10)), date(2018, 7, 10))
    assert deadline.day == date(2018, 7, 12)
    assert deadline.instant == datetime(2018, 7, 12, 22, 59, 59, tzinfo=UTC)


def test_the_commissioner_review_ends_on_a_sunday_and_does_not_roll_on() -> None:
    assert due(rule("SIF2015", "SIF-QA", STORY), date(2019, 3, 18)).day == date(2019, 4, 7)


def test_a_rule_belongs_to_its_framework_and_its_days() -> None:
    with pytest.raises(NoSuchRule):
        rule("PSIRF2022", "SIF-NOTIFY", date(2023, 4, 1))
    with pytest.raises(NoSuchRule):
        rule("SIF2015", "SIF-NOTIFY", date(2015, 3, 31))
    assert rules_on("SIF2015", date(2008, 1, 1)) == ()


def test_a_new_edition_takes_over_on_its_day() -> None:
    old = rule("SIF2015", "SIF-QA", STORY)
    editions = (
        replace(old, effective_to=date(2019, 3, 31)),
        replace(old, version=2, amount=25, effective_from=date(2019, 4, 1)),
    )
    before = rule("SIF2015", "SIF-QA", date(2019, 3, 31), rules=editions)
    after = rule("SIF2015", "SIF-QA", date(2019, 4, 1), rules=editions)
    assert (before.version, after.version) == (1, 2)


def test_no_two_editions_of_a_rule_overlap() -> None:
    for one in RULES:
        same = [r for r in RULES if (r.framework, r.rule_id) == (one.framework, one.rule_id)]
        assert [r for r in same if r.in_force(one.effective_from)] == [one]


def test_every_amount_from_outside_is_marked_as_unconfirmed() -> None:
    confirmed = {one.rule_id for one in RULES if one.confirmed}
    assert confirmed == {"DOC-WRITTEN", "OD-SUPPORT", "OD-CONFIRM"}


def test_levels_choose_the_report_clock() -> None:
    assert [report_rule_id(n) for n in (1, 2, 3)] == [
        "SIF-REPORT-1",
        "SIF-REPORT-2",
        "SIF-REPORT-3",
    ]
    with pytest.raises(NoSuchRule):
        report_rule_id(4)
    assert rule("SIF2015", "SIF-REPORT-3", STORY).updates_months == 1


@pytest.mark.parametrize("rule_id", ["PSIRF-RESPONSE", "DOC-WRITTEN"])
def test_what_is_agreed_or_not_fixed_has_no_due_day(rule_id: str) -> None:
    with pytest.raises(NoDeadline):
        due(rule("PSIRF2022", rule_id, date(2023, 5, 1)), date(2023, 5, 1))


def test_an_agreed_day_keeps_within_six_months() -> None:
    response = rule("PSIRF2022", "PSIRF-RESPONSE", date(2023, 5, 1))
    assert agreed_due(response, date(2023, 5, 1), date(2023, 11, 1)).day == date(2023, 11, 1)
    with pytest.raises(NoDeadline, match="6 months"):
        agreed_due(response, date(2023, 5, 1), date(2023, 11, 2))
    with pytest.raises(NoDeadline, match="before the start"):
        agreed_due(response, date(2023, 5, 1), date(2023, 4, 30))


def test_a_stop_over_a_weekend_moves_a_working_day_clock_by_nothing() -> None:
    report = rule("SIF2015", "SIF-REPORT-2", STORY)
    friday, monday = date(2019, 1, 11), date(2019, 1, 14)
    sunday = date(2019, 1, 13)
    due_day = due(report, STORY).day
    assert after_stop(report, due_day, friday, sunday).day == due_day
    assert after_stop(report, due_day, friday, monday).day == date(2019, 3, 19)


def test_a_stop_moves_a_calendar_clock_by_every_day() -> None:
    report = rule("SIF2015", "SIF-REPORT-3", STORY)
    moved = after_stop(report, date(2019, 6, 19), date(2019, 1, 11), date(2019, 1, 13))
    assert moved.day == date(2019, 6, 21)


def test_only_some_clocks_stop() -> None:
    with pytest.raises(NoDeadline, match="cannot be stopped"):
        after_stop(rule("SIF2015", "SIF-QA", STORY), STORY, STORY, STORY)
    with pytest.raises(ValueError, match="restarts"):
        after_stop(rule("SIF2015", "SIF-REPORT-1", STORY), STORY, STORY, date(2018, 12, 18))
    pausable = {one.rule_id for one in RULES if one.pausable}
    assert pausable == {"SIF-REPORT-1", "SIF-REPORT-2", "SIF-REPORT-3", "PSIRF-RESPONSE"}


def test_a_deadline_remembers_the_calendar_it_was_counted_by() -> None:
    support = rule("PSIRF2022", "OD-SUPPORT", date(2022, 9, 8))
    before = due(support, date(2022, 9, 13), known_on=date(2022, 9, 9))
    after = due(support, date(2022, 9, 13), known_on=date(2022, 9, 13))
    assert (before.day, after.day) == (date(2022, 9, 20), date(2022, 9, 21))
    assert before.calendar_version != after.calendar_version


def test_reminders_fall_before_the_due_day_earliest_first() -> None:
    report = rule("SIF2015", "SIF-REPORT-2", STORY)
    assert reminder_days(report, date(2019, 3, 18)) == (date(2019, 2, 18), date(2019, 3, 11))
    assert reminder_days(rule("SIF2015", "DOC-WRITTEN", STORY), STORY) == ()


def test_every_reminder_is_of_a_rule_and_earlier_than_its_amount() -> None:
    for reminder in REMINDERS:
        own = [one for one in RULES if one.rule_id == reminder.rule_id]
        assert own
        for one in own:
            assert one.unit != "working_days" or reminder.working_days_before < (one.amount or 0)
