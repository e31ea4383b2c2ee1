"""A case as its parties read it: everything its own story tells, texts opened, in plain values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.assurance.domain import marks
from services.assurance.domain.case import events as e
from services.assurance.domain.case.messages import CriterionAnswer
from services.assurance.domain.case.state import CASE, Case
from services.assurance.domain.rules.routing import NamedRole, Seats, named_roles
from services.assurance.projections.case_rows import CASE_STEPS
from services.assurance.projections.worklist import shown_clock
from shared.kernel.clock import london_day
from shared.kernel.messages import event_name
from shared.nhs.frameworks import Framework
from shared.nhs.reference import NHS_ENGLAND
from shared.nhs.roles import STEPS
from shared.privacy.screening import mask, screen

Story = Sequence[tuple[Any, Any]]
"""(event, where it stands) in order, as a stream is read."""


def folded(story: Story, until: date | None = None) -> Case:
    """The case after its story, or as it stood at the end of a London day."""
    told = (event for event, at in story if until is None or london_day(at.recorded_at) <= until)
    return CASE.fold(list(told))


def dossier(story: Story, today: date) -> dict[str, Any]:
    """Everything about one case, from its story."""
    case, events = folded(story), [event for event, _ in story]
    row: dict[str, Any] = {}
    for event in events:
        step = CASE_STEPS.get(type(event))
        row |= step(row, event) if step else {}
    seats = case.seats
    return {
        "id": case.incident,
        "version": len(story),
        "framework": case.framework.id,
        "state": row["state"],
        "day": case.day,
        "opened_on": row["opened_on"],
        "closed_on": case.closed_on,
        "service_area": row["service_area"],
        "worst_harm": row["worst_harm"],
        "serious": case.serious,
        "parties": seats,
        "unrouted": case.unrouted,
        "acknowledged_on": case.acknowledged_on,
        "never_event": case.decision,
        "decisions": _decisions(events),
        "clocks": [shown_clock(one, today) for one in case.clocks.values()],
        "initial_review": case.initial_review,
        "submissions": _submissions(events, case.framework),
        "criteria": case.framework.criteria,
        "activities": _activities(events),
        "depth": case.depth,
        "closing": _closing(events),
        "roles": roles_of(case, today),
        "timeline": _timeline(story),
        "erased": case.erased,
        "links": _links(case.incident, bool(row["has_learning"])),
    }


def _links(id_: str, has_learning: bool) -> dict[str, str]:
    own = f"/assurance/cases/{id_}"
    learning = {"learning": f"{own}/learning"} if has_learning else {}
    return {"self": own, "incident": f"/intake/events/{id_}", **learning}


def roles_of(case: Case, on: date) -> tuple[NamedRole, ...]:
    """Who holds which step of this case on a London day."""
    seats = case.seats
    seated = Seats(
        provider=seats.provider_acting,
        lead=seats.acting,
        associates=seats.associates,
        region=seats.region,
        national=NHS_ENGLAND,
    )
    return named_roles(case.framework.id, STEPS, seated, on)


def learning(story: Story, *, whole: bool) -> dict[str, Any] | None:
    """The learning of the newest closing, as its commissioner wrote it, for other readers than
    that with flagged passages withheld; None where there is none or it was erased."""
    closings = [event for event, _ in story if isinstance(event, e.CaseClosed)]
    if not closings or not closings[-1].learning:
        return None
    last, case, text = closings[-1], folded(story), str(closings[-1].learning)
    decision = case.decision if case.is_never_event else None
    return {
        "case": case.incident,
        "incident": case.incident,
        "learning": text if whole else mask(text, screen(text)),
        "themes": last.themes,
        "closed_on": last.on,
        "never_event_type": decision.type if decision else None,
        "depth": last.depth,
    }


def _decisions(events: Sequence[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, e.ClassificationDecided):
            found.append(
                {
                    "authority": event.authority,
                    "decided_by": event.decided_by,
                    "outcome": event.outcome,
                    "type": event.type,
                    "list": event.list,
                    "guidance_ref": event.guidance_ref,
                    "reason": str(event.reason),
                    "effective_at": event.effective_at,
                }
            )
        elif told := getattr(event, "never_event", None):
            found.append(
                {
                    "authority": "trust",
                    "outcome": told.outcome,
                    "type": told.type,
                    "list": told.list,
                    "effective_on": told.effective_on,
                }
            )
    return found


def _submissions(events: Sequence[Any], framework: Framework) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, e.InvestigationReceived):
            found[event.n] = {
                "n": event.n,
                "submitted_on": event.submitted_on,
                "root_causes": event.root_causes,
                "findings": event.findings,
                "lessons": event.lessons,
                "factors": event.factors,
                "actions": event.actions,
                "verdict": None,
            }
        elif isinstance(event, e.InvestigationAccepted | e.InvestigationReturned):
            found[event.n] |= {
                "verdict": event_name(type(event)).removeprefix("investigation_"),
                "answered_on": event.on,
                "resubmission_due": getattr(event, "due", None),
                "criteria": [_answer(one, framework) for one in event.answers],
            }
    return list(found.values())


def _answer(one: CriterionAnswer, framework: Framework) -> dict[str, Any]:
    criterion = framework.criterion(one.criterion)
    return {
        "criterion": one.criterion,
        "text": criterion.text if criterion else None,
        "answer": one.answer,
        "comment": None if one.comment is None else str(one.comment),
    }


def _activities(events: Sequence[Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, marks.ActivityNoted | marks.ActivityNoteCorrected):
            found[event.activity] = {
                "activity": event.activity,
                "on": event.on,
                "modes": event.modes,
                "participants": event.participants,
                "depth": event.depth,
                "withdrawn": False,
                "links": {"self": f"/assurance/activities/{event.activity}"},
            }
        elif isinstance(event, marks.ActivityNoteWithdrawn) and event.activity in found:
            found[event.activity]["withdrawn"] = True
    return list(found.values())


def _closing(events: Sequence[Any]) -> dict[str, Any] | None:
    closed = next((one for one in reversed(events) if isinstance(one, e.CaseClosed)), None)
    if closed is None:
        return None
    reason = closed.shallow_reason
    return {
        "on": closed.on,
        "learning": closed.learning is not None,
        "themes": closed.themes,
        "actions_done": closed.actions_done,
        "actions_open": closed.actions_open,
        "depth": closed.depth,
        "depth_rule": closed.depth_rule,
        "shallow_reason": None if reason is None else str(reason),
    }


def _timeline(story: Story) -> list[dict[str, Any]]:
    return [
        {
            "version": at.version,
            "recorded_at": at.recorded_at,
            "what": event_name(type(event)),
            **_particulars(event),
        }
        for event, at in story
    ]


_PARTICULARS: tuple[str, ...] = (
    "on",
    "what",
    "rule",
    "n",
    "due",
    "new_due",
    "submitted_on",
    "comment",
    "reason",
    "to",
    "former",
    "outcome",
    "depth",
)


def _particulars(event: Any) -> Mapping[str, Any]:
    told = {name: getattr(event, name, None) for name in _PARTICULARS}
    told["change"] = told.pop("what")
    # An erased text is a kind of str that JSON writers do not know.
    return {
        name: str(held) if isinstance(held, str) else held
        for name, held in told.items()
        if held is not None
    }
