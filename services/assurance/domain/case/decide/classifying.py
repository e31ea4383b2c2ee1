"""Deciding whether an event is a never event, above the trust: commissioner and national body."""

from typing import Literal

from services.assurance.domain.case import events as e
from services.assurance.domain.case.messages import DecideClassification
from services.assurance.domain.case.state import Case
from shared.kernel.decider import Actor, Events, Facts
from shared.kernel.errors import NotAllowed, NotNow
from shared.nhs.never_event_judging import holds_from, judging_list


def decide_classification(case: Case, command: DecideClassification, facts: Facts) -> Events:
    """Records the decision under the actor's authority. Raises Invalid as `judging_list` does,
    NotNow where a national decision stands above it."""
    case.require_there()
    authority = _authority(facts.actor)
    if authority == "commissioner" and "national" in case.decisions:
        raise NotNow("The national body has decided; its decision stands.")
    decided = e.ClassificationDecided(
        authority=authority,
        decided_by=facts.actor.organisation,
        outcome=command.outcome,
        type=command.type,
        subtype=command.subtype,
        list=judging_list(command, case.day).id,
        guidance_ref=command.guidance_ref,
        reason=command.reason,
        effective_at=holds_from(command, facts.now),
    )
    return (decided,)


def _authority(actor: Actor) -> Literal["commissioner", "national"]:
    """Under which authority the actor decides. Raises NotAllowed for any other."""
    if actor.kind == "commissioner":
        return "commissioner"
    if actor.kind == "national":
        return "national"
    raise NotAllowed("A commissioner or the national body decides this.")
