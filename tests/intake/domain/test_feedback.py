"""What became of a report stands in its story."""

from dataclasses import replace
from typing import Any

from services.intake.domain.incident.decide.feedback import hear_lesson, hear_response
from services.intake.domain.incident.messages.feedback import (
    HearLesson,
    HearResponse,
    LessonDrawn,
)
from services.intake.domain.incident.state import INCIDENT
from shared.kernel.errors import NotFound
from tests.intake import builders as make
from tests.kit.decider import given

RESPONDED = make.responded("activity_recorded", activity="a1", modes=("site_visit",), depth=2)
LESSON = HearLesson(
    lesson="l1", number="OD-LESSON-2019-1", version=1, what="published", on=make.NOW.date()
)
DRAWN = LessonDrawn(
    lesson="l1", number="OD-LESSON-2019-1", version=1, what="published", on=make.NOW.date()
)


def test_what_a_commissioner_did_is_kept():
    given(INCIDENT, make.reported()).when(
        hear_response, HearResponse(answered=RESPONDED.answered), make.facts()
    ).then(RESPONDED)


def test_a_lesson_is_kept():
    given(INCIDENT, make.reported()).when(hear_lesson, LESSON, make.facts()).then(DRAWN)


def test_a_withdrawn_lesson_is_kept_with_its_reason():
    gone: dict[str, Any] = {"what": "withdrawn", "reason": "found_harmful"}
    given(INCIDENT, make.reported()).when(hear_lesson, replace(LESSON, **gone), make.facts()).then(
        replace(DRAWN, **gone)
    )


def test_nothing_is_kept_of_an_event_that_is_not_here():
    response = HearResponse(answered=RESPONDED.answered)
    given(INCIDENT).when(hear_response, response, make.facts()).refused(NotFound)
    given(INCIDENT).when(hear_lesson, LESSON, make.facts()).refused(NotFound)
