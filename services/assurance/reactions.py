"""What assurance does with what intake tells: marks open cases, submissions reach them."""

from collections.abc import Iterable
from typing import Any, Literal, cast

from services.assurance.domain.case import messages as m
from shared.contracts import intake
from shared.kernel.clock import day_of
from shared.nhs.frameworks import FrameworkId
from shared.runtime.service import Heard, Reaction, To


def _classified(heard: Heard) -> Iterable[To]:
    """Only what meets a never event opens a case; anything else changes one that is open."""
    told: intake.ClassificationDecidedV1 = heard.contract
    decision = m.NeverEvent(
        outcome=cast("m.Outcome", told.outcome),
        type=told.type,
        subtype=told.subtype,
        list=told.list,
        effective_on=day_of(told.effective_at),
    )
    if told.outcome == "meets":
        yield _open(told, never_event=decision)
    else:
        yield _note(told, "classification", never_event=decision)


def _declared(heard: Heard) -> Iterable[To]:
    told: intake.SeriousIncidentDeclaredV1 = heard.contract
    serious = m.Serious(
        identified_on=day_of(told.serious_identified_on),
        declared_on=day_of(told.declared_on),
        category=told.category,
        level=cast("m.Level", told.level),
    )
    yield _open(told, serious=serious)


def _open(told: intake.AboutIncident, **mark: Any) -> To:
    command = m.OpenCase(
        incident=told.incident,
        provider=told.leads,
        occurred_at=told.occurred_at,
        framework=cast("FrameworkId", told.framework),
        day=day_of(told.day),
        identified_on=day_of(told.identified_on),
        service_area=told.service_area,
        worst_harm=told.worst_harm,
        **mark,
    )
    return To(told.incident, command)


def _note(
    told: intake.AboutIncident,
    what: Literal["amended", "withdrawn", "classification", "subject_erased"],
    **more: Any,
) -> To:
    command = m.NoteChange(what=what, day=day_of(told.day), worst_harm=told.worst_harm, **more)
    return To(told.incident, command, create=False)


def _amended(heard: Heard) -> Iterable[To]:
    told: intake.EventAmendedV1 = heard.contract
    yield _note(told, "amended", fields=tuple(told.changed))


def _withdrawn(heard: Heard) -> Iterable[To]:
    yield _note(heard.contract, "withdrawn")


def _initial_review(heard: Heard) -> Iterable[To]:
    told: intake.InitialReviewSubmittedV1 = heard.contract
    command = m.ReceiveInitialReview(submitted_on=day_of(told.submitted_on))
    yield To(told.incident, command, create=False)


def _investigation(heard: Heard) -> Iterable[To]:
    told: intake.InvestigationSubmittedV1 = heard.contract
    command = m.ReceiveInvestigation(
        n=told.n,
        submitted_on=day_of(told.submitted_on),
        level=cast("m.Level | None", told.level),
        factors=tuple(told.factors),
        root_causes=told.root_causes,
        findings=told.findings,
        lessons=told.lessons,
        actions=tuple(_action(one) for one in told.actions),
    )
    yield To(told.incident, command, create=False)


def _action(told: dict[str, Any]) -> m.Action:
    return m.Action(
        number=told["number"],
        strength=told["strength"],
        owner_role=told["owner_role"],
        due=day_of(told["due"]) if told.get("due") else None,
    )


def _erased(heard: Heard) -> Iterable[To]:
    """The whole record's erasure takes the case's text with it; that of one person in it asks
    somebody to look."""
    told: intake.SubjectErasedV1 = heard.contract
    if told.scope == "record":
        yield To(told.incident, m.EraseText(ground=told.ground), create=False)
    else:
        yield _note(told, "subject_erased", fields=(told.scope,))


REACTIONS: tuple[Reaction, ...] = (
    Reaction(intake.ClassificationDecidedV1, _classified),
    Reaction(intake.SeriousIncidentDeclaredV1, _declared),
    Reaction(intake.EventAmendedV1, _amended),
    Reaction(intake.EventWithdrawnV1, _withdrawn),
    Reaction(intake.InitialReviewSubmittedV1, _initial_review),
    Reaction(intake.InvestigationSubmittedV1, _investigation),
    Reaction(intake.SubjectErasedV1, _erased),
)
