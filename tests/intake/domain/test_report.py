"""Reporting, amending and withdrawing an event."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.intake.domain.incident.decide.report import (
    amend_event,
    report_event,
    withdraw_event,
)
from services.intake.domain.incident.messages.classification import NeverEventProposed
from services.intake.domain.incident.messages.passages import SubjectErased
from services.intake.domain.incident.messages.report import (
    Changes,
    EventAmended,
    EventWithdrawn,
    Patient,
    Reporter,
    WithdrawEvent,
)
from services.intake.domain.incident.state import INCIDENT
from shared.kernel.errors import AlreadyExists, Invalid, NotFound, NotNow
from tests.intake import builders as make
from tests.kit.decider import given


def test_a_report_is_recorded_with_who_where_and_whose_filled_in():
    given(INCIDENT).when(report_event, make.report_event(), make.record_facts()).then(
        make.reported()
    )


def test_where_it_happened_leads_unless_another_is_named():
    command = make.report_event(occurred_at=make.OTHER_TRUST)
    expected = make.reported(occurred_at=make.OTHER_TRUST, leads=make.OTHER_TRUST)
    given(INCIDENT).when(report_event, command, make.record_facts()).then(expected)


def test_an_unknown_organisation_is_kept_as_unverified_never_refused():
    command = make.report_event(occurred_at="ZZ999", leads=make.TRUST)
    expected = make.reported(
        occurred_at="ZZ999", leads=make.TRUST, basis_=make.basis(unverified=("occurred_at",))
    )
    given(INCIDENT).when(report_event, command, make.record_facts()).then(expected)


def test_the_worst_harm_over_patients_is_kept_in_clear():
    patients = (
        Patient(number=1, physical_harm="low"),
        Patient(number=2, physical_harm="moderate", psychological_harm="severe"),
    )
    expected = make.reported(patients=patients, basis_=make.basis(worst_harm="severe"))
    command = make.report_event(patients=patients)
    given(INCIDENT).when(report_event, command, make.record_facts()).then(expected)


def test_flagged_passages_hold_nothing_back_and_are_numbered():
    given(INCIDENT).when(
        report_event,
        make.report_event(),
        make.record_facts(make.flag(), make.flag("location", 2, 8)),
    ).then(make.reported(make.passage(1), make.passage(2, "location", 2, 8)))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"occurred": date(2018, 12, 21)}, "/occurred"),
        ({"occurred": datetime(2018, 12, 20, 9, 31, tzinfo=UTC)}, "/occurred"),
        ({"identified_on": date(2018, 12, 21)}, "/identified_on"),
        ({"identified_on": date(2018, 12, 18)}, "/identified_on"),
        ({"patients": (Patient(number=1), Patient(number=1))}, "/patients"),
        ({"patients": (Patient(number=1, age_bracket="young"),)}, "/patients/0/age_bracket"),
        ({"patients": (Patient(number=1, gender="x"),)}, "/patients/0/gender"),
        (
            {"patients": (Patient(number=1, psychological_harm="fatal"),)},
            "/patients/0/psychological_harm",
        ),
        ({"patients": (Patient(number=1, physical_harm="bad"),)}, "/patients/0/physical_harm"),
        ({"agents": ("none", "magic")}, "/agents/1"),
        ({"service_area": "attic"}, "/service_area"),
        ({"level_of_concern": "some"}, "/level_of_concern"),
        ({"reporter": Reporter(type="robot")}, "/reporter/type"),
        (
            {"reporter": Reporter(anonymous=True, why_anonymous=("shy",))},
            "/reporter/why_anonymous/0",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(fields, pointer):
    refusal = (
        given(INCIDENT)
        .when(report_event, make.report_event(**fields), make.record_facts())
        .refused(Invalid)
    )
    assert [one.pointer for one in refusal.faults] == [pointer]


def test_an_instant_keeps_its_precision_and_falls_on_a_london_day():
    late = datetime(2018, 6, 30, 23, 30, tzinfo=UTC)
    command = make.report_event(occurred=late)
    expected = make.reported(occurred=late, identified_on=date(2018, 7, 1))
    given(INCIDENT).when(report_event, command, make.record_facts()).then(expected)


def test_the_same_event_is_reported_once():
    given(INCIDENT, make.reported()).when(
        report_event, make.report_event(), make.record_facts()
    ).refused(AlreadyExists)


def test_words_in_the_account_propose_a_type_that_the_list_of_the_day_counts():
    command = make.report_event(what_happened=make.WHAT)
    proposal = NeverEventProposed(
        type="15",
        list="2018-02-01",
        framework="SIF2015",
        causes=("words",),
        rule="never-event-words-1",
    )
    given(INCIDENT).when(report_event, command, make.record_facts()).then(
        make.reported(what_happened=make.WHAT), proposal
    )


def test_the_same_words_propose_nothing_before_the_type_joined_the_list():
    january = date(2018, 1, 15)
    command = make.report_event(what_happened=make.WHAT, occurred=january)
    given(INCIDENT).when(report_event, command, make.record_facts()).then(
        make.reported(what_happened=make.WHAT, occurred=january, identified_on=january)
    )


def test_an_amendment_records_what_changed_and_what_was_cleared():
    patient = Patient(number=1, physical_harm="moderate")
    past = make.reported(location="Ward 7", reference=make.reference())
    command = make.amend_event(patients=(patient,), reason="Harm known now.")
    expected = EventAmended(
        changes=Changes(patients=(patient,)),
        cleared=("location",),
        changed=("location", "patients", "worst_harm"),
        basis=make.basis(worst_harm="moderate"),
        reason="Harm known now.",
    )
    given(INCIDENT, past).when(amend_event, command, make.record_facts()).then(expected)
    state = given(INCIDENT, past, expected).state
    assert state.told == make.report(patients=(patient,), reference=make.reference())


def test_a_record_sent_again_unchanged_is_no_event():
    given(INCIDENT, make.reported()).when(
        amend_event, make.amend_event(), make.record_facts(make.flag())
    ).nothing()


def test_flags_of_an_unchanged_text_stay_settled_and_new_ones_are_numbered_on():
    command = make.amend_event(location="Ward 7, bed of 999 000 0018")
    given(INCIDENT, make.reported(make.passage(1))).when(
        amend_event,
        command,
        make.record_facts(make.flag("what_happened"), make.flag("location", 15, 27)),
    ).then(
        EventAmended(
            changes=Changes(location="Ward 7, bed of 999 000 0018"),
            cleared=(),
            changed=("location",),
            basis=make.basis(),
            passages=(make.passage(2, "location", 15, 27),),
        )
    )


def test_passages_of_a_rewritten_text_go_with_it():
    amended = EventAmended(
        changes=Changes(what_happened="Told anew."),
        cleared=(),
        changed=("what_happened",),
        basis=make.basis(),
    )
    past = make.reported(make.passage(1), make.passage(2, "location"), location="Ward")
    state = given(INCIDENT, past, amended).state
    assert [one.number for one in state.passages] == [2]
    assert state.texts["what_happened"] == "Told anew."


def test_the_reference_identifies_the_record_and_stays():
    past = make.reported(reference=make.reference())
    command = make.amend_event(reference=make.reference("INC-8"))
    given(INCIDENT, past).when(amend_event, command, make.record_facts()).refused(Invalid)
    given(INCIDENT, past).when(amend_event, make.amend_event(), make.record_facts()).nothing()


def test_a_moved_date_calls_a_decision_into_question_and_changes_none():
    january = date(2018, 1, 15)
    proposal = NeverEventProposed(
        type=None,
        list="2015-04-01",
        framework="SIF2015",
        causes=("day",),
        rule="never-event-amended-1",
    )
    given(INCIDENT, make.reported(), make.classified()).when(
        amend_event, make.amend_event(occurred=january), make.record_facts()
    ).then(
        EventAmended(
            changes=Changes(occurred=january, identified_on=january),
            cleared=(),
            changed=("occurred", "identified_on"),
            basis=make.basis(),
        ),
        proposal,
    )
    state = given(INCIDENT, make.reported(), make.classified(), proposal).state
    assert state.standing == make.classified()
    assert state.proposal == proposal


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"occurred_at": make.OTHER_TRUST, "leads": make.TRUST}, "place"),
        ({"patients": (Patient(number=1, physical_harm="fatal"),)}, "harm"),
    ],
)
def test_place_and_harm_call_a_decision_into_question_too(fields, cause):
    decided = amend_event(
        given(INCIDENT, make.reported(), make.classified()).state,
        make.amend_event(**fields),
        make.record_facts(),
    )
    proposal = decided[-1]
    assert isinstance(proposal, NeverEventProposed)
    assert (proposal.causes, proposal.type) == ((cause,), "15")


def test_the_framework_follows_its_day_until_something_was_decided_under_it():
    autumn = {"occurred": date(2023, 10, 2)}
    now = make.record_facts(framework="PSIRF2022", now=datetime(2023, 10, 3, 9, tzinfo=UTC))
    free = amend_event(given(INCIDENT, make.reported()).state, make.amend_event(**autumn), now)
    amended = free[0]
    assert isinstance(amended, EventAmended)
    assert amended.basis.framework == "PSIRF2022"
    assert amended.changed == ("occurred", "identified_on", "framework")

    bound = amend_event(
        given(INCIDENT, make.reported(), make.declared()).state, make.amend_event(**autumn), now
    )
    kept, proposal = bound
    assert isinstance(kept, EventAmended)
    assert isinstance(proposal, NeverEventProposed)
    assert kept.basis.framework == "SIF2015"
    assert (proposal.framework, proposal.causes) == ("PSIRF2022", ("framework",))


def test_words_told_later_propose_and_the_same_proposal_is_not_repeated():
    command = make.amend_event(what_happened=make.WHAT)
    state = given(INCIDENT, make.reported()).state
    decided = amend_event(state, command, make.record_facts())
    assert [type(one) for one in decided] == [EventAmended, NeverEventProposed]
    again = INCIDENT.fold(decided, state)
    more = make.amend_event(what_happened=f"{make.WHAT} It was seen at once.")
    assert [type(one) for one in amend_event(again, more, make.record_facts())] == [EventAmended]


def test_what_was_erased_is_not_told_again_by_an_amendment():
    patient = Patient(number=1, age_bracket="66-85y", physical_harm="severe")
    reporter = Reporter(type="staff", role="Nurse")
    past = make.reported(
        patients=(patient,), reporter=reporter, basis_=make.basis(worst_harm="severe")
    )
    erasures = (
        SubjectErased(scope="patient", patient=1, ground="retention"),
        SubjectErased(scope="reporter", patient=None, ground="request"),
    )
    same = make.amend_event(patients=(patient,), reporter=reporter)
    given(INCIDENT, past, *erasures).when(amend_event, same, make.record_facts()).nothing()
    more = replace(same, what_happened="Told anew.")
    given(INCIDENT, past, *erasures).when(amend_event, more, make.record_facts()).then(
        EventAmended(
            changes=Changes(what_happened="Told anew."),
            cleared=(),
            changed=("what_happened",),
            basis=make.basis(worst_harm="severe"),
        )
    )


def test_a_withdrawn_record_is_worked_on_no_more():
    command = WithdrawEvent(reason="duplicate", explanation="The same as another.")
    withdrawn = EventWithdrawn(reason="duplicate", explanation="The same as another.")
    given(INCIDENT, make.reported()).when(withdraw_event, command, make.facts()).then(withdrawn)
    past = given(INCIDENT, make.reported(), withdrawn)
    past.when(withdraw_event, command, make.facts()).refused(NotNow)
    past.when(amend_event, make.amend_event(kind="risk"), make.record_facts()).refused(NotNow)


def test_nothing_is_withdrawn_that_was_never_reported():
    given(INCIDENT).when(withdraw_event, WithdrawEvent(reason="duplicate"), make.facts()).refused(
        NotFound
    )
