"""Each reminder and breach once, whatever restarts, outages and calendars do in between (R6)."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.assurance.domain.case import events as e
from services.assurance.domain.case.decide.opening import open_case
from services.assurance.domain.case.decide.ticking import tick
from services.assurance.domain.case.messages import Tick
from services.assurance.domain.case.state import CASE
from services.assurance.domain.rules.clocks import wakes_on
from tests.assurance.builders import (
    STORY,
    clock,
    facts,
    open_command,
    opened,
    opening_facts,
    serious,
)
from tests.kit.decider import given

INITIAL_DUE, REPORT_DUE = date(2018, 12, 24), date(2019, 3, 18)
RUNNING = (opened(serious=serious()), clock("SIF-INITIAL", INITIAL_DUE))
BREACH = e.ClockBreached(rule="SIF-INITIAL", due=INITIAL_DUE, on=date(2018, 12, 25))
REMINDER = e.ReminderDue(rule="SIF-INITIAL", day=date(2018, 12, 21), due=INITIAL_DUE)


def test_nothing_happens_until_a_reminder_falls() -> None:
    given(CASE, *RUNNING).when(tick, Tick(), facts(date(2018, 12, 20))).nothing()
    given(CASE, *RUNNING).when(tick, Tick(), facts(date(2018, 12, 21))).then(REMINDER)


def test_a_missed_reminder_is_given_late_and_once() -> None:
    given(CASE, *RUNNING).when(tick, Tick(), facts(INITIAL_DUE)).then(REMINDER)
    given(CASE, *RUNNING, REMINDER).when(tick, Tick(), facts(INITIAL_DUE)).nothing()


def test_the_breach_comes_after_the_due_day_has_ended_and_once() -> None:
    late = facts(date(2018, 12, 25))
    given(CASE, *RUNNING, REMINDER).when(tick, Tick(), late).then(BREACH)
    given(CASE, *RUNNING, REMINDER, BREACH).when(tick, Tick(), late).nothing()


def test_a_clock_that_is_met_or_void_or_a_case_that_is_closed_asks_for_nothing() -> None:
    late = facts(date(2019, 1, 25))
    ends = (
        e.ClockMet(rule="SIF-INITIAL", on=STORY),
        e.ClockVoided(rule="SIF-INITIAL", on=STORY, cause="closed"),
        e.ChangeNoted(what="withdrawn", on=STORY),
        e.CaseClosed(on=STORY, depth=0, depth_rule="depth-1"),
    )
    for end in ends:
        given(CASE, *RUNNING, end).when(tick, Tick(), late).nothing()
    given(CASE).when(tick, Tick(), late).nothing()


def test_what_was_past_when_it_became_known_is_historical() -> None:
    old = clock("SIF-INITIAL", date(2016, 3, 4), on=date(2016, 3, 1))
    known = e.ClockStarted(
        rule=old.rule,
        started_on=old.started_on,
        due=old.due,
        calendar=old.calendar,
        noted_on=STORY,
    )
    (breach,) = tick(given(CASE, opened(serious=serious()), known).state, Tick(), facts(STORY))
    assert breach == e.ClockBreached(rule=old.rule, due=old.due, on=STORY, historical=True)


def test_a_day_proclaimed_later_moves_the_due_day_and_keeps_the_first() -> None:
    """19 September 2022 became a bank holiday on 10 September, with nine days' notice."""
    start, proclaimed = date(2022, 9, 6), date(2022, 9, 12)
    declared = open_case(
        CASE.initial,
        open_command(day=start, identified_on=start, serious=serious(on=start)),
        opening_facts(start),
    )
    state = CASE.fold(declared)
    moved = [
        one for one in tick(state, Tick(), facts(proclaimed)) if isinstance(one, e.ClockRecomputed)
    ]
    assert [(one.rule, one.new_due - one.old_due) for one in moved] == [
        ("SIF-REPORT-2", timedelta(days=1))
    ]
    report = CASE.fold(moved, state).clock("SIF-REPORT-2")
    assert report is not None
    assert (report.first_due, report.due) == (moved[0].old_due, moved[0].new_due)
    again = tick(CASE.fold(moved, state), Tick(), facts(proclaimed))
    assert not [one for one in again if isinstance(one, e.ClockRecomputed)]


def _live(ticks: list[date]) -> list[object]:
    """The story of one declared case that hears time only on these days."""
    events = list(open_case(CASE.initial, open_command(serious=serious()), opening_facts()))
    for day in ticks:
        # The state is folded anew each time: every tick is a restart.
        events.extend(tick(CASE.fold(events), Tick(), facts(day)))
    return events


END = date(2019, 4, 30)
DAYS = st.integers(0, (END - STORY).days).map(lambda n: STORY + timedelta(days=n))


@settings(max_examples=60, deadline=None)
@for_all(st.lists(DAYS, max_size=40))
def test_no_breach_is_lost_or_doubled_and_no_reminder_doubled(days: list[date]) -> None:
    story = _live([*sorted(days), END])
    breaches = [one for one in story if isinstance(one, e.ClockBreached)]
    assert sorted((one.rule, one.due) for one in breaches) == [
        ("SIF-INITIAL", INITIAL_DUE),
        ("SIF-REPORT-2", REPORT_DUE),
    ]
    for one in breaches:
        heard = min(day for day in [*days, END] if day > one.due)
        assert one.on == heard
    reminders = Counter((one.rule, one.day) for one in story if isinstance(one, e.ReminderDue))
    assert set(reminders.values()) <= {1}
    for rule, day, due in (
        ("SIF-INITIAL", date(2018, 12, 21), INITIAL_DUE),
        ("SIF-REPORT-2", date(2019, 2, 18), REPORT_DUE),
        ("SIF-REPORT-2", date(2019, 3, 11), REPORT_DUE),
    ):
        in_time = any(day <= heard <= due for heard in days)
        assert ((rule, day) in reminders) == in_time


def test_waking_only_on_the_days_named_misses_nothing() -> None:
    """The look-up that finds due cases goes by `wakes_on` alone."""
    events = list(open_case(CASE.initial, open_command(serious=serious()), opening_facts()))
    every_day = [STORY + timedelta(days=n) for n in range((END - STORY).days + 1)]
    for day in every_day:
        state = CASE.fold(events)
        wakes = [wakes_on(state.framework.id, one) for one in state.running()]
        if any(wake and wake <= day for wake in wakes):
            events.extend(tick(state, Tick(), facts(day)))
    assert events == _live(every_day)
