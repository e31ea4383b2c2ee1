"""Deciding whether an event is a never event, above the trust: commissioner and national body."""

from services.assurance.domain.case import events as e
from services.assurance.domain.case.messages import DecideClassification
from services.assurance.domain.case.state import Case
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import NotAllowed, NotNow
from shared.nhs.never_event_judging import holds_from, judging_list


def decide_classification(case: Case, command: DecideClassification, facts: Facts) -> Events:
    """Records the decision under the actor's authority. Raises Invalid as `judging_list` does,
    NotNow where a national decision stands above it."""
    _ = case.seats
    authority = facts.actor.kind
    if authority not in ("commissioner", "national"):
        raise NotAllowed("A commissioner or the national body decides this.")
    if authority == "commissioner" and "national" in case.decisions:
        raise NotNow("The national body has decided; its decision stands.")
    decided = e.ClassificationDecided(
        authority="commissioner" if authority == "commissioner" else "national",
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
