"""What each event does to the read models: pure steps from a row and an event to columns."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import orjson

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
    Basis,
    EventAmended,
    EventReported,
    EventWithdrawn,
    Passage,
)
from services.intake.domain.incident.messages.response import (
    InitialReviewSubmitted,
    InvestigationSubmitted,
    SeriousIncidentDeclared,
)
from services.intake.projections.details import HOME, details_of
from services.intake.projections.tables import CHANGES, INCIDENTS, RELATIONS, SUCCESSIONS
from shared.kernel.clock import day_of
from shared.kernel.messages import event_name
from shared.nhs.never_event_judging import AUTHORITIES
from shared.projections.base import Projection, Row, Rows, Seen, View
from shared.runtime.heard import ContractHeard

Step = Callable[[Row, Any, Seen], Row]
"""(the row as it stands, event, where it stands) -> the columns that change."""


def _when(occurred: date | datetime) -> Row:
    precision = "time" if isinstance(occurred, datetime) else "day"
    return {"day": day_of(occurred), "day_precision": precision}


def _of_basis(basis: Basis) -> Row:
    return {
        "worst_harm": basis.worst_harm,
        "framework": basis.framework,
        "unverified": list(basis.unverified),
    }


def _of_reporter(reporter: Any) -> Row:
    return {
        "anonymous": bool(reporter and reporter.anonymous),
        "why_anonymous": list(reporter.why_anonymous) if reporter else [],
    }


def _with_passages(held: Mapping[str, str]) -> Row:
    return {"passages": dict(held), "passages_withheld": len(held)}


def _numbered(passages: tuple[Passage, ...]) -> dict[str, str]:
    return {str(one.number): one.text for one in passages}


def _reported(row: Row, event: EventReported, seen: Seen) -> Row:
    report = event.report
    return {
        "reported_position": seen.position,
        "recorded_at": seen.recorded_at,
        "kind": report.kind,
        "reported_by": event.reported_by,
        "occurred_at": report.occurred_at,
        "leads": report.leads,
        "service_area": report.service_area,
        "identified_on": report.identified_on,
        "level_of_concern": report.level_of_concern,
        "agents": list(report.agents),
        "opted_out": report.data_sharing_opt_out,
        "decisions": {},
        "investigations": 0,
        "lessons": 0,
        "withdrawn": False,
        "erased": False,
        **_when(report.occurred),
        **_of_basis(event.basis),
        **_of_reporter(report.reporter),
        **_with_passages(_numbered(event.passages)),
    }


_AMENDABLE = {
    "kind": "kind",
    "occurred_at": "occurred_at",
    "leads": "leads",
    "service_area": "service_area",
    "identified_on": "identified_on",
    "level_of_concern": "level_of_concern",
    "agents": "agents",
    "data_sharing_opt_out": "opted_out",
}
"""Fields of the record that stand in columns as they are."""


def _amended(row: Row, event: EventAmended, seen: Seen) -> Row:
    given: Row = {}
    for name in _AMENDABLE.keys() & set(event.changed):
        held = getattr(event.changes, name)
        given[_AMENDABLE[name]] = list(held) if isinstance(held, tuple) else held
    if event.changes.occurred is not None:
        given |= _when(event.changes.occurred)
    if "reporter" in event.changed:
        given |= _of_reporter(event.changes.reporter)
    kept = {n: text for n, text in row["passages"].items() if text not in event.changed}
    return {
        **given,
        **_of_basis(event.basis),
        **_with_passages({**kept, **_numbered(event.passages)}),
    }


def _withdrawn(row: Row, event: EventWithdrawn, seen: Seen) -> Row:
    return {"withdrawn": True, "proposed_since": None, "proposed_type": None}


def _proposed(row: Row, event: NeverEventProposed, seen: Seen) -> Row:
    since = row["proposed_since"] or seen.recorded_at
    return {"proposed_since": since, "proposed_type": event.type}


def _decided(row: Row, event: ClassificationDecided, seen: Seen) -> Row:
    return _classified(row, "trust", event)


def _decision_heard(row: Row, event: ClassificationHeard, seen: Seen) -> Row:
    return _classified(row, event.authority, event)


def _classified(
    row: Row, authority: str, event: ClassificationDecided | ClassificationHeard
) -> Row:
    word = {"outcome": event.outcome, "type": event.type, "list": event.list}
    decisions = {**row["decisions"], authority: word}
    first = next(one for one in (*AUTHORITIES, authority) if one in decisions)
    return {
        "decisions": decisions,
        "never_event_outcome": decisions[first]["outcome"],
        "never_event_type": decisions[first]["type"],
        "never_event_list": decisions[first]["list"],
        "never_event_authority": first,
        "proposed_since": None,
        "proposed_type": None,
    }


def _declared(row: Row, event: SeriousIncidentDeclared, seen: Seen) -> Row:
    return {"serious_level": event.level}


def _reviewed(row: Row, event: InitialReviewSubmitted, seen: Seen) -> Row:
    return _with_passages({**row["passages"], **_numbered(event.passages)})


def _investigated(row: Row, event: InvestigationSubmitted, seen: Seen) -> Row:
    passages = {**row["passages"], **_numbered(event.passages)}
    return {"investigations": event.n, **_with_passages(passages)}


def _settled(row: Row, event: PassageReleased | PassageCorrected, seen: Seen) -> Row:
    held = row["passages"]
    return _with_passages({n: text for n, text in held.items() if n != str(event.passage)})


def _erased(row: Row, event: SubjectErased, seen: Seen) -> Row:
    if event.scope == "record":
        return {"erased": True, "why_anonymous": [], **_with_passages({})}
    return {"why_anonymous": []} if event.scope == "reporter" else {}


def _responded(row: Row, event: CommissionerResponded, seen: Seen) -> Row:
    return {} if row["answered_on"] else {"answered_on": event.answered.on}


def _learnt(row: Row, event: LessonDrawn, seen: Seen) -> Row:
    return {"lessons": row["lessons"] + (1 if event.what == "published" else 0)}


STEPS: Mapping[type[Any], Step] = {
    EventReported: _reported,
    EventAmended: _amended,
    EventWithdrawn: _withdrawn,
    NeverEventProposed: _proposed,
    ClassificationDecided: _decided,
    ClassificationHeard: _decision_heard,
    SeriousIncidentDeclared: _declared,
    InitialReviewSubmitted: _reviewed,
    InvestigationSubmitted: _investigated,
    PassageReleased: _settled,
    PassageCorrected: _settled,
    SubjectErased: _erased,
    CommissionerResponded: _responded,
    LessonDrawn: _learnt,
}


def _view(step: Step) -> View:
    """The step on the event's row, and one more line among the changes."""

    async def view(rows: Rows, event: Any, seen: Seen) -> None:
        row = await rows.get(INCIDENTS, id=seen.id) or {}
        stamp = {
            "version": seen.version,
            "position": seen.position,
            "updated_at": seen.recorded_at,
        }
        rows.put(INCIDENTS, id=seen.id, **stamp, **step(row, event, seen))
        rows.put(
            CHANGES,
            position=seen.position,
            incident=seen.id,
            version=seen.version,
            type=event_name(type(event)),
            at=seen.meta["at"],
            recorded_at=seen.recorded_at,
            home=type(event) in HOME,
            details=orjson.loads(orjson.dumps(details_of(event), option=orjson.OPT_UTC_Z)),
        )

    return view


async def _heard(rows: Rows, event: ContractHeard, seen: Seen) -> None:
    told = event.data
    if event.type == "opendoor.assurance.relation_changed.v1":
        rows.put(
            RELATIONS,
            provider=told["provider"],
            commissioner=told["commissioner"],
            role=told["role"],
            scope=scope_text(told["scope"]),
            since=date.fromisoformat(told["since"]),
            until=date.fromisoformat(told["until"]) if told.get("until") else None,
        )
    elif event.type == "opendoor.assurance.succession_recorded.v1":
        rows.put(
            SUCCESSIONS,
            former=told["former"],
            successor=told["successor"],
            since=date.fromisoformat(told["on"]),
        )


def scope_text(areas: list[str]) -> str:
    """Service areas as one text in which each can be sought as `,area,`."""
    return f",{','.join(sorted(areas))}," if areas else ""


EVENTS = Projection(
    name="events",
    tables=(INCIDENTS, CHANGES),
    views={cls: _view(step) for cls, step in STEPS.items()},
    version=2,
)
COMMISSIONING = Projection(
    name="commissioning",
    tables=(RELATIONS, SUCCESSIONS),
    views={ContractHeard: _heard},
)
PROJECTIONS = (EVENTS, COMMISSIONING)
