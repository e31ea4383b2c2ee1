"""The trust's answer to a serious event, in the order that its framework asks for."""

from services.intake.domain.incident.facts import NarrativeFacts, numbered
from services.intake.domain.incident.messages.response import (
    DeclareSerious,
    InitialReviewSubmitted,
    InvestigationSubmitted,
    SeriousIncidentDeclared,
    SubmitInitialReview,
    SubmitInvestigation,
)
from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Incomplete, Invalid, NotNow
from shared.nhs.frameworks import framework


def declare_serious(state: Incident, command: DeclareSerious, facts: Facts) -> Events:
    """A declaration under SIF2015, once. Raises NotNow under a framework without that class."""
    report = state.require_live()
    _require_serious_class(state)
    if state.serious is not None:
        raise NotNow("This event was declared a serious incident before.")
    if report.kind == "good_care":
        raise NotNow("Good care is no serious incident.")
    if command.identified_on > facts.today:
        raise Invalid("/identified_on", "future", "The day of identification is still to come.")
    if command.identified_on < state.day:
        raise Invalid(
            "/identified_on", "before_occurred", "An event cannot be known before it occurs."
        )
    declared = SeriousIncidentDeclared(
        identified_on=command.identified_on,
        declared_on=facts.today,
        category=command.category,
        reason_for_reporting=command.reason_for_reporting,
        level=command.level,
        references=command.references,
    )
    return [declared]


def submit_initial_review(
    state: Incident, command: SubmitInitialReview, facts: NarrativeFacts
) -> Events:
    """The first review after a declaration; again only where the commissioner asked for more."""
    state.require_live()
    _require_declared(state)
    if state.investigations:
        raise NotNow("The investigation was submitted already.")
    if state.initial_reviews and not state.more_asked:
        raise NotNow("The initial review was submitted, and nothing more was asked for.")
    submitted = InitialReviewSubmitted(
        n=state.initial_reviews + 1,
        submitted_on=facts.today,
        summary=command.summary,
        immediate_actions=command.immediate_actions,
        proposed_level=command.proposed_level,
        passages=numbered(facts.flags, state.numbered),
    )
    return [submitted]


def submit_investigation(
    state: Incident, command: SubmitInvestigation, facts: NarrativeFacts
) -> Events:
    """The n-th report: the first follows the initial review (SIF2015), a further one only after
    the commissioner sent the last one back."""
    state.require_live()
    _require_turn(state)
    if not (command.findings or command.root_causes or command.summary):
        raise Incomplete("The investigation", ["a summary, findings or root causes"])
    submitted = InvestigationSubmitted(
        n=state.investigations + 1,
        submitted_on=facts.today,
        summary=command.summary,
        answer=command.answer,
        factors=command.factors,
        root_causes=command.root_causes,
        findings=command.findings,
        areas_for_improvement=command.areas_for_improvement,
        lessons=command.lessons,
        actions=command.actions,
        passages=numbered(facts.flags, state.numbered),
    )
    return [submitted]


def _require_turn(state: Incident) -> None:
    if framework(state.grounds.framework).serious_class:
        _require_declared(state)
        if not state.initial_reviews:
            raise NotNow("The initial review comes before the investigation.")
    if state.investigations and state.sent_back < state.investigations:
        raise NotNow("An investigation is submitted again only after it was sent back.")


def _require_serious_class(state: Incident) -> None:
    held = framework(state.grounds.framework)
    if not held.serious_class:
        raise NotNow(f"{held.title} knows no class of serious incidents.")


def _require_declared(state: Incident) -> None:
    _require_serious_class(state)
    if state.serious is None:
        raise NotNow("The event was not declared a serious incident yet.")
