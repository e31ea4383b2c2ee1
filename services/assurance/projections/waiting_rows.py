"""What each event puts on somebody's list, and what it takes off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.assurance.domain.case import events as e
from services.assurance.domain.rules.clocks import INITIAL, QA, REPORTS
from services.assurance.domain.rules.waiting import ITEMS
from services.assurance.projections.case_rows import ENDED, SIF
from shared.projections.base import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Items that begin to wait, with the day they are due (None: none is set), and those done."""

    put: Mapping[str, date | None]
    done: tuple[str, ...] = ()


NOTHING = Moves(put={})
_BY_RULE = {
    INITIAL: "initial_review",
    QA: "review_investigation",
    **dict.fromkeys(REPORTS, "investigation"),
}
_ALL_DONE = Moves(put={}, done=tuple(ITEMS))


def _opened(row: Row, event: e.CaseOpened) -> Moves:
    first = "acknowledge" if event.parties.lead else "reroute"
    awaited = event.framework == SIF and event.serious is None
    return Moves(put={first: None} | ({"declare": None} if awaited else {}))


def _reason_added(row: Row, event: e.ReasonAdded) -> Moves:
    return Moves(put={}, done=("declare",)) if event.serious else NOTHING


def _received(row: Row, event: e.InvestigationReceived) -> Moves:
    return Moves(put={"review_investigation": None}, done=("investigation", "resubmit", "close"))


def _accepted(row: Row, event: e.InvestigationAccepted) -> Moves:
    closes = {"close": None} if row["framework"] == SIF else {}
    return Moves(put=closes, done=("review_investigation",))


def _clock_started(row: Row, event: e.ClockStarted) -> Moves:
    item = _BY_RULE.get(event.rule)
    return Moves(put={item: event.due}) if item else NOTHING


def _clock_moved(row: Row, event: e.ClockRecomputed) -> Moves:
    item = _BY_RULE.get(event.rule)
    return Moves(put={item: event.new_due}) if item else NOTHING


def _clock_met(row: Row, event: e.ClockMet) -> Moves:
    item = _BY_RULE.get(event.rule)
    return Moves(put={}, done=(item,)) if item and event.rule != QA else NOTHING


def _changed(row: Row, event: e.ChangeNoted) -> Moves:
    return _ALL_DONE if event.what == "withdrawn" else NOTHING


_STEPS: Mapping[type[Any], Callable[[Row, Any], Moves]] = {
    e.CaseOpened: _opened,
    e.ReasonAdded: _reason_added,
    e.ChangeNoted: _changed,
    e.CaseRerouted: lambda row, event: Moves(put={"acknowledge": None}, done=("reroute",)),
    e.CaseAcknowledged: lambda row, event: Moves(put={}, done=("acknowledge",)),
    e.InitialReviewReceived: lambda row, event: Moves(
        put={"review_initial_review": None}, done=("initial_review", "further_information")
    ),
    e.InitialReviewAccepted: lambda row, event: Moves(put={}, done=("review_initial_review",)),
    e.FurtherInformationRequested: lambda row, event: Moves(
        put={"further_information": event.due}, done=("review_initial_review",)
    ),
    e.InvestigationReceived: _received,
    e.InvestigationAccepted: _accepted,
    e.InvestigationReturned: lambda row, event: Moves(
        put={"resubmit": event.due}, done=("review_investigation",)
    ),
    e.CaseClosed: lambda row, event: _ALL_DONE,
    e.ClockStarted: _clock_started,
    e.ClockRecomputed: _clock_moved,
    e.ClockMet: _clock_met,
}


def moves(row: Row, event: Any) -> Moves:
    """What an event moves on the lists, given its case's row as it stands after the event; an
    ended case begins nothing."""
    step = _STEPS.get(type(event))
    if step is None:
        return NOTHING
    found = step(row, event)
    return Moves(put={}, done=found.done) if row["state"] in ENDED else found
