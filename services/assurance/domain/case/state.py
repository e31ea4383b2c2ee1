"""What a case is after its events, and the questions that deciders ask of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import CLOCK_STEPS
from services.assurance.domain.case.messages import Action, NeverEvent, Serious
from services.assurance.domain.marks import (
    ActivityNoteCorrected,
    ActivityNoted,
    ActivityNoteWithdrawn,
)
from services.assurance.domain.rules.clocks import Clock
from services.assurance.domain.rules.closing import Content
from shared.kernel.clock import london_day
from shared.kernel.decider import Aggregate
from shared.kernel.errors import NotFound, NotNow
from shared.nhs.frameworks import Framework, FrameworkId, framework
from shared.nhs.never_event_judging import AUTHORITIES

ClockKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialReview:
    """The newest initial review: its number, and how it was answered (None: not yet)."""

    n: int
    submitted_on: date
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """One submission of the investigation, and how it was answered (None: not yet)."""

    n: int
    submitted_on: date
    content: Content
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `decisions` holds the newest decision of each authority on the never event,
    `depths` the depth of each activity that counts, `activities` all that were ever noted."""

    incident: str = ""
    framework_id: FrameworkId | None = None
    day: date = date.min
    parties: e.Parties | None = None
    serious: Serious | None = None
    decisions: Mapping[str, NeverEvent] = field(default_factory=dict)
    clocks: Mapping[ClockKey, Clock] = field(default_factory=dict)
    acknowledged_on: date | None = None
    initial_review: InitialReview | None = None
    investigations: tuple[Investigation, ...] = ()
    depths: Mapping[str, int] = field(default_factory=dict)
    activities: frozenset[str] = frozenset()
    closed_on: date | None = None
    withdrawn_on: date | None = None
    erased: bool = False

    @property
    def opened(self) -> bool:
        return self.parties is not None

    @property
    def framework(self) -> Framework:
        """The framework it opened under, for good. Raises NotFound before it has opened."""
        if self.framework_id is None:
            raise _not_there()
        return framework(self.framework_id)

    @property
    def seats(self) -> e.Parties:
        """The parties. Raises NotFound before the case has opened."""
        return self.require_there()

    @property
    def unrouted(self) -> bool:
        return self.seats.lead is None

    @property
    def decision(self) -> NeverEvent | None:
        """The decision that stands: national over commissioner over trust."""
        found = (self.decisions.get(authority) for authority in AUTHORITIES)
        return next((one for one in found if one), None)

    @property
    def is_never_event(self) -> bool:
        return self.decision is not None and self.decision.outcome == "meets"

    @property
    def depth(self) -> int:
        """The deepest activity that counts; paper where there is none."""
        return max(self.depths.values(), default=0)

    @property
    def latest(self) -> Investigation | None:
        return self.investigations[-1] if self.investigations else None

    def require_there(self) -> e.Parties:
        """The parties, open or not. Raises NotFound before the case has opened."""
        if self.parties is None:
            raise _not_there()
        return self.parties

    def require_open(self) -> None:
        """Raises NotFound before it opened, NotNow once it is closed or withdrawn."""
        self.require_there()
        if self.closed_on:
            raise NotNow("The case is closed.")
        if self.withdrawn_on:
            raise NotNow("The trust withdrew the record; the case stands as it was.")

    def clock(self, rule: str, n: int = 1) -> Clock | None:
        return self.clocks.get((rule, n))

    def running(self) -> tuple[Clock, ...]:
        return tuple(one for one in self.clocks.values() if one.running)


def _not_there() -> NotFound:
    return NotFound("There is no such case, or it is not yours to see.")


def _opened(case: Case, event: e.CaseOpened) -> Case:
    return replace(
        case,
        incident=event.incident,
        framework_id=event.framework,
        day=event.day,
        parties=event.parties,
        serious=event.serious,
        decisions=_with(case.decisions, "trust", event.never_event),
    )


def _reason_added(case: Case, event: e.ReasonAdded) -> Case:
    return replace(
        case,
        serious=event.serious or case.serious,
        decisions=_with(case.decisions, "trust", event.never_event),
    )


def _change_noted(case: Case, event: e.ChangeNoted) -> Case:
    return replace(
        case,
        day=event.day or case.day,
        decisions=_with(case.decisions, "trust", event.never_event),
        withdrawn_on=event.on if event.what == "withdrawn" else case.withdrawn_on,
    )


