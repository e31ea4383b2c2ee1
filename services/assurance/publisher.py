"""What assurance says to the world: its events as contracts of codes, dates and organisations."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.assurance.domain import commissioning as c
from services.assurance.domain import marks
from services.assurance.domain.case import events as e
from services.assurance.domain.case.state import Case
from services.assurance.domain.rules.clocks import declared_rules
from shared.contracts import assurance as told
from shared.contracts.envelope import Tell, instant
from shared.contracts.saying import Happened, Say


@dataclass(frozen=True, slots=True)
class _OfCase:
    """Says one contract about the event's case: the contract's class and its further fields."""

    contract: type[Any]
    fields: Callable[[Any, Case], Mapping[str, Any]]
    narrative: str = ""

    def __call__(self, event: Any, happened: Happened) -> Iterable[Tell]:
        case = happened.id
        seats = happened.state.seats
        contract = self.contract(
            incident=case,
            case=case,
            provider=seats.provider,
            commissioner=seats.lead,
            **self.fields(event, happened.state),
        )
        dataref = f"/assurance/cases/{case}{self.narrative}"
        yield Tell(contract=contract, time=happened.at, subject=case, dataref=dataref)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _opened(event: e.CaseOpened, case: Case) -> Mapping[str, Any]:
    serious = event.serious if case.framework.serious_class else None
    return {
        "framework": event.framework,
        "reason": event.reason,
        "opened_on": _day(event.opened_on),
        "clocks": list(declared_rules(serious.level)) if serious else [],
    }


def _classified(event: e.ClassificationDecided, case: Case) -> Mapping[str, Any]:
    return {
        "authority": event.authority,
        "decided_by": event.decided_by,
        "outcome": event.outcome,
        "type": event.type,
        "subtype": event.subtype,
        "list": event.list,
        "guidance_ref": event.guidance_ref,
        "effective_at": instant(event.effective_at),
    }


def _noted(event: Any, case: Case) -> Mapping[str, Any]:
    return {
        "activity": event.activity,
        "on": _day(event.on),
        "modes": list(event.modes),
        "participants": list(event.participants),
        "depth": event.depth,
        "depth_rule": event.depth_rule,
    }


def _feedback(about: str, verdict: str) -> Callable[[Any, Case], Mapping[str, Any]]:
    return lambda event, case: {
        "about": about,
        "verdict": verdict,
        "n": event.n,
        "on": _day(event.on),
    }


def _returned(event: e.InvestigationReturned, case: Case) -> Mapping[str, Any]:
    return {
        "n": event.n,
        "open_criteria": list(event.open_criteria),
        "on": _day(event.on),
        "due": _day(event.due),
    }


def _handed_over(cause: str) -> Callable[[Any, Case], Mapping[str, Any]]:
    return lambda event, case: {
        "former": event.former,
        "to": event.to,
        "on": _day(event.on),
        "cause": cause,
    }


def _breached(event: e.ClockBreached, case: Case) -> Mapping[str, Any]:
    return {
        "rule": event.rule,
        "n": event.n,
        "due": _day(event.due),
        "historical": event.historical,
    }


def _closed(event: e.CaseClosed, case: Case) -> Mapping[str, Any]:
    decision = case.decision if case.is_never_event else None
    return {
        "on": _day(event.on),
        "learning": bool(event.learning),
        "themes": list(event.themes),
        "never_event_type": decision.type if decision else None,
        "actions_open": len(event.actions_open),
        "depth": event.depth,
    }


def _relation(event: Any, happened: Happened) -> Iterable[Tell]:
    provider = happened.id
    contract = told.RelationChangedV1(
        provider=provider,
        commissioner=event.commissioner,
        role=event.role,
        scope=list(event.scope),
        since=event.since.isoformat(),
        until=_day(event.until),
    )
    yield Tell(contract=contract, time=happened.at, subject=provider)


def _succession(event: c.SuccessionRecorded, happened: Happened) -> Iterable[Tell]:
    former = happened.id
    contract = told.SuccessionRecordedV1(
        former=former, successor=event.successor, on=event.on.isoformat()
    )
    yield Tell(contract=contract, time=happened.at, subject=former)


SAYS: Mapping[type[Any], Say] = {
    c.RelationRecorded: _relation,
    c.RelationEnded: _relation,
    c.SuccessionRecorded: _succession,
    e.CaseOpened: _OfCase(told.CaseOpenedV1, _opened),
    e.CaseAcknowledged: _OfCase(
        told.CaseAcknowledgedV1, lambda event, case: {"on": _day(event.on)}
    ),
    e.CaseRerouted: _OfCase(told.CaseHandedOverV1, _handed_over("rerouted")),
    e.CaseHandedOver: _OfCase(told.CaseHandedOverV1, _handed_over("succession")),
    e.ClassificationDecided: _OfCase(told.ClassificationDecidedV1, _classified),
    e.InitialReviewAccepted: _OfCase(told.FeedbackGivenV1, _feedback("initial_review", "accepted")),
    e.FurtherInformationRequested: _OfCase(
        told.FeedbackGivenV1, _feedback("initial_review", "further_information")
    ),
    e.InvestigationAccepted: _OfCase(told.FeedbackGivenV1, _feedback("investigation", "accepted")),
    e.InvestigationReturned: _OfCase(told.InvestigationReturnedV1, _returned),
    e.ClockBreached: _OfCase(told.ClockBreachedV1, _breached),
    e.CaseClosed: _OfCase(told.CaseClosedV1, _closed, narrative="/learning"),
    marks.ActivityNoted: _OfCase(told.ActivityRecordedV1, _noted),
    marks.ActivityNoteCorrected: _OfCase(
        told.ActivityCorrectedV1,
        lambda event, case: {**_noted(event, case), "reason": event.reason},
    ),
    marks.ActivityNoteWithdrawn: _OfCase(
        told.ActivityWithdrawnV1,
        lambda event, case: {"activity": event.activity, "reason": event.reason},
    ),
}
"""Each event that is told, and how."""
