"""What intake makes of what it hears: each step of a commissioner, each lesson, in the story."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from services.intake.domain.incident.messages.classification import HearClassification
from services.intake.domain.incident.messages.feedback import Answered, HearLesson, HearResponse
from shared.contracts.assurance import (
    ActivityCorrectedV1,
    ActivityRecordedV1,
    ActivityWithdrawnV1,
    CaseAcknowledgedV1,
    CaseClosedV1,
    CaseOpenedV1,
    ClassificationDecidedV1,
    ClockBreachedV1,
    FeedbackGivenV1,
    InvestigationReturnedV1,
    RelationChangedV1,
    SuccessionRecordedV1,
)
from shared.contracts.base import spec_of
from shared.contracts.learning import LessonDrawnV1
from shared.kernel.clock import day_of
from shared.runtime.service import Heard, Reaction, To

DAYS = ("on", "opened_on")
"""The fields in which a contract says the London day of what it tells; else its time does."""


def respond(heard: Heard) -> Iterator[To]:
    """A commissioner's step stands in the event's story."""
    contract = heard.contract
    answered = Answered(
        kind=spec_of(type(contract)).fact,
        on=_day(heard),
        by=contract.commissioner,
        case=contract.case,
        **_codes(contract),
    )
    yield To(id=contract.incident, command=HearResponse(answered=answered), create=False)


def classify(heard: Heard) -> Iterator[To]:
    """Another authority's decision stands before the trust's."""
    told: ClassificationDecidedV1 = heard.contract
    command = HearClassification(
        case=told.case,
        authority=told.authority,
        decided_by=told.decided_by,
        outcome=told.outcome,
        type=told.type,
        subtype=told.subtype,
        list=told.list,
        guidance_ref=told.guidance_ref,
        effective_at=datetime.fromisoformat(told.effective_at),
    )
    yield To(id=told.incident, command=command, create=False)


def draw_lesson(heard: Heard) -> Iterable[To]:
    """The lesson stands in the story of each event that it was drawn from."""
    told: LessonDrawnV1 = heard.contract
    command = HearLesson(
        lesson=told.lesson,
        number=told.number,
        version=told.version,
        what=told.what,
        reason=told.reason,
        on=day_of(told.on),
    )
    return [To(id=one, command=command, create=False) for one in told.incidents]


RESPONSES: tuple[type[Any], ...] = (
    CaseOpenedV1,
    CaseAcknowledgedV1,
    ActivityRecordedV1,
    ActivityCorrectedV1,
    ActivityWithdrawnV1,
    FeedbackGivenV1,
    InvestigationReturnedV1,
    ClockBreachedV1,
    CaseClosedV1,
)
"""The steps of a commissioner that an event's story tells."""

REACTIONS = (
    *(Reaction(one, does=respond) for one in RESPONSES),
    Reaction(ClassificationDecidedV1, does=classify),
    Reaction(LessonDrawnV1, does=draw_lesson),
    Reaction(RelationChangedV1, remember=True),
    Reaction(SuccessionRecordedV1, remember=True),
)


def _day(heard: Heard) -> date:
    for name in DAYS:
        if hasattr(heard.contract, name):
            return day_of(getattr(heard.contract, name))
    return day_of(heard.event.attributes["time"])


def _codes(contract: Any) -> dict[str, Any]:
    told = {name: getattr(contract, name, None) for name in _CODES}
    due = told.pop("due")
    return {
        **{name: code for name, code in told.items() if code is not None and name != "modes"},
        "modes": tuple(told["modes"] or ()),
        "due": day_of(due) if due else None,
    }


_CODES = ("n", "about", "verdict", "activity", "modes", "depth", "due", "rule", "learning")
