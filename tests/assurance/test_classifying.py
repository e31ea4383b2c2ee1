"""Commissioner and national body decide on a never event by the list of the incident's day."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.assurance.domain.case import events as e
from services.assurance.domain.case.decide.classifying import decide_classification
from services.assurance.domain.case.messages import DecideClassification
from services.assurance.domain.case.state import CASE
from shared.kernel.errors import Invalid, NotAllowed, NotFound, NotNow
from tests.assurance.builders import (
    COMMISSIONER,
    LEAD,
    NATIONALLY,
    PROVIDER,
    facts,
    never_event,
    opened,
)
from tests.kit.decider import given

NOW = facts().now
CASE_OF_DECEMBER = given(CASE, opened(never_event=never_event()))
CASE_OF_JANUARY = given(CASE, opened(day=date(2018, 1, 14), never_event=never_event()))


def _command(**changed: Any) -> DecideClassification:
    return DecideClassification(
        **{"outcome": "meets", "type": "15", "reason": "Seen on the ward", **changed}
    )


def _decided(**changed: Any) -> e.ClassificationDecided:
    told: dict[str, Any] = {
        "authority": "commissioner",
        "decided_by": LEAD,
        "outcome": "meets",
        "type": "15",
        "list": "2018-02-01",
        "reason": "Seen on the ward",
        "effective_at": NOW,
        **changed,
    }
    return e.ClassificationDecided(**told)


def test_a_commissioner_decides_by_the_list_of_the_day() -> None:
    CASE_OF_DECEMBER.when(decide_classification, _command(), facts()).then(_decided())


def test_a_type_that_joined_the_list_later_is_refused() -> None:
    CASE_OF_JANUARY.when(decide_classification, _command(), facts()).refused(
        Invalid, "No such type on the Never events list 2015/16"
    )


def test_another_list_needs_the_guidance_that_names_it() -> None:
    command = _command(list="2018-02-01")
    CASE_OF_JANUARY.when(decide_classification, command, facts()).refused(Invalid, "guidance")
    guided = _command(list="2018-02-01", guidance_ref="NHSI-2018-07")
    CASE_OF_JANUARY.when(decide_classification, guided, facts()).then(
        _decided(guidance_ref="NHSI-2018-07")
    )


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"type": None}, "Name the type"),
        ({"type": "99"}, "No such type"),
        ({"outcome": "does_not_meet", "type": None, "subtype": "1-tooth"}, "belongs to a type"),
        ({"effective_at": NOW + timedelta(seconds=1)}, "time to come"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], match: str) -> None:
    CASE_OF_DECEMBER.when(decide_classification, _command(**changed), facts()).refused(
        Invalid, match
    )


def test_not_meeting_needs_no_type() -> None:
    command = _command(outcome="does_not_meet", type=None)
    CASE_OF_DECEMBER.when(decide_classification, command, facts()).then(
        _decided(outcome="does_not_meet", type=None)
    )


def test_the_national_decision_stands_above_the_commissioners_and_the_trusts() -> None:
    national = _decided(authority="national", decided_by="X26", outcome="does_not_meet")
    past = given(CASE, opened(never_event=never_event()), _decided(), national)
    assert not past.state.is_never_event
    past.when(decide_classification, _command(), facts()).refused(NotNow, "stands")
    past.when(decide_classification, _command(), facts(actor=NATIONALLY)).then(
        _decided(authority="national", decided_by="X26")
    )


def test_a_trust_decides_elsewhere_and_nobody_on_nothing() -> None:
    CASE_OF_DECEMBER.when(decide_classification, _command(), facts(actor=PROVIDER)).refused(
        NotAllowed
    )
    given(CASE).when(decide_classification, _command(), facts(actor=COMMISSIONER)).refused(NotFound)
