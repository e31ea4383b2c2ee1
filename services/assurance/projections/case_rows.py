"""What each event changes in the row of its case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.assurance.domain import marks
from services.assurance.domain.case import events as e
from services.assurance.domain.case.messages import NeverEvent
from services.assurance.domain.rules.waiting import NATIONAL
from shared.kernel.clock import london_day
from shared.nhs.never_event_judging import AUTHORITIES
from shared.projections.base import Row

SIF, OVERSIGHT = "SIF2015", "oversight"
ENDED = frozenset({"closed", "closed_actions_open", "withdrawn"})
"""States in which a case asks for nothing any more."""


def _opened(row: Row, event: e.CaseOpened) -> Row:
    parties = event.parties
    awaited = "declared" if event.serious else "declaration_awaited"
    opened = {
        "framework": event.framework,
        "state": awaited if event.framework == SIF else OVERSIGHT,
        "provider": parties.provider,
        "provider_acting": parties.provider_acting,
        "lead": parties.lead,
        "acting": parties.acting,
        "associates": list(parties.associates),
        "region": parties.region,
        "found": parties.found,
        "day": event.day,
        "service_area": event.service_area,
        "worst_harm": event.worst_harm,
        "opened_on": event.opened_on,
    }
    return {**_BLANK, **opened, **_marked({**_BLANK, **opened}, event)}


_BLANK: Row = {
    "serious": False,
    "decisions": {},
    "submission": 0,
    "depths": {},
    "depth": 0,
    "activities": 0,
    "has_learning": False,
    "themes": [],
    "actions_open": 0,
}


def _marked(row: Row, event: e.CaseOpened | e.ReasonAdded) -> Row:
    serious = event.serious
    marks = _decided(row, "trust", event.never_event)
    if serious is not None:
        marks |= {"serious": True, "category": serious.category, "level": serious.level}
    return marks


def _reason_added(row: Row, event: e.ReasonAdded) -> Row:
    waited = row["state"] == "declaration_awaited" and event.serious is not None
    return {**_marked(row, event), **({"state": "declared"} if waited else {})}


def _decided(row: Row, authority: str, decision: NeverEvent | None) -> Row:
    """The newest decision of an authority, and the one that then stands."""
    if decision is None:
        return {}
    told = {"outcome": decision.outcome, "type": decision.type, "list": decision.list}
    decisions = {**row["decisions"], authority: told}
    stands = next(decisions[one] for one in AUTHORITIES if one in decisions)
    return {
        "decisions": decisions,
        "never_event": stands["outcome"],
        "never_event_type": stands["type"],
        "never_event_list": stands["list"],
    }


def _classified(row: Row, event: e.ClassificationDecided) -> Row:
    return _decided(row, event.authority, decision_of(event))


def _changed(row: Row, event: e.ChangeNoted) -> Row:
    told = {"day": event.day or row["day"], "worst_harm": event.worst_harm or row["worst_harm"]}
    withdrawn = {"state": "withdrawn"} if event.what == "withdrawn" else {}
    return {**told, **withdrawn, **_decided(row, "trust", event.never_event)}


def _rerouted(row: Row, event: e.CaseRerouted) -> Row:
    others = [one for one in row["associates"] if one != event.to]
    return {
        "lead": event.to,
        "acting": event.to,
        "associates": others,
        "acknowledged_on": None,
        "person": None,
    }


def _handed_over(row: Row, event: e.CaseHandedOver) -> Row:
    def now(code: str | None) -> str | None:
        return event.to if code == event.former else code

    return {
        "acting": now(row["acting"]),
        "provider_acting": now(row["provider_acting"]),
        "associates": [now(one) for one in row["associates"]],
    }


def _acknowledged(row: Row, event: e.CaseAcknowledged) -> Row:
    return {"acknowledged_on": event.on, "person": event.person}


def _reached(state: str) -> Callable[[Row, Any], Row]:
    """A step of the 2015 framework's way; oversight has none, and an end stays an end."""

    def step(row: Row, event: Any) -> Row:
        stays = row["framework"] != SIF or row["state"] in ENDED
        return {} if stays else {"state": state}

    return step


def _received(row: Row, event: e.InvestigationReceived) -> Row:
    return {**_reached("under_review")(row, event), "submission": event.n}


def _closed(row: Row, event: e.CaseClosed) -> Row:
    return {
        "state": "closed_actions_open" if event.actions_open else "closed",
        "closed_on": event.on,
        "has_learning": event.learning is not None,
        "themes": list(event.themes),
        "actions_open": len(event.actions_open),
    }


def _noted(row: Row, event: marks.ActivityNoted | marks.ActivityNoteCorrected) -> Row:
    noted = {"depth": event.depth, "on": event.on.isoformat()}
    return _depths({**row["depths"], event.activity: noted})


def _note_withdrawn(row: Row, event: marks.ActivityNoteWithdrawn) -> Row:
    return _depths({key: one for key, one in row["depths"].items() if key != event.activity})


def _depths(depths: Mapping[str, Any]) -> Row:
    first = min((one["on"] for one in depths.values()), default=None)
    return {
        "depths": dict(depths),
        "depth": max((one["depth"] for one in depths.values()), default=0),
        "activities": len(depths),
        "first_contact_on": date.fromisoformat(first) if first else None,
    }


def decision_of(event: e.ClassificationDecided) -> NeverEvent:
    """The decision that a commissioner's or national event holds."""
    return NeverEvent(
        outcome=event.outcome,
        type=event.type,
        subtype=event.subtype,
        list=event.list,
        effective_on=london_day(event.effective_at),
    )


CASE_STEPS: Mapping[type[Any], Callable[[Row, Any], Row]] = {
    e.CaseOpened: _opened,
    e.ReasonAdded: _reason_added,
    e.ChangeNoted: _changed,
    e.SubjectErased: lambda row, event: {"has_learning": False},
    e.CaseRerouted: _rerouted,
    e.CaseHandedOver: _handed_over,
    e.CaseAcknowledged: _acknowledged,
    e.ClassificationDecided: _classified,
    e.InitialReviewReceived: _reached("initial_review_received"),
    e.InitialReviewAccepted: _reached("investigating"),
    e.FurtherInformationRequested: _reached("declared"),
    e.InvestigationReceived: _received,
    e.InvestigationAccepted: _reached("accepted"),
    e.InvestigationReturned: _reached("returned"),
    e.CaseClosed: _closed,
    marks.ActivityNoted: _noted,
    marks.ActivityNoteCorrected: _noted,
    marks.ActivityNoteWithdrawn: _note_withdrawn,
}
"""The changed columns, from the row before and the event; an event without a step changes none."""


def seats_of(row: Row) -> frozenset[tuple[str, str]]:
    """Which organisation sits where by a row; the national seat is held by whoever is it."""
    at_national = row["decisions"] or (row["region"] is None and row["lead"] is None)
    held = (
        ("provider", row["provider"]),
        ("provider", row["provider_acting"]),
        ("lead", row["acting"]),
        ("region", row["region"]),
        *(("associate", one) for one in row["associates"]),
        ("national", NATIONAL if at_national else None),
    )
    return frozenset((seat, code) for seat, code in held if code)
