"""Deciding whether an event is a never event, above the trust: commissioner and national body."""

from services.assurance.domain.case import events as e
from services.assurance.domain.case.messages import DecideClassification
from services.assurance.domain.case.state import Case
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Invalid, NotAllowed, NotNow
from shared.nhs.never_events import (
    NeverEventList,
    NoListInForce,
    NotOnList,
    list_by_id,
    list_on,
    type_on_list,
)


def decide_classification(case: Case, command: DecideClassification, facts: Facts) -> Events:
    """Records the decision under the actor's authority. Raises Invalid for a list or type that
    does not fit the incident's day, NotNow where a national decision stands above it."""
    _ = case.seats
    authority = facts.actor.kind
    if authority not in ("commissioner", "national"):
        raise NotAllowed("A commissioner or the national body decides this.")
    if authority == "commissioner" and "national" in case.decisions:
        raise NotNow("The national body has decided; its decision stands.")
    of = _list(case, command)
    _require_type(of, command)
    effective_at = command.effective_at or facts.now
    if effective_at > facts.now:
        raise Invalid("/effective_at", "future", "A decision cannot hold from a time to come.")
    decided = e.ClassificationDecided(
        authority="commissioner" if authority == "commissioner" else "national",
        decided_by=facts.actor.organisation,
        outcome=command.outcome,
        type=command.type,
        subtype=command.subtype,
        list=of.id,
        guidance_ref=command.guidance_ref,
        reason=command.reason,
        effective_at=effective_at,
    )
    return (decided,)


def _list(case: Case, command: DecideClassification) -> NeverEventList:
    """The list in force on the day it occurred, unless guidance names another."""
    try:
        of_the_day = list_on(case.day)
        chosen = list_by_id(command.list) if command.list else of_the_day
    except NoListInForce as none:
        raise Invalid("/list", "no_such_list", str(none).capitalize() + ".") from none
    if chosen.id != of_the_day.id and command.guidance_ref is None:
        raise Invalid(
            "/guidance_ref", "required", "Another list than that of the day needs its guidance."
        )
    return chosen


def _require_type(of: NeverEventList, command: DecideClassification) -> None:
    if command.type is None:
        if command.outcome == "meets":
            raise Invalid("/type", "required", "Say which type of the list the event meets.")
        return
    try:
        found = type_on_list(of, command.type).type
    except NotOnList as absent:
        raise Invalid("/type", "not_on_list", f"The {of.title} has no such type.") from absent
    if found.suspended and command.outcome == "meets":
        raise Invalid("/type", "suspended", "This type is suspended; nothing can meet it.")
    if command.subtype and found.subtype(command.subtype) is None:
        raise Invalid("/subtype", "not_on_list", "The type has no such subtype on this list.")
