"""What one incident's events add up to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
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
    Basis,
    Changes,
    EventAmended,
    EventReported,
    EventWithdrawn,
    Passage,
    Patient,
    Report,
)
from services.intake.domain.incident.messages.response import (
    InitialReviewSubmitted,
    InvestigationSubmitted,
    SeriousIncidentDeclared,
)
from services.intake.domain.incident.texts import (
    RECORD_TEXTS,
    texts_of_initial_review,
    texts_of_investigation,
    texts_of_report,
)
from services.intake.domain.rules.passages import Splice
from shared.kernel.clock import day_of
from shared.kernel.decider import Aggregate
from shared.kernel.errors import NotFound, NotNow
from shared.nhs.never_event_judging import AUTHORITIES

Decision = ClassificationDecided | ClassificationHeard


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as it stands.

    `texts` holds all narrative by path, as mended; `passages` the flagged ones not yet settled, of
    `numbered` ever flagged. `decisions` are the newest by authority, `sent_back` the number of
    the newest investigation that came back, `erased` what SubjectErased named.
    """

    report: Report | None = None
    reported_by: str = ""
    basis: Basis | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    numbered: int = 0
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    proposal: NeverEventProposed | None = None
    serious: SeriousIncidentDeclared | None = None
    initial_reviews: int = 0
    more_asked: bool = False
    investigations: int = 0
    sent_back: int = 0
    withdrawn: bool = False
    erased: frozenset[str] = frozenset()

    @property
    def told(self) -> Report:
        """The record. Raises NotFound where nothing was reported."""
        return self.require_told()

    def require_told(self) -> Report:
        """The record, live or not. Raises NotFound where nothing was reported."""
        if self.report is None:
            raise NotFound("There is no such event, or it is not yours to see.")
        return self.report

    @property
    def grounds(self) -> Basis:
        """What reference data made of the record. Raises NotFound where nothing was reported."""
        if self.basis is None:
            raise NotFound("There is no such event, or it is not yours to see.")
        return self.basis

    @property
    def day(self) -> date:
        """The London day on which it occurred."""
        return day_of(self.told.occurred)

    @property
    def standing(self) -> Decision | None:
        """The decision that holds: national before commissioner before trust."""
        found = (self.decisions.get(one) for one in AUTHORITIES)
        return next((one for one in found if one is not None), None)

    @property
    def under_way(self) -> bool:
        """Whether anything was decided or sent under the record's framework."""
        return bool(self.decisions or self.serious or self.initial_reviews or self.investigations)

    def require_live(self) -> Report:
        """The record, to be worked on. Raises NotFound, or NotNow once withdrawn or erased."""
        told = self.told
        if "record" in self.erased:
            raise NotNow("This record was erased.")
        if self.withdrawn:
            raise NotNow("This record was withdrawn.")
        return told

    def passage(self, number: int) -> Passage | None:
        """The flagged passage of that number; None once it is settled."""
        return next((one for one in self.passages if one.number == number), None)


def without_erased(report: Report, erased: frozenset[str]) -> Report:
    """The record without what was erased from it: the reporter, details of single patients, or
    all that was sealed."""
    whole = "record" in erased
    gone = {f"patient {one.number}" for one in report.patients} if whole else erased
    patients = tuple(
        Patient(number=one.number) if f"patient {one.number}" in gone else one
        for one in report.patients
    )
    reporter = None if whole or "reporter" in erased else report.reporter
    left = replace(report, reporter=reporter, patients=patients)
    if not whole:
        return left
    return replace(left, what_happened="", immediate_action=None, location=None, reference=None)


def changed_to(report: Report, changes: Changes, cleared: tuple[str, ...]) -> Report:
    """The record after an amendment."""
    given = {one.name: getattr(changes, one.name) for one in fields(Changes)}
    present: dict[str, Any] = {name: held for name, held in given.items() if held is not None}
    emptied: dict[str, Any] = dict.fromkeys(cleared)
    return replace(report, **present, **emptied)


def _reported(state: Incident, event: EventReported) -> Incident:
    return replace(
        state,
        report=event.report,
        reported_by=event.reported_by,
        basis=event.basis,
        texts=texts_of_report(event.report),
        passages=event.passages,
        numbered=len(event.passages),
    )