def _rerouted(case: Case, event: e.CaseRerouted) -> Case:
    kept = tuple(one for one in case.seats.associates if one != event.to)
    seats = replace(case.seats, lead=event.to, acting=event.to, associates=kept)
    return replace(case, parties=seats, acknowledged_on=None)


def _handed_over(case: Case, event: e.CaseHandedOver) -> Case:
    def now(code: str | None) -> str | None:
        return event.to if code == event.former else code

    seats = case.seats
    moved = replace(
        seats,
        acting=now(seats.acting),
        provider_acting=now(seats.provider_acting) or seats.provider_acting,
        associates=tuple(now(one) or one for one in seats.associates),
    )
    return replace(case, parties=moved)


def _classified(case: Case, event: e.ClassificationDecided) -> Case:
    decided = NeverEvent(
        outcome=event.outcome,
        type=event.type,
        subtype=event.subtype,
        list=event.list,
        effective_on=london_day(event.effective_at),
    )
    return replace(case, decisions=_with(case.decisions, event.authority, decided))


def _initial_received(case: Case, event: e.InitialReviewReceived) -> Case:
    return replace(case, initial_review=InitialReview(n=event.n, submitted_on=event.submitted_on))


def _initial_answered(verdict: str) -> Callable[[Case, Any], Case]:
    def step(case: Case, event: Any) -> Case:
        if case.initial_review is None:
            return case
        return replace(case, initial_review=replace(case.initial_review, verdict=verdict))

    return step


def _investigation_received(case: Case, event: e.InvestigationReceived) -> Case:
    received = Investigation(n=event.n, submitted_on=event.submitted_on, content=content_of(event))
    return replace(case, investigations=(*case.investigations, received))


def _investigation_answered(verdict: str) -> Callable[[Case, Any], Case]:
    def step(case: Case, event: Any) -> Case:
        answered = tuple(
            replace(one, verdict=verdict) if one.n == event.n else one
            for one in case.investigations
        )
        return replace(case, investigations=answered)

    return step


def _activity(case: Case, event: ActivityNoted | ActivityNoteCorrected) -> Case:
    return replace(
        case,
        depths=_with(case.depths, event.activity, event.depth),
        activities=case.activities | {event.activity},
    )


def _activity_withdrawn(case: Case, event: ActivityNoteWithdrawn) -> Case:
    kept = {key: depth for key, depth in case.depths.items() if key != event.activity}
    return replace(case, depths=MappingProxyType(kept))


def _clock(case: Case, event: Any) -> Case:
    key = (event.rule, event.n)
    moved = CLOCK_STEPS[type(event)](case.clocks.get(key), event)
    return replace(case, clocks=_with(case.clocks, key, moved))


def content_of(received: Any) -> Content:
    """The counts of a submission, from the command or the event that brings it."""
    actions: tuple[Action, ...] = received.actions
    return Content(
        root_causes=received.root_causes,
        findings=received.findings,
        lessons=received.lessons,
        actions=MappingProxyType({one.number: one.due for one in actions}),
    )


def _with(held: Mapping[Any, Any], key: Any, value: Any) -> Mapping[Any, Any]:
    return held if value is None else MappingProxyType({**held, key: value})


_STEPS: Mapping[type[Any], Callable[[Case, Any], Case]] = {
    e.CaseOpened: _opened,
    e.ReasonAdded: _reason_added,
    e.ChangeNoted: _change_noted,
    e.SubjectErased: lambda case, event: replace(case, erased=True),
    e.CaseRerouted: _rerouted,
    e.CaseHandedOver: _handed_over,
    e.CaseAcknowledged: lambda case, event: replace(case, acknowledged_on=event.on),
    e.ClassificationDecided: _classified,
    e.InitialReviewReceived: _initial_received,
    e.InitialReviewAccepted: _initial_answered("accepted"),
    e.FurtherInformationRequested: _initial_answered("further_information"),
    e.InvestigationReceived: _investigation_received,
    e.InvestigationAccepted: _investigation_answered("accepted"),
    e.InvestigationReturned: _investigation_answered("returned"),
    e.CaseClosed: lambda case, event: replace(case, closed_on=event.on),
    ActivityNoted: _activity,
    ActivityNoteCorrected: _activity,
    ActivityNoteWithdrawn: _activity_withdrawn,
    **dict.fromkeys(CLOCK_STEPS, _clock),
}

CASE: Aggregate[Case] = Aggregate(name="case", initial=Case(), steps=_STEPS)
