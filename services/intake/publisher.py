"""What intake tells the world of its events: codes, dates, counts; never a word of narrative."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.intake.domain.incident.messages.classification import ClassificationDecided
from services.intake.domain.incident.messages.passages import SubjectErased
from services.intake.domain.incident.messages.report import (
    EventAmended,
    EventReported,
    EventWithdrawn,
)
from services.intake.domain.incident.messages.response import (
    InitialReviewSubmitted,
    InvestigationSubmitted,
    SeriousIncidentDeclared,
)
from services.intake.domain.incident.state import Incident
from shared.contracts.envelope import Tell, instant
from shared.contracts.intake import (
    ClassificationDecidedV1,
    EventAmendedV1,
    EventReportedV1,
    EventWithdrawnV1,
    InitialReviewSubmittedV1,
    InvestigationSubmittedV1,
    SeriousIncidentDeclaredV1,
    SubjectErasedV1,
)
from shared.contracts.saying import Happened, Say


def say_reported(event: EventReported, happened: Happened) -> Iterator[Tell]:
    """Told on at once, whatever is still to be put right."""
    yield _tell(
        happened,
        EventReportedV1(**_about(happened), **_content(happened.state), backfill=happened.backfill),
    )


def say_amended(event: EventAmended, happened: Happened) -> Iterator[Tell]:
    """The record as it now stands, and the names of what changed."""
    yield _tell(
        happened,
        EventAmendedV1(**_about(happened), **_content(happened.state), changed=list(event.changed)),
    )


def say_withdrawn(event: EventWithdrawn, happened: Happened) -> Iterator[Tell]:
    """The reason is a code; the explanation stays home."""
    yield _tell(happened, EventWithdrawnV1(**_about(happened), reason=event.reason))


def say_classified(event: ClassificationDecided, happened: Happened) -> Iterator[Tell]:
    """The trust's decision with the list that gives its type a meaning."""
    yield _tell(
        happened,
        ClassificationDecidedV1(
            **_about(happened),
            authority="trust",
            outcome=event.outcome,
            type=event.type,
            subtype=event.subtype,
            list=event.list,
            guidance_ref=event.guidance_ref,
            effective_at=instant(event.effective_at),
        ),
    )


def say_declared(event: SeriousIncidentDeclared, happened: Happened) -> Iterator[Tell]:
    """From here the framework's clocks run."""
    yield _tell(
        happened,
        SeriousIncidentDeclaredV1(
            **_about(happened),
            serious_identified_on=event.identified_on.isoformat(),
            declared_on=event.declared_on.isoformat(),
            category=event.category,
            level=event.level,
        ),
    )


def say_initially_reviewed(event: InitialReviewSubmitted, happened: Happened) -> Iterator[Tell]:
    """That it was submitted; what it says is read with a token."""
    told = InitialReviewSubmittedV1(**_about(happened), submitted_on=event.submitted_on.isoformat())
    yield _tell(happened, told, part="/investigation")


def say_investigated(event: InvestigationSubmitted, happened: Happened) -> Iterator[Tell]:
    """Counts, factors and actions; what it says is read with a token."""
    serious = happened.state.serious
    told = InvestigationSubmittedV1(
        **_about(happened),
        n=event.n,
        level=serious.level if serious else None,
        submitted_on=event.submitted_on.isoformat(),
        factors=list(event.factors),
        root_causes=len(event.root_causes),
        findings=len(event.findings),
        lessons=len(event.lessons),
        actions=[_action(event, place) for place in range(len(event.actions))],
    )
    yield _tell(happened, told, part="/investigation")


def say_erased(event: SubjectErased, happened: Happened) -> Iterator[Tell]:
    """Others drop what they derived from it."""
    yield _tell(
        happened,
        SubjectErasedV1(
            **_about(happened), scope=event.scope, patient=event.patient, ground=event.ground
        ),
    )


SAYS: Mapping[type[Any], Say] = {
    EventReported: say_reported,
    EventAmended: say_amended,
    EventWithdrawn: say_withdrawn,
    ClassificationDecided: say_classified,
    SeriousIncidentDeclared: say_declared,
    InitialReviewSubmitted: say_initially_reviewed,
    InvestigationSubmitted: say_investigated,
    SubjectErased: say_erased,
}
"""What is told of which event. Proposals, passages and what was heard stay home."""


def _tell(happened: Happened, contract: object, part: str = "") -> Tell:
    return Tell(
        contract=contract,
        time=happened.at,
        subject=happened.id,
        dataref=f"/intake/events/{happened.id}{part}",
    )


def _about(happened: Happened) -> dict[str, Any]:
    incident: Incident = happened.state
    report, basis = incident.told, incident.grounds
    return {
        "incident": happened.id,
        "kind": report.kind,
        "reported_by": incident.reported_by,
        "occurred_at": report.occurred_at,
        "leads": report.leads,
        "service_area": report.service_area,
        "day": incident.day.isoformat(),
        "day_precision": "time" if isinstance(report.occurred, datetime) else "day",
        "identified_on": report.identified_on.isoformat(),
        "worst_harm": basis.worst_harm,
        "framework": basis.framework,
    }


def _content(incident: Incident) -> dict[str, Any]:
    return {
        "agents": list(incident.told.agents),
        "unverified": list(incident.grounds.unverified),
        "opted_out": incident.told.data_sharing_opt_out,
    }


def _action(event: InvestigationSubmitted, place: int) -> dict[str, str | int]:
    action = event.actions[place]
    return {
        "number": place + 1,
        "strength": action.strength,
        "owner_role": action.owner_role,
        "due": action.due.isoformat(),
    }
