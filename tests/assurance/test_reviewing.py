"""What the trust sends is received once and answered criterion by criterion."""

from datetime import date

import pytest

from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide.reviewing import (
    receive_initial_review,
    receive_investigation,
    review_initial_review,
    review_investigation,
)
from services.assurance.domain.case.state import CASE
from shared.kernel.errors import Incomplete, Invalid, NotNow
from tests.assurance.builders import (
    STORY,
    action,
    answers,
    clock,
    facts,
    opened,
    received,
    serious,
)
from tests.kit.decider import given

REPORT_DUE, REVIEW_DUE = date(2019, 3, 18), date(2019, 4, 7)
DECLARED = (
    opened(serious=serious()),
    clock("SIF-INITIAL", date(2018, 12, 24)),
    clock("SIF-REPORT-2", REPORT_DUE),
)
REPORTED = (
    *DECLARED,
    received(on=REPORT_DUE),
    e.ClockMet(rule="SIF-REPORT-2", on=REPORT_DUE),
    clock("SIF-QA", REVIEW_DUE, on=REPORT_DUE),
)
APRIL = date(2019, 4, 1)


def _receive(n: int, on: date) -> m.ReceiveInvestigation:
    return m.ReceiveInvestigation(
        n=n, submitted_on=on, root_causes=1, findings=0, lessons=1, actions=(action(),)
    )


def _review(verdict="accepted", n: int = 1, due: date | None = None, given_answers=None):
    return m.ReviewInvestigation(
        submission=n, answers=given_answers or answers(), verdict=verdict, due=due
    )


def test_the_initial_review_meets_its_clock() -> None:
    on = date(2018, 12, 24)
    command = m.ReceiveInitialReview(submitted_on=on)
    given(CASE, *DECLARED).when(receive_initial_review, command, facts(on)).then(
        e.InitialReviewReceived(n=1, submitted_on=on), e.ClockMet(rule="SIF-INITIAL", on=on)
    )


def test_a_second_initial_review_is_numbered_and_meets_nothing() -> None:
    first = e.InitialReviewReceived(n=1, submitted_on=STORY)
    past = given(CASE, *DECLARED, first, e.ClockMet(rule="SIF-INITIAL", on=STORY))
    past.when(receive_initial_review, m.ReceiveInitialReview(submitted_on=STORY), facts()).then(
        e.InitialReviewReceived(n=2, submitted_on=STORY)
    )


def test_a_late_initial_review_records_the_breach_that_no_tick_has() -> None:
    on = date(2018, 12, 27)
    given(CASE, *DECLARED).when(
        receive_initial_review, m.ReceiveInitialReview(submitted_on=on), facts(on)
    ).then(
        e.InitialReviewReceived(n=1, submitted_on=on),
        e.ClockBreached(rule="SIF-INITIAL", due=date(2018, 12, 24), on=on),
        e.ClockMet(rule="SIF-INITIAL", on=on),
    )


def test_the_report_meets_its_clock_and_starts_the_commissioners() -> None:
    given(CASE, *DECLARED).when(
        receive_investigation, _receive(1, REPORT_DUE), facts(REPORT_DUE)
    ).then(
        received(on=REPORT_DUE),
        e.ClockMet(rule="SIF-REPORT-2", on=REPORT_DUE),
        clock("SIF-QA", REVIEW_DUE, on=REPORT_DUE),
    )


def test_a_submission_known_already_is_nothing() -> None:
    given(CASE, *REPORTED).when(
        receive_investigation, _receive(1, REPORT_DUE), facts(REPORT_DUE)
    ).nothing()


def test_a_new_submission_overtakes_the_review_of_the_old_one() -> None:
    given(CASE, *REPORTED).when(receive_investigation, _receive(2, APRIL), facts(APRIL)).then(
        received(n=2, on=APRIL),
        e.ClockVoided(rule="SIF-QA", on=APRIL, cause="resubmitted"),
        clock("SIF-QA", date(2019, 4, 21), n=2, on=APRIL),
    )


def test_accepting_meets_the_review_clock() -> None:
    given(CASE, *REPORTED).when(review_investigation, _review(), facts(APRIL)).then(
        e.InvestigationAccepted(n=1, answers=answers(), on=APRIL),
        e.ClockMet(rule="SIF-QA", on=APRIL),
    )


