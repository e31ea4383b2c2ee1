"""What an event of an incident's story tells in codes: for the timeline and the changes alike."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from services.intake.domain.incident.messages.classification import (
    ClassificationDecided,
    ClassificationHeard,
    NeverEventProposed,
)
from services.intake.domain.incident.messages.feedback import CommissionerResponded, LessonDrawn
from services.intake.domain.incident.messages.passages import (
    PassageCorrected,
    PassageReleased,
    SubjectErased,
)
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

HOME = frozenset({NeverEventProposed, PassageReleased, PassageCorrected})
"""What concerns the trust alone."""

_FIELDS: Mapping[type[Any], tuple[str, ...]] = {
    EventAmended: ("changed",),
    EventWithdrawn: ("reason",),
    NeverEventProposed: ("type", "list", "framework", "causes", "rule"),
    ClassificationDecided: ("outcome", "type", "subtype", "list", "guidance_ref", "effective_at"),
    ClassificationHeard: (
        "authority",
        "decided_by",
        "outcome",
        "type",
        "subtype",
        "list",
        "guidance_ref",
        "effective_at",
        "case",
    ),
    SeriousIncidentDeclared: ("identified_on", "declared_on", "category", "level"),
    InitialReviewSubmitted: ("n", "submitted_on", "proposed_level"),
    InvestigationSubmitted: ("n", "submitted_on", "factors"),
    PassageReleased: ("passage",),
    PassageCorrected: ("passage",),
    SubjectErased: ("scope", "patient", "ground"),
    LessonDrawn: ("lesson", "number", "version", "what", "reason", "on"),
}
"""The coded fields of each event; none of them is sealed."""

_MORE: Mapping[type[Any], Callable[[Any], dict[str, Any]]] = {
    EventReported: lambda event: {
        "kind": event.report.kind,
        "worst_harm": event.basis.worst_harm,
        "framework": event.basis.framework,
        "passages_withheld": len(event.passages),
    },
    ClassificationDecided: lambda event: {"authority": "trust"},
    CommissionerResponded: lambda event: {
        one.name: getattr(event.answered, one.name) for one in fields(event.answered)
    },
}


def details_of(event: object) -> dict[str, Any]:
    """The event's codes, days and counts; what says nothing is left out."""
    named = {name: getattr(event, name) for name in _FIELDS.get(type(event), ())}
    more = _MORE.get(type(event), lambda event: {})(event)
    return {name: held for name, held in {**named, **more}.items() if held not in (None, ())}
