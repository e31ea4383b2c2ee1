"""Deciding whether an event is a never event."""

from datetime import UTC, date, datetime

import pytest

from services.intake.domain.incident.decide.classification import (
    classify_never_event,
    hear_classification,
)
from services.intake.domain.incident.messages.classification import (
    ClassificationHeard,
    HearClassification,
)
from services.intake.domain.incident.messages.report import EventWithdrawn
from services.intake.domain.incident.state import INCIDENT
from shared.kernel.errors import Invalid, NotFound, NotNow
from tests.intake import builders as make
from tests.kit.decider import given

JANUARY = date(2018, 1, 15)


def decide(command, *past):
    return given(INCIDENT, *(past or (make.reported(),))).when(
        classify_never_event, command, make.facts()
    )


def test_the_list_in_force_on_the_day_is_named_in_the_decision():
    decide(make.classify()).then(make.classified())


def test_a_type_that_the_list_did_not_hold_that_day_is_refused_naming_the_list():
    refusal = decide(
        make.classify(), make.reported(occurred=JANUARY, identified_on=JANUARY)
    ).refused(Invalid, r"Never events list 2015/16 \(in force 2015-04-01 to 2018-01-31\)")
    assert refusal.faults[0].pointer == "/type"


def test_the_day_counts_in_london():
    eve = datetime(2021, 3, 31, 23, 30, tzinfo=UTC)
    past = make.reported(occurred=eve, identified_on=date(2021, 4, 1))
    now = make.facts(now=datetime(2021, 4, 2, 9, tzinfo=UTC))
    given(INCIDENT, past).when(
        classify_never_event, make.classify(type="1", subtype="1-tooth"), now
    ).refused(Invalid, "amended February 2021")


def test_named_guidance_may_put_another_list_in_its_place():
    command = make.classify(list="2018-02-01", guidance_ref="NRLS-2018-02")
    past = make.reported(occurred=JANUARY, identified_on=JANUARY)
    decide(command, past).then(make.classified(list="2018-02-01", guidance_ref="NRLS-2018-02"))
    refusal = decide(make.classify(list="2018-02-01"), past).refused(Invalid)
    assert refusal.faults[0].code == "guidance_needed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "99"}, "not_on_list"),
        ({"type": None}, "type_needed"),
        ({"effective_at": datetime(2019, 1, 1, tzinfo=UTC)}, "future"),
    ],
)
def test_a_decision_that_the_list_cannot_bear_is_refused(fields, code):
    refusal = decide(make.classify(**fields)).refused(Invalid)
    assert refusal.faults[0].code == code


def test_what_does_not_meet_needs_no_type():
    past = make.reported(occurred=JANUARY, identified_on=JANUARY)
    decide(make.classify(outcome="does_not_meet", type=None), past).then(
        make.classified(outcome="does_not_meet", type=None, list="2015-04-01")
    )


def test_before_the_first_list_nothing_can_be_decided():
    old = date(2014, 5, 1)
    decide(make.classify(), make.reported(occurred=old, identified_on=old)).refused(Invalid)


def test_a_withdrawn_event_is_not_classified():
    decide(make.classify(), make.reported(), EventWithdrawn(reason="entered_in_error")).refused(
        NotNow
    )


def heard(authority="commissioner", outcome="does_not_meet"):
    return ClassificationHeard(
        case="case1",
        authority=authority,
        decided_by=make.CCG,
        outcome=outcome,
        type="15",
        subtype=None,
        list="2018-02-01",
        guidance_ref=None,
        effective_at=make.NOW,
        on=make.NOW.date(),
    )


def test_another_authority_is_heard_and_goes_before_the_trust():
    command = HearClassification(
        case="case1",
        authority="commissioner",
        decided_by=make.CCG,
        outcome="does_not_meet",
        type="15",
        list="2018-02-01",
        effective_at=make.NOW,
    )
    given(INCIDENT, make.reported()).when(hear_classification, command, make.facts()).then(heard())
    given(INCIDENT).when(hear_classification, command, make.facts()).refused(NotFound)

    national = heard("national", "meets")
    past = (make.reported(), heard(), national, make.classified(outcome="under_review"))
    assert given(INCIDENT, *past).state.standing == national
    assert given(INCIDENT, make.reported(), make.classified(), heard()).state.standing == heard()