def test_returning_names_what_stays_open_and_meets_the_review_clock() -> None:
    due = date(2019, 5, 1)
    weak = answers(C3="not_met", D2="partly")
    given(CASE, *REPORTED).when(
        review_investigation, _review("returned", due=due, given_answers=weak), facts(APRIL)
    ).then(
        e.InvestigationReturned(n=1, answers=weak, open_criteria=("C3", "D2"), on=APRIL, due=due),
        e.ClockMet(rule="SIF-QA", on=APRIL),
    )


def test_a_return_with_nothing_open_or_a_day_in_the_past_is_refused() -> None:
    past = given(CASE, *REPORTED)
    past.when(review_investigation, _review("returned"), facts(APRIL)).refused(Invalid, "partly")
    late = _review("returned", due=STORY, given_answers=answers(C3="not_met"))
    past.when(review_investigation, late, facts(APRIL)).refused(Invalid, "today or later")


def test_every_criterion_is_answered_once_and_no_other() -> None:
    past = given(CASE, *REPORTED)
    some = tuple(one for one in answers() if one.criterion not in ("A1", "F2"))
    error = past.when(review_investigation, _review(given_answers=some), facts(APRIL)).refused(
        Incomplete, "A1, F2"
    )
    assert error.missing == ("A1", "F2")
    twice = (*answers(), answers()[0])
    past.when(review_investigation, _review(given_answers=twice), facts(APRIL)).refused(
        Invalid, "once"
    )
    foreign = (*answers(), m.CriterionAnswer(criterion="Z9", answer="met"))
    past.when(review_investigation, _review(given_answers=foreign), facts(APRIL)).refused(
        Invalid, "no such"
    )


def test_a_report_that_lacks_its_content_is_not_accepted() -> None:
    past = given(CASE, *DECLARED, received(root_causes=0, actions=(action(due=None),)))
    past.when(review_investigation, _review(), facts()).refused(
        Incomplete, "root causes, a due day for action 1"
    )


def test_only_the_newest_submission_waits_and_only_once() -> None:
    past = given(CASE, *REPORTED, e.InvestigationAccepted(n=1, answers=answers(), on=APRIL))
    past.when(review_investigation, _review(), facts(APRIL)).refused(NotNow, "already")
    past.when(review_investigation, _review(n=2), facts(APRIL)).refused(NotNow, "newest")
    given(CASE, *DECLARED).when(review_investigation, _review(), facts()).refused(NotNow)


def test_under_the_later_framework_nothing_is_returned() -> None:
    past = given(CASE, opened(framework="PSIRF2022"), received(findings=2))
    weak = (
        m.CriterionAnswer(criterion="P1", answer="not_met"),
        m.CriterionAnswer(criterion="P2", answer="met"),
        m.CriterionAnswer(criterion="P3", answer="met"),
    )
    past.when(review_investigation, _review("returned", given_answers=weak), facts()).refused(
        NotNow, "board"
    )
    past.when(review_investigation, _review(given_answers=weak), facts()).then(
        e.InvestigationAccepted(n=1, answers=weak, on=STORY)
    )


@pytest.mark.parametrize("verdict", ["accepted", "further_information"])
def test_the_initial_review_is_answered_once(verdict) -> None:
    command = m.ReviewInitialReview(verdict=verdict, comment="Was the family told?")
    past = (*DECLARED, e.InitialReviewReceived(n=1, submitted_on=STORY))
    answered = {
        "accepted": e.InitialReviewAccepted(n=1, on=STORY, comment=command.comment),
        "further_information": e.FurtherInformationRequested(
            n=1, on=STORY, comment="Was the family told?"
        ),
    }[verdict]
    given(CASE, *past).when(review_initial_review, command, facts()).then(answered)
    given(CASE, *past, answered).when(review_initial_review, command, facts()).refused(NotNow)


def test_asking_for_more_says_what() -> None:
    past = given(CASE, *DECLARED, e.InitialReviewReceived(n=1, submitted_on=STORY))
    past.when(
        review_initial_review, m.ReviewInitialReview(verdict="further_information"), facts()
    ).refused(Incomplete, "what is asked for")
