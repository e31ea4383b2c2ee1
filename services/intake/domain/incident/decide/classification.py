"""Deciding, and hearing from others, whether an event is a never event."""

from services.intake.domain.incident.messages.classification import (
    ClassificationDecided,
    ClassificationHeard,
    ClassifyNeverEvent,
    HearClassification,
)
from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Invalid
from shared.nhs.never_events import (
    NeverEventList,
    NoListInForce,
    NotOnList,
    list_by_id,
    list_on,
    type_on_list,
)


def classify_never_event(state: Incident, command: ClassifyNeverEvent, facts: Facts) -> Events:
    """The trust's decision under the list in force on the day the event occurred.

    Raises Invalid for a type or subtype which that list does not hold, naming the list and its
    dates, and for another list without the guidance that names it.
    """
    state.require_live()
    on_list = _list_for(state, command)
    _require_on_list(command, on_list)
    effective_at = command.effective_at or facts.now
    if effective_at > facts.now:
        raise Invalid("/effective_at", "future", "A decision cannot hold from a time to come.")
    decided = ClassificationDecided(
        outcome=command.outcome,
        type=command.type,
        subtype=command.subtype,
        list=on_list.id,
        guidance_ref=command.guidance_ref,
        reason=command.reason,
        effective_at=effective_at,
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


def _list_for(state: Incident, command: ClassifyNeverEvent) -> NeverEventList:
    try:
        if command.list is None:
            return list_on(state.day)
        if command.guidance_ref is None and command.list != list_on(state.day).id:
            raise Invalid(
                "/guidance_ref",
                "guidance_needed",
                "The list in force on the day holds unless named guidance says otherwise.",
            )
        return list_by_id(command.list)
    except NoListInForce as none:
        raise Invalid("/list", "no_list", _sentence(str(none))) from None


def _require_on_list(command: ClassifyNeverEvent, on_list: NeverEventList) -> None:
    if command.type is None:
        if command.outcome == "meets":
            raise Invalid("/type", "type_needed", "Name the type of never event that it meets.")
        if command.subtype is not None:
            raise Invalid("/subtype", "type_needed", "A subtype belongs to a type: name it.")
        return
    try:
        found = type_on_list(on_list, command.type).type
    except NotOnList as absent:
        raise Invalid("/type", "not_on_list", _sentence(str(absent))) from None
    if found.suspended and command.outcome == "meets":
        message = f"{found.title} is suspended on the {on_list.described}: nothing can meet it."
        raise Invalid("/type", "suspended", message)
    if command.subtype is not None and found.subtype(command.subtype) is None:
        message = f"No such subtype on the {on_list.described}."
        raise Invalid("/subtype", "not_on_list", message)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
