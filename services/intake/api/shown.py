"""How an event reads to one who may see it: whole at home, with passages withheld elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain.incident.messages.report import Patient, Reporter
from services.intake.domain.incident.messages.response import (
    InitialReviewSubmitted,
    InvestigationSubmitted,
    Point,
)
from services.intake.domain.incident.state import Decision, Incident
from services.intake.domain.incident.texts import POINTS, RECORD_TEXTS
from shared.privacy.screening import Flag, mask

RECORD = RECORD_TEXTS
"""Where the narrative of the record itself lies."""

SUBMISSIONS = ("initial_review/", "investigation/")
"""Where the narrative of what was submitted lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """How much a reader may see: `whole` narrative (they told of the event or lead it), and the
    reporter's own words and reference (they told of it)."""

    whole: bool
    teller: bool


def record_shown(id_: str, version: int, incident: Incident, eye: Eye) -> dict[str, Any]:
    """The record as it stands or stood, with what was decided about it."""
    report, basis = incident.told, incident.grounds
    return {
        "id": id_,
        "version": version,
        "kind": report.kind,
        "reported_by": incident.reported_by,
        "occurred_at": report.occurred_at,
        "leads": report.leads,
        "occurred": report.occurred,
        "day": incident.day,
        "day_precision": "time" if isinstance(report.occurred, datetime) else "day",
        "identified_on": report.identified_on,
        "service_area": report.service_area,
        **{name: _text(incident, name, eye) for name in RECORD},
        "patients": [_patient(one) for one in report.patients],
        "agents": report.agents,
        "level_of_concern": report.level_of_concern,
        "reporter": _reporter(report.reporter, eye),
        "source": report.source,
        "reference": report.reference if eye.teller else None,
        "data_sharing_opt_out": report.data_sharing_opt_out,
        "worst_harm": basis.worst_harm,
        "framework": basis.framework,
        "unverified": basis.unverified,
        **_decisions(incident, eye),
        "serious": _serious(incident),
        "investigations": incident.investigations,
        "withdrawn": incident.withdrawn,
        "erased": sorted(incident.erased),
        **_passages(incident, RECORD, eye),
        "links": _links(id_),
    }


def investigation_shown(
    id_: str, version: int, incident: Incident, story: Iterable[object], eye: Eye
) -> dict[str, Any]:
    """Every initial review and investigation that was submitted, in order."""
    told = tuple(story)
    reviews = [one for one in told if isinstance(one, InitialReviewSubmitted)]
    investigations = [one for one in told if isinstance(one, InvestigationSubmitted)]
    return {
        "id": id_,
        "version": version,
        "initial_reviews": [_review(incident, one, eye) for one in reviews],
        "investigations": [_investigation(incident, one, eye) for one in investigations],
        **_passages(incident, SUBMISSIONS, eye),
        "links": _links(id_),
    }


def withheld_from(incident: Incident, roots: Sequence[str], eye: Eye) -> int:
    """How many passages under these paths the reader is not shown."""
    return 0 if eye.whole else len(_under(incident, roots))


def _under(incident: Incident, roots: Sequence[str]) -> list[Any]:
    return [one for one in incident.passages if one.text.startswith(tuple(roots))]


def _passages(incident: Incident, roots: Sequence[str], eye: Eye) -> dict[str, Any]:
    count = withheld_from(incident, roots, eye)
    told: dict[str, Any] = {"passages_withheld": count}
    if eye.whole:
        told["passages"] = _under(incident, roots)
    elif count:
        told["note"] = f"{count} passage{'s' if count > 1 else ''} withheld"
    return told


def _text(incident: Incident, path: str, eye: Eye) -> str | None:
    text = incident.texts.get(path)
    if text is None or eye.whole:
        return text
    flags = [Flag(one.start, one.end, one.kind) for one in incident.passages if one.text == path]
    return mask(text, flags)


def _patient(patient: Patient) -> Mapping[str, Any]:
    told = {
        "number": patient.number,
        "age_bracket": patient.age_bracket,
        "gender": patient.gender,
        "physical_harm": patient.physical_harm,
        "psychological_harm": patient.psychological_harm,
    }
    return {name: held or None for name, held in told.items()}


def _reporter(reporter: Reporter | None, eye: Eye) -> Mapping[str, Any] | None:
    """Elsewhere only the sort of reporter is seen, and whether they stay unnamed."""
    if reporter is None:
        return None
    seen: dict[str, Any] = {"type": reporter.type or None, "anonymous": reporter.anonymous}
    if eye.teller:
        seen |= {"role": reporter.role or None, "why_anonymous": reporter.why_anonymous}
    return seen


def _decisions(incident: Incident, eye: Eye) -> dict[str, Any]:
    """The word that stands, the newest of each authority, and what a rule asks the trust."""
    standing = incident.standing
    told: dict[str, Any] = {
        "classification": standing and _decision(standing, incident),
        "classifications": [_decision(one, incident) for one in incident.decisions.values()],
    }
    return {**told, "proposal": incident.proposal} if eye.whole else told


def _decision(decision: Decision, incident: Incident) -> Mapping[str, Any]:
    authority = next(word for word, one in incident.decisions.items() if one is decision)
    return {
        "authority": authority,
        "outcome": decision.outcome,
        "type": decision.type,
        "subtype": decision.subtype,
        "list": decision.list,
        "guidance_ref": decision.guidance_ref,
        "effective_at": decision.effective_at,
    }


def _serious(incident: Incident) -> Mapping[str, Any] | None:
    declared = incident.serious
    if declared is None:
        return None
    return {
        "identified_on": declared.identified_on,
        "declared_on": declared.declared_on,
        "category": declared.category,
        "level": declared.level,
    }


def _review(incident: Incident, review: InitialReviewSubmitted, eye: Eye) -> Mapping[str, Any]:
    root = f"initial_review/{review.n}"
    return {
        "n": review.n,
        "submitted_on": review.submitted_on,
        "proposed_level": review.proposed_level,
        "summary": _text(incident, f"{root}/summary", eye),
        "immediate_actions": _text(incident, f"{root}/immediate_actions", eye),
    }


def _investigation(incident: Incident, told: InvestigationSubmitted, eye: Eye) -> Mapping[str, Any]:
    root = f"investigation/{told.n}"

    def points(name: str, held: Sequence[Point]) -> list[str | None]:
        numbers = range(1, len(held) + 1)
        return [_text(incident, f"{root}/{name}/{number}", eye) for number in numbers]

    return {
        "n": told.n,
        "submitted_on": told.submitted_on,
        "factors": told.factors,
        "summary": _text(incident, f"{root}/summary", eye),
        "answer": _text(incident, f"{root}/answer", eye),
        **{name: points(name, getattr(told, name)) for name in POINTS},
        "actions": [
            {
                "number": number,
                "what": _text(incident, f"{root}/actions/{number}", eye),
                "owner_role": action.owner_role,
                "strength": action.strength,
                "due": action.due,
            }
            for number, action in enumerate(told.actions, start=1)
        ],
    }


def _links(id_: str) -> Mapping[str, str]:
    root = f"/intake/events/{id_}"
    return {
        "self": root,
        "versions": f"{root}/versions",
        "timeline": f"{root}/timeline",
        "investigation": f"{root}/investigation",
    }
