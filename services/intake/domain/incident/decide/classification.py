"""Deciding, and hearing from others, whether an event is a never event."""

from services.intake.domain.incident.messages.classification import (
    ClassificationDecided,
    ClassificationHeard,
    ClassifyNeverEvent,
    HearClassification,
)
from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Events, Facts
from shared.nhs.never_event_judging import holds_from, judging_list


def classify_never_event(state: Incident, command: ClassifyNeverEvent, facts: Facts) -> Events:
    """The trust's decision under the list in force on the day the event occurred.

    Raises Invalid as `judging_list` does, naming the list and its dates.
    """
    state.require_live()
    decided = ClassificationDecided(
        outcome=command.outcome,
        type=command.type,
        subtype=command.subtype,
        list=judging_list(command, state.day).id,
        guidance_ref=command.guidance_ref,
        reason=command.reason,
        effective_at=holds_from(command, facts.now),
    )
    return [decided]


def hear_classification(state: Incident, command: HearClassification, facts: Facts) -> Events:
    """Another authority's decision is kept as it was told."""
    state.require_told()
    heard = ClassificationHeard(
        case=command.case,
        authority=command.authority,
        decided_by=command.decided_by,
        outcome=command.outcome,
        type=command.type,
        subtype=command.subtype,
        list=command.list,
        guidance_ref=command.guidance_ref,
        effective_at=command.effective_at,
        on=facts.today,
    )
    return [heard]
