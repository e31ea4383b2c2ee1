"""What intake makes of what it hears."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.domain.incident.messages.classification import HearClassification
from services.intake.domain.incident.messages.feedback import Answered, HearLesson, HearResponse
from services.intake.reactions import REACTIONS, RESPONSES
from shared.contracts.assurance import (
    ActivityRecordedV1,
    CaseClosedV1,
    CaseOpenedV1,
    ClassificationDecidedV1,
    ClockBreachedV1,
    FeedbackGivenV1,
    InvestigationReturnedV1,
    RelationChangedV1,
    SuccessionRecordedV1,
)
from shared.contracts.envelope import CloudEvent
from shared.contracts.learning import LessonDrawnV1
from shared.runtime.service import Heard, To

ABOUT: Any = {"incident": "e1", "case": "c1", "provider": "RHQ", "commissioner": "03N"}
ON = date(2018, 12, 21)


def react(contract) -> list[To]:
    heard = Heard(
        contract=contract,
        event=CloudEvent(attributes={"time": "2018-12-31T23:30:00Z"}, data=b""),
    )
    (row,) = [one for one in REACTIONS if one.hears is type(contract)]
    return list(row.does(heard))


@pytest.mark.parametrize(
    ("contract", "answered"),
    [
        (
            CaseOpenedV1(
                **ABOUT, framework="SIF2015", reason="never_event", opened_on="2018-12-21"
            ),
            Answered(kind="case_opened", on=ON, by="03N", case="c1"),
        ),
        (
            ActivityRecordedV1(
                **ABOUT,
                activity="a1",
                on="2018-12-21",
                modes=["site_visit", "staff_conversation"],
                participants=["staff"],
                depth=2,
                depth_rule="depth-1",
            ),
            Answered(
                kind="activity_recorded",
                on=ON,
                by="03N",
                case="c1",
                activity="a1",
                modes=("site_visit", "staff_conversation"),
                depth=2,
            ),
        ),
        (
            FeedbackGivenV1(
                **ABOUT, about="investigation", verdict="accepted", n=2, on="2018-12-21"
            ),
            Answered(
                kind="feedback_given",
                on=ON,
                by="03N",
                case="c1",
                n=2,
                about="investigation",
                verdict="accepted",
            ),
        ),
        (
            InvestigationReturnedV1(
                **ABOUT, n=1, open_criteria=["C3"], on="2018-12-21", due="2019-01-31"
            ),
            Answered(
                kind="investigation_returned",
                on=ON,
                by="03N",
                case="c1",
                n=1,
                due=date(2019, 1, 31),
            ),
        ),
        (
            CaseClosedV1(
                **ABOUT, on="2018-12-21", learning=True, themes=["gas"], actions_open=0, depth=3
            ),
            Answered(kind="case_closed", on=ON, by="03N", case="c1", depth=3, learning=True),
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_commissioners_step_goes_into_the_story(contract, answered):
    assert react(contract) == [To("e1", HearResponse(answered=answered), create=False)]


def test_what_says_no_day_happened_on_the_london_day_of_its_time():
    (to,) = react(
        ClockBreachedV1(**{**ABOUT, "commissioner": None}, rule="SIF-QA", due="2018-12-30")
    )
    answered = to.command.answered
    assert (answered.on, answered.by, answered.rule) == (date(2018, 12, 31), None, "SIF-QA")
    assert answered.due == date(2018, 12, 30)


def test_another_authoritys_decision_is_heard():
    told = ClassificationDecidedV1(
        **ABOUT,
        authority="national",
        decided_by="X26",
        outcome="does_not_meet",
        type="15",
        list="2018-02-01",
        effective_at="2018-12-21T10:00:00Z",
    )
    command = HearClassification(
        case="c1",
        authority="national",
        decided_by="X26",
        outcome="does_not_meet",
        type="15",
        list="2018-02-01",
        effective_at=datetime(2018, 12, 21, 10, tzinfo=UTC),
    )
    assert react(told) == [To("e1", command, create=False)]


def test_a_lesson_goes_to_each_event_it_was_drawn_from():
    told = LessonDrawnV1(
        lesson="l1",
        number="OD-LESSON-2019-1",
        version=1,
        what="published",
        on="2018-12-21",
        incidents=["e1", "e2"],
    )
    command = HearLesson(lesson="l1", number="OD-LESSON-2019-1", version=1, what="published", on=ON)
    assert react(told) == [To("e1", command, create=False), To("e2", command, create=False)]


def test_why_a_lesson_was_withdrawn_goes_with_it():
    told = LessonDrawnV1(
        lesson="l1",
        number="OD-LESSON-2019-1",
        version=1,
        what="withdrawn",
        reason="found_harmful",
        on="2018-12-21",
        incidents=["e1"],
    )
    (to,) = react(told)
    assert (to.command.what, to.command.reason) == ("withdrawn", "found_harmful")


def test_who_commissions_whom_is_only_remembered():
    remembered = {one.hears for one in REACTIONS if one.remember}
    assert remembered == {RelationChangedV1, SuccessionRecordedV1}


def test_every_response_tells_of_one_incident():
    assert all(
        {"incident", "case", "commissioner"} <= set(one.__dataclass_fields__) for one in RESPONSES
    )
