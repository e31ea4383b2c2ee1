"""A first mark opens a case, a later one adds to it; clocks start with a declaration alone."""

from datetime import date

import pytest

from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide.opening import open_case
from services.assurance.domain.case.relations import relations
from services.assurance.domain.case.state import CASE
from shared.kernel.errors import NotFound
from tests.assurance.builders import (
    COMMISSIONER,
    DECLARED,
    NATIONALLY,
    OTHER,
    PROVIDER,
    REGIONAL,
    STORY,
    STRANGER,
    clock,
    never_event,
    open_command,
    opened,
    opening_facts,
    parties,
    serious,
)
from tests.kit.decider import given


def test_a_declaration_opens_the_case_with_its_clocks_and_tells_the_commissioner() -> None:
    given(CASE).when(open_case, open_command(serious=serious()), opening_facts()).then(
        opened(serious=serious()), *DECLARED
    )


def test_a_never_event_alone_opens_the_case_and_starts_no_clock() -> None:
    given(CASE).when(open_case, open_command(never_event=never_event()), opening_facts()).then(
        opened(never_event=never_event())
    )


def test_a_later_declaration_adds_its_reason_and_clocks() -> None:
    past = given(CASE, opened(never_event=never_event()))
    past.when(open_case, open_command(serious=serious()), opening_facts()).then(
        e.ReasonAdded(reason="serious_incident", on=STORY, serious=serious()), *DECLARED
    )


def test_a_later_never_event_adds_its_reason_and_no_clock() -> None:
    past = given(CASE, opened(serious=serious()), *DECLARED)
    past.when(open_case, open_command(never_event=never_event()), opening_facts()).then(
        e.ReasonAdded(reason="never_event", on=STORY, never_event=never_event())
    )


def test_the_same_mark_again_is_nothing() -> None:
    past = given(CASE, opened(serious=serious(), never_event=never_event()), *DECLARED)
    past.when(open_case, open_command(serious=serious()), opening_facts()).nothing()
    past.when(open_case, open_command(never_event=never_event()), opening_facts()).nothing()


def test_under_the_later_framework_a_case_is_oversight_without_clocks() -> None:
    command = open_command(framework="PSIRF2022", never_event=never_event())
    given(CASE).when(open_case, command, opening_facts()).then(
        opened(framework="PSIRF2022", never_event=never_event())
    )


def test_a_late_declaration_is_a_breach_recorded_before_the_clock_is_met() -> None:
    late = serious(on=date(2018, 12, 10), declared_on=STORY)
    decided = open_case(CASE.initial, open_command(serious=late), opening_facts())
    assert decided[2:4] == (
        e.ClockBreached(rule="SIF-NOTIFY", due=date(2018, 12, 12), on=STORY, historical=True),
        e.ClockMet(rule="SIF-NOTIFY", on=STORY),
    )


@pytest.mark.parametrize(("level", "due"), [(1, date(2019, 3, 18)), (3, date(2019, 6, 19))])
def test_the_level_chooses_the_report_clock(level: m.Level, due: date) -> None:
    declared = open_command(serious=serious(level=level))
    decided = open_case(CASE.initial, declared, opening_facts())
    assert decided[-1] == clock(f"SIF-REPORT-{level}", due)


def test_a_record_older_than_the_framework_opens_without_clocks() -> None:
    old = date(2014, 1, 6)
    command = open_command(day=old, identified_on=old, serious=serious(on=old))
    decided = open_case(CASE.initial, command, opening_facts())
    assert [type(one) for one in decided] == [e.CaseOpened]


def test_before_it_opened_a_case_has_neither_parties_nor_framework() -> None:
    for read in (lambda: CASE.initial.seats, lambda: CASE.initial.framework):
        with pytest.raises(NotFound, match="no such case"):
            read()


def test_nobody_to_lead_leaves_the_case_with_the_region() -> None:
    state = CASE.fold(
        open_case(CASE.initial, open_command(serious=serious()), opening_facts(relations=()))
    )
    assert state.unrouted
    assert relations(state, REGIONAL) == {"region"}
    assert relations(state, NATIONALLY) == frozenset()


def test_without_a_region_the_national_body_sees_what_nobody_leads() -> None:
    nowhere = given(
        CASE, opened(parties=parties(found="nobody", lead=None, acting=None, region=None))
    )
    assert relations(nowhere.state, NATIONALLY) == {"national"}


def test_what_an_organisation_is_to_a_case() -> None:
    state = given(CASE, opened(parties=parties(associates=(OTHER,)))).state
    assert relations(state, PROVIDER) == {"provider"}
    assert relations(state, COMMISSIONER) == {"lead"}
    assert relations(state, STRANGER) == {"associate"}
    assert relations(CASE.initial, PROVIDER) == frozenset()