def _amended(state: Incident, event: EventAmended) -> Incident:
    report = changed_to(state.told, event.changes, event.cleared)
    rewritten = {name for name in RECORD_TEXTS if name in event.changed}
    others = {path: text for path, text in state.texts.items() if path not in RECORD_TEXTS}
    kept = tuple(one for one in state.passages if one.text not in rewritten)
    return replace(
        state,
        report=report,
        basis=event.basis,
        texts={**texts_of_report(report), **others},
        passages=(*kept, *event.passages),
        numbered=state.numbered + len(event.passages),
    )


def _withdrawn(state: Incident, event: EventWithdrawn) -> Incident:
    return replace(state, withdrawn=True)


def _proposed(state: Incident, event: NeverEventProposed) -> Incident:
    return replace(state, proposal=event)


def _decided(state: Incident, event: ClassificationDecided) -> Incident:
    return replace(state, decisions={**state.decisions, "trust": event}, proposal=None)


def _classification_heard(state: Incident, event: ClassificationHeard) -> Incident:
    return replace(state, decisions={**state.decisions, event.authority: event}, proposal=None)


def _declared(state: Incident, event: SeriousIncidentDeclared) -> Incident:
    return replace(state, serious=event)


def _reviewed(state: Incident, event: InitialReviewSubmitted) -> Incident:
    return replace(
        state,
        initial_reviews=event.n,
        more_asked=False,
        texts={**state.texts, **texts_of_initial_review(event, event.n)},
        passages=(*state.passages, *event.passages),
        numbered=state.numbered + len(event.passages),
    )


def _investigated(state: Incident, event: InvestigationSubmitted) -> Incident:
    return replace(
        state,
        investigations=event.n,
        texts={**state.texts, **texts_of_investigation(event, event.n)},
        passages=(*state.passages, *event.passages),
        numbered=state.numbered + len(event.passages),
    )


def _released(state: Incident, event: PassageReleased) -> Incident:
    return replace(
        state, passages=tuple(one for one in state.passages if one.number != event.passage)
    )


def _corrected(state: Incident, event: PassageCorrected) -> Incident:
    mended = state.passage(event.passage)
    if mended is None:
        return state
    splice = Splice(start=mended.start, end=mended.end, text=event.text)
    text = splice.applied(state.texts.get(mended.text, ""))
    report = state.told
    if mended.text in RECORD_TEXTS:
        field_: dict[str, Any] = {mended.text: text}
        report = replace(report, **field_)
    return replace(
        state,
        report=report,
        texts={**state.texts, mended.text: text},
        passages=tuple(_moved(state.passages, mended, splice)),
    )


def _moved(passages: tuple[Passage, ...], mended: Passage, splice: Splice) -> list[Passage]:
    """Passages of other texts stay, overlapping ones are settled with it, later ones move."""
    moved = []
    for one in passages:
        if one.text != mended.text or one.end <= splice.start:
            moved.append(one)
        elif not splice.touches(one):
            start, end = one.start + splice.shift, one.end + splice.shift
            moved.append(replace(one, start=start, end=end))
    return moved


def _erased(state: Incident, event: SubjectErased) -> Incident:
    subject = event.scope if event.patient is None else f"{event.scope} {event.patient}"
    erased = state.erased | {subject}
    report = without_erased(state.told, erased)
    if subject == "record":
        return replace(state, report=report, erased=erased, texts={}, passages=())
    return replace(state, report=report, erased=erased)


def _responded(state: Incident, event: CommissionerResponded) -> Incident:
    answered = event.answered
    more = answered.kind == "investigation_returned" or answered.verdict == "further_information"
    if not more:
        return state
    if answered.about == "initial_review":
        return replace(state, more_asked=True)
    return replace(state, sent_back=answered.n or state.investigations)


def _unmoved(state: Incident, event: LessonDrawn) -> Incident:
    return state


_STEPS: Mapping[type[Any], Callable[[Incident, Any], Incident]] = {
    EventReported: _reported,
    EventAmended: _amended,
    EventWithdrawn: _withdrawn,
    NeverEventProposed: _proposed,
    ClassificationDecided: _decided,
    ClassificationHeard: _classification_heard,
    SeriousIncidentDeclared: _declared,
    InitialReviewSubmitted: _reviewed,
    InvestigationSubmitted: _investigated,
    PassageReleased: _released,
    PassageCorrected: _corrected,
    SubjectErased: _erased,
    CommissionerResponded: _responded,
    LessonDrawn: _unmoved,
}

INCIDENT: Aggregate[Incident] = Aggregate(name="incident", initial=Incident(), steps=_STEPS)
"""Streams `incident-<id>`; the id derives from reporting organisation and reference."""
