"""Adoption: what one organisation answers to one version of a lesson, state by state, apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from shared.kernel.decider import Aggregate, Events, Facts
from shared.kernel.errors import Incomplete, Invalid, NotFound, NotNow
from shared.kernel.messages import command, event, value
from shared.kernel.words import (
    Code,
    Counting,
    Day,
    Id,
    Many,
    OdsCode,
    Sealed,
    ShortText,
    Some,
    Text,
    Word,
)

NotRelevant = Literal[
    "service_not_provided",
    "equipment_not_used",
    "already_in_place",
    "local_alternative",
    "other",
]
EvidenceKind = Literal["policy", "audit", "training_record", "inspection", "measurement", "other"]


@value
class AboutLesson:
    """What every answer names: the lesson (from the path) and the version that was read."""

    lesson: Id
    version: Counting


@command
class MarkSeen(AboutLesson):
    """Somebody in the organisation has read it."""


@command
class AnswerRelevance(AboutLesson):
    """It applies here, or it does not, and then why: a code, with words that stay here."""

    applies: bool
    reason: NotRelevant | None = None
    note: Sealed[Text] | None = None


@value
class PlannedAction:
    """What is to be done about one action of the lesson, by when, by whom as a role."""

    action: Counting
    by: Day
    owner_role: Word
    note: Sealed[ShortText] | None = None


@command
class PlanAdoption(AboutLesson):
    """The organisation's plan, whole."""

    actions: Some[PlannedAction]


@command
class DeclareAdopted(AboutLesson):
    """The organisation says that it is done; a role of its board signs it off."""

    signed_off_by: Word
    statement: Sealed[Text] | None = None


@value
class Evidence:
    """One piece of evidence: what kind, what it shows, where it is kept."""

    kind: EvidenceKind
    shows: Sealed[Text]
    reference: Sealed[ShortText] | None = None


@command
class GiveEvidence(AboutLesson):
    """The organisation shows what it declared."""

    evidence: Some[Evidence]


@value
class Answered:
    """What every event of an adoption says of itself."""

    lesson: Id
    number: Code
    version: Counting
    organisation: OdsCode
    on: Day


@event("adoption_seen")
class LessonSeen(Answered):
    """The organisation has read the lesson."""


@event("adoption_relevance_answered")
class RelevanceAnswered(Answered):
    """The lesson applies to the organisation, or does not for this reason."""

    applies: bool
    reason: NotRelevant | None = None
    note: Sealed[Text] | None = None


@event("adoption_planned")
class AdoptionPlanned(Answered):
    """The plan as it now stands."""

    actions: Many[PlannedAction]


@event("adoption_declared")
class AdoptionDeclared(Answered):
    """The organisation declared the lesson adopted."""

    signed_off_by: Code
    statement: Sealed[Text] | None = None


@event("adoption_evidenced")
class AdoptionEvidenced(Answered):
    """The organisation gave evidence; what it gave before stays."""

    evidence: Some[Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLesson:
    """The lesson as it stands: its newest published version, and how many actions that has."""

    number: str
    version: int
    actions: int
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionFacts(Facts):
    """Who and when, and the lesson answered (None: none published under that id)."""

    read: ReadLesson | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What the organisation has answered; days are London's."""

    seen_on: date | None = None
    applies: bool | None = None
    reason: NotRelevant | None = None
    plan: tuple[PlannedAction, ...] = ()
    declared_on: date | None = None
    evidenced_on: date | None = None


def _answered(adoption: Adoption, event: RelevanceAnswered) -> Adoption:
    return replace(adoption, applies=event.applies, reason=event.reason)


_STEPS: Mapping[type[Any], Callable[[Adoption, Any], Adoption]] = {
    LessonSeen: lambda adoption, event: replace(adoption, seen_on=event.on),
    RelevanceAnswered: _answered,
    AdoptionPlanned: lambda adoption, event: replace(adoption, plan=event.actions),
    AdoptionDeclared: lambda adoption, event: replace(adoption, declared_on=event.on),
    AdoptionEvidenced: lambda adoption, event: replace(adoption, evidenced_on=event.on),
}

ADOPTION: Aggregate[Adoption] = Aggregate(name="adoption", initial=Adoption(), steps=_STEPS)


def adoption_id(lesson: str, version: int, organisation: str) -> str:
    """One adoption an organisation and lesson version: none of the three is personal."""
    return f"{lesson}-{version}-{organisation}"


def mark_seen(adoption: Adoption, command: MarkSeen, facts: AdoptionFacts) -> Events:
    """Seeing it again is no event."""
    about = _about(command, facts)
    return () if adoption.seen_on else (LessonSeen(**about),)


def answer_relevance(adoption: Adoption, command: AnswerRelevance, facts: AdoptionFacts) -> Events:
    """Raises Incomplete where it does not apply and no reason says why, NotNow once declared."""
    about = _about(command, facts)
    if command.applies and command.reason:
        raise Invalid("/reason", "not_here", "A reason goes with a lesson that does not apply.")
    if not command.applies and command.reason is None:
        raise Incomplete("The answer", ["a reason why it does not apply"])
    if not command.applies and adoption.declared_on:
        raise NotNow("The lesson was declared adopted here; it cannot be irrelevant as well.")
    answered = RelevanceAnswered(
        **about, applies=command.applies, reason=command.reason, note=command.note
    )
    return (answered,) if adoption.seen_on else (LessonSeen(**about), answered)


def plan_adoption(adoption: Adoption, command: PlanAdoption, facts: AdoptionFacts) -> Events:
    """Raises Invalid for an action that the lesson does not have."""
    about = _about(command, facts)
    _require_applies(adoption)
    known = facts.read.actions if facts.read else 0
    for place, planned in enumerate(command.actions):
        if planned.action > known:
            pointer = f"/actions/{place}/action"
            raise Invalid(pointer, "unknown_action", f"The lesson's actions are 1 to {known}.")
    return (AdoptionPlanned(**about, actions=command.actions),)


def declare_adopted(adoption: Adoption, command: DeclareAdopted, facts: AdoptionFacts) -> Events:
    """Raises NotNow before it was found to apply, or once it is declared."""
    about = _about(command, facts)
    _require_applies(adoption)
    if adoption.declared_on:
        raise NotNow("The lesson is declared adopted here already.")
    declared = AdoptionDeclared(
        **about, signed_off_by=command.signed_off_by, statement=command.statement
    )
    return (declared,)


def give_evidence(adoption: Adoption, command: GiveEvidence, facts: AdoptionFacts) -> Events:
    """Raises NotNow before it was declared. Further evidence may follow at any time."""
    about = _about(command, facts)
    if adoption.declared_on is None:
        raise NotNow("Declare the lesson adopted first; then show it.")
    return (AdoptionEvidenced(**about, evidence=command.evidence),)


def _about(command: AboutLesson, facts: AdoptionFacts) -> dict[str, Any]:
    """What each event says of itself. Raises NotFound, and NotNow for a lesson that is withdrawn
    or has a newer version: an answer belongs to the text that was read."""
    read = facts.read
    if read is None:
        raise NotFound("There is no such lesson.")
    if read.withdrawn:
        raise NotNow("The lesson was withdrawn.")
    if read.version != command.version:
        raise NotNow(f"The lesson's version is {read.version} now; read that and answer it.")
    return {
        "lesson": command.lesson,
        "number": read.number,
        "version": read.version,
        "organisation": facts.actor.organisation,
        "on": facts.today,
    }


def _require_applies(adoption: Adoption) -> None:
    if not adoption.applies:
        raise NotNow("Say first that the lesson applies here.")
