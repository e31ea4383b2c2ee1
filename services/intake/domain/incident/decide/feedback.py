"""Keeping what became of a report: every commissioner's step, every lesson."""

from services.intake.domain.incident.messages.feedback import (
    CommissionerResponded,
    HearLesson,
    HearResponse,
    LessonDrawn,
)
from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Events, Facts


def hear_response(state: Incident, command: HearResponse, facts: Facts) -> Events:
    """What a commissioner did stands in the event's story. Raises NotFound for no such event."""
    state.require_told()
    return [CommissionerResponded(answered=command.answered)]


def hear_lesson(state: Incident, command: HearLesson, facts: Facts) -> Events:
    """The lesson stands in the event's story. Raises NotFound for no such event."""
    state.require_told()
    drawn = LessonDrawn(
        lesson=command.lesson,
        number=command.number,
        version=command.version,
        what=command.what,
        reason=command.reason,
        on=command.on,
    )
    return [drawn]
