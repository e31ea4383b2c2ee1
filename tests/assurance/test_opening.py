"""A first mark opens a case, a later one adds to it; clocks start with a declaration alone."""

from datetime import date

import pytest

from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide.opening import (
    acknowledge,
    erase_text,
    hand_over,
    note_change,
    open_case,
    reroute,
)
from services.assurance.domain.case.state import CASE, relations
from services.assurance.domain.rules.notes import ActivityErased
from shared.kernel.decider import On
from shared.kernel.errors import Invalid, NotFound, NotNow
from tests.assurance.builders import (
    COMMISSIONER,
    ICB,
    LEAD,
    NATIONALLY,
    OTHER,
    PROVIDER,
    REGION,
    REGIONAL,
    STORY,
    STRANGER,
    clock,
    erasing_facts,
    facts,
    never_event,
    open_command,
    opened,
    opening_facts,
    parties,
    rerouting_facts,
    serious,
    unrouted,
)
from tests.kit.decider import given

DECLARED = (
    clock("SIF-NOTIFY", date(2018, 12, 21)),
    e.ClockMet(rule="SIF-NOTIFY", on=STORY),
    clock("SIF-INITIAL", date(2018, 12, 24)),
    clock("SIF-REPORT-2", date(2019, 3, 18)),
)


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


def test_the_region_names_the_lead() -> None:
    command = m.Reroute(to=OTHER, reason="They commission the ward")
    past = given(CASE, opened(serious=serious(), parties=unrouted()))
    rerouted = e.CaseRerouted(to=OTHER, by=REGION, on=STORY, reason=command.reason)
    past.when(reroute, command, rerouting_facts()).then(rerouted)
    assert relations(CASE.fold([rerouted], past.state), STRANGER) == {"lead"}


def test_only_a_commissioner_can_be_named_and_not_the_one_that_leads() -> None:
    past = given(CASE, opened(serious=serious()))
    past.when(reroute, m.Reroute(to="RTH", reason="x"), rerouting_facts(kind="trust")).refused(
        Invalid, "No commissioner"
    )
    past.when(reroute, m.Reroute(to=LEAD, reason="x"), rerouting_facts()).refused(NotNow, "leads")


def test_the_commissioner_acknowledges_once() -> None:
    past = given(CASE, opened(serious=serious()))
    done = e.CaseAcknowledged(on=STORY, organisation=LEAD, person="hmac-p1")
    past.when(acknowledge, m.Acknowledge(), facts()).then(done)
    given(CASE, opened(serious=serious()), done).when(
        acknowledge, m.Acknowledge(), facts()
    ).refused(NotNow, "already")


def test_nobody_acknowledges_what_nobody_leads_or_what_is_not_there() -> None:
    given(CASE, opened(serious=serious(), parties=unrouted())).when(
        acknowledge, m.Acknowledge(), facts()
    ).refused(NotNow, "No commissioner")
    given(CASE).when(acknowledge, m.Acknowledge(), facts()).refused(NotFound)


def test_a_change_at_the_trust_is_noted_and_moves_the_day() -> None:
    earlier = date(2018, 1, 14)
    command = m.NoteChange(what="amended", fields=("occurred",), day=earlier)
    noted = e.ChangeNoted(what="amended", on=STORY, fields=("occurred",), day=earlier)
    past = given(CASE, opened(serious=serious()))
    past.when(note_change, command, facts()).then(noted)
    assert CASE.fold([noted], past.state).day == earlier


def test_a_withdrawn_record_stops_what_still_runs_and_keeps_what_was_met() -> None:
    past = given(CASE, opened(serious=serious()), *DECLARED)
    decided = note_change(past.state, m.NoteChange(what="withdrawn"), facts())
    assert decided == (
        e.ChangeNoted(what="withdrawn", on=STORY),
        e.ClockVoided(rule="SIF-INITIAL", on=STORY, cause="withdrawn"),
        e.ClockVoided(rule="SIF-REPORT-2", on=STORY, cause="withdrawn"),
    )
    after = given(CASE, opened(serious=serious()), *DECLARED, *decided)
    after.when(note_change, m.NoteChange(what="withdrawn"), facts()).nothing()
    after.when(acknowledge, m.Acknowledge(), facts()).refused(NotNow, "withdrew")


def test_a_trust_that_thinks_again_no_longer_has_a_never_event() -> None:
    past = given(CASE, opened(never_event=never_event()))
    assert past.state.is_never_event
    command = m.NoteChange(what="classification", never_event=never_event("does_not_meet"))
    decided = note_change(past.state, command, facts())
    assert not CASE.fold(decided, past.state).is_never_event


def test_the_text_goes_once() -> None:
    command = m.EraseText(ground="retention")
    erased = e.SubjectErased(ground="retention")
    given(CASE, opened()).when(erase_text, command, erasing_facts()).then(erased)
    given(CASE, opened(), erased).when(erase_text, command, erasing_facts()).nothing()


def test_the_text_of_what_was_done_about_the_case_alone_goes_with_it() -> None:
    command = m.EraseText(ground="retention")
    told = erasing_facts(("activity-a1", 2))
    given(CASE, opened()).when(erase_text, command, told).then(
        e.SubjectErased(ground="retention"),
        On("activity-a1", 3, ActivityErased(ground="retention")),
    )


def test_the_successor_holds_what_the_former_held_from_the_day_on() -> None:
    on = date(2022, 7, 1)
    command = m.HandOver(former=LEAD, to=ICB, on=on)
    past = given(CASE, opened(serious=serious()))
    past.when(hand_over, command, facts(today=date(2022, 6, 30))).nothing()
    handed = e.CaseHandedOver(former=LEAD, to=ICB, on=on)
    past.when(hand_over, command, facts(today=on)).then(handed)
    after = given(CASE, opened(serious=serious()), handed)
    assert (after.state.seats.lead, after.state.seats.acting) == (LEAD, ICB)
    after.when(hand_over, command, facts(today=on)).nothing()
