"""Receiving what the trust sends and answering it, criterion by criterion."""

from collections.abc import Sequence
from datetime import date

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import met, started, voided
from services.assurance.domain.case.messages import (
    CriterionAnswer,
    ReceiveInitialReview,
    ReceiveInvestigation,
    ReviewInitialReview,
    ReviewInvestigation,
)
from services.assurance.domain.case.state import Case, Investigation
from services.assurance.domain.rules.clocks import INITIAL, QA, REPORTS
from services.assurance.domain.rules.closing import missing_content, open_criteria
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Incomplete, Invalid, NotNow
from shared.nhs.frameworks import Framework


def receive_initial_review(case: Case, command: ReceiveInitialReview, facts: Facts) -> Events:
    """The initial review arrived; the first one meets its clock."""
    case.require_there()
    n = case.initial_review.n + 1 if case.initial_review else 1
    received = e.InitialReviewReceived(n=n, submitted_on=command.submitted_on)
    return (received, *met(case.clock(INITIAL), command.submitted_on, facts.today))


def receive_investigation(case: Case, command: ReceiveInvestigation, facts: Facts) -> Events:
    """The investigation arrived for the n-th time: the report's clock is met, that of the
    commissioner's review starts. A submission known already is nothing."""
    case.require_there()
    if case.latest and command.n <= case.latest.n:
        return ()
    received = e.InvestigationReceived(
        n=command.n,
        submitted_on=command.submitted_on,
        level=command.level,
        factors=command.factors,
        root_causes=command.root_causes,
        findings=command.findings,
        lessons=command.lessons,
        actions=command.actions,
    )
    reports = (case.clock(rule) for rule in REPORTS)
    stops = (one for clock in reports for one in met(clock, command.submitted_on, facts.today))
    return (received, *stops, *_review_clock(case, command, facts))


def _review_clock(case: Case, command: ReceiveInvestigation, facts: Facts) -> Events:
    if case.closed_on or not case.framework.commissioner_returns:
        return ()
    overtaken = tuple(one for one in case.running() if one.rule == QA)
    return (
        *voided(overtaken, facts.today, "resubmitted"),
        *started(case.framework.id, QA, command.submitted_on, facts.today, command.n),
    )


def review_initial_review(case: Case, command: ReviewInitialReview, facts: Facts) -> Events:
    """Answers the newest initial review. Raises NotNow where none waits, Incomplete where more is
    asked for without saying what."""
    case.require_open()
    review = case.initial_review
    if review is None or review.verdict is not None:
        raise NotNow("No initial review waits for an answer.")
    if command.verdict == "accepted":
        accepted = e.InitialReviewAccepted(n=review.n, on=facts.today, comment=command.comment)
        return (accepted,)
    if command.comment is None:
        raise Incomplete("asking for more", ("what is asked for, as a comment",))
    _require_not_past(command.due, facts)
    asked = e.FurtherInformationRequested(
        n=review.n, on=facts.today, comment=command.comment, due=command.due
    )
    return (asked,)


def review_investigation(case: Case, command: ReviewInvestigation, facts: Facts) -> Events:
    """Answers one submission by the framework's criteria; feedback meets the review's clock.

    Source: Serious Incident Framework, NHS England, edition of 27 March 2015 (gateway reference
    03198), closure checklist; the criteria stand in shared/nhs/closure_criteria.py.
    Raises NotNow where that submission does not wait for an answer or the framework lets nobody
    return it, Incomplete for criteria without an answer or a report that lacks what it must hold.
    """
    case.require_open()
    submission = _awaiting(case, command.submission)
    _require_answers(case.framework, command.answers)
    stop = met(case.clock(QA, submission.n), facts.today, facts.today)
    if command.verdict == "accepted":
        missing = missing_content(case.framework, submission.content)
        if missing:
            raise Incomplete("the investigation", missing)
        accepted = e.InvestigationAccepted(n=submission.n, answers=command.answers, on=facts.today)
        return (accepted, *stop)
    return (_returned(case, command, facts), *stop)


def _returned(case: Case, command: ReviewInvestigation, facts: Facts) -> e.InvestigationReturned:
    if not case.framework.commissioner_returns:
        raise NotNow("Under this framework the provider's board signs off; nothing is returned.")
    open_ = open_criteria((one.criterion, one.answer) for one in command.answers)
    if not open_:
        raise Invalid(
            "/answers", "nothing_open", "A return needs a criterion answered partly or not met."
        )
    _require_not_past(command.due, facts)
    return e.InvestigationReturned(
        n=command.submission,
        answers=command.answers,
        open_criteria=open_,
        on=facts.today,
        due=command.due,
    )


def _awaiting(case: Case, n: int) -> Investigation:
    latest = case.latest
    if latest is None or latest.n != n:
        raise NotNow("That submission is not the newest one received.")
    if latest.verdict is not None:
        raise NotNow("That submission has been answered already.")
    return latest


def _require_answers(framework: Framework, answers: Sequence[CriterionAnswer]) -> None:
    given = [one.criterion for one in answers]
    for place, criterion in enumerate(given):
        pointer = f"/answers/{place}/criterion"
        if framework.criterion(criterion) is None:
            raise Invalid(pointer, "unknown", "The framework's checklist has no such criterion.")
        if criterion in given[:place]:
            raise Invalid(pointer, "repeated", "Each criterion is answered once.")
    missing = framework.unanswered(given)
    if missing:
        raise Incomplete("criteria", missing)


def _require_not_past(due: date | None, facts: Facts) -> None:
    if due is not None and due < facts.today:
        raise Invalid("/due", "past", "The day asked for is today or later.")
