"""The trust's answer to a serious event, in order."""

from datetime import date

import pytest

from services.intake.domain.incident.decide.response import (
    declare_serious,
    submit_initial_review,
    submit_investigation,
)
from services.intake.domain.incident.messages.response import SubmitInitialReview
from services.intake.domain.incident.state import INCIDENT
from shared.kernel.errors import Incomplete, Invalid, NotNow
from tests.intake import builders as make
from tests.kit.decider import given

REVIEW = SubmitInitialReview(summary="The flowmeter stood beside the oxygen outlet.")
PSIRF = make.basis(framework="PSIRF2022")


def test_a_serious_incident_is_declared_under_sif2015():
    given(INCIDENT, make.reported()).when(declare_serious, make.declare(), make.facts()).then(
        make.declared()
    )


def test_psirf2022_knows_no_class_of_serious_incidents():
    given(INCIDENT, make.reported(basis_=PSIRF)).when(
        declare_serious, make.declare(), make.facts()
    ).refused(NotNow, "knows no class")


def test_it_is_declared_once_and_never_of_good_care():
    given(INCIDENT, make.reported(), make.declared()).when(
        declare_serious, make.declare(), make.facts()
    ).refused(NotNow, "before")
    given(INCIDENT, make.reported(kind="good_care")).when(
        declare_serious, make.declare(), make.facts()
    ).refused(NotNow, "Good care")


@pytest.mark.parametrize("identified", [date(2018, 12, 18), date(2018, 12, 21)])
def test_it_is_identified_between_the_event_and_today(identified):
    given(INCIDENT, make.reported()).when(
        declare_serious, make.declare(identified_on=identified), make.facts()
    ).refused(Invalid)


def test_the_initial_review_follows_the_declaration():
    given(INCIDENT, make.reported()).when(submit_initial_review, REVIEW, make.facts()).refused(
        NotNow, "not declared"
    )
    given(INCIDENT, make.reported(), make.declared()).when(
        submit_initial_review, REVIEW, make.facts()
    ).then(make.initial_review())


def test_a_second_initial_review_only_where_more_was_asked_for():
    past = (make.reported(), make.declared(), make.initial_review())
    given(INCIDENT, *past).when(submit_initial_review, REVIEW, make.facts()).refused(NotNow)
    asked = make.responded(
        "feedback_given", about="initial_review", verdict="further_information", n=1
    )
    given(INCIDENT, *past, asked).when(submit_initial_review, REVIEW, make.facts()).then(
        make.initial_review(2)
    )


def submit(*past):
    return given(INCIDENT, *past).when(submit_investigation, make.investigation(), make.facts())


def test_the_investigation_follows_the_initial_review_under_sif2015():
    submit(make.reported()).refused(NotNow, "not declared")
    submit(make.reported(), make.declared()).refused(NotNow, "initial review comes before")
    submit(make.reported(), make.declared(), make.initial_review()).then(make.investigated())


def test_under_psirf2022_it_needs_no_declaration():
    submit(make.reported(basis_=PSIRF)).then(make.investigated())


def test_it_is_submitted_again_only_after_it_was_sent_back():
    past = (make.reported(), make.declared(), make.initial_review(), make.investigated())
    submit(*past).refused(NotNow, "sent back")
    submit(
        *past, make.responded("feedback_given", about="investigation", verdict="accepted", n=1)
    ).refused(NotNow)
    returned = make.responded("investigation_returned", n=1)
    submit(*past, returned).then(make.investigated(2))
    submit(*past, returned, make.investigated(2)).refused(NotNow, "sent back")
    more = make.responded(
        "feedback_given", about="investigation", verdict="further_information", n=1
    )
    submit(*past, more).then(make.investigated(2))


def test_an_empty_investigation_is_refused():
    empty = make.investigation(summary=None, root_causes=())
    past = (make.reported(), make.declared(), make.initial_review())
    given(INCIDENT, *past).when(submit_investigation, empty, make.facts()).refused(Incomplete)


def test_flagged_passages_of_a_submission_are_numbered_on():
    past = (make.reported(make.passage(1)), make.declared(), make.initial_review())
    flag = make.flag("investigation/1/root_causes/1", 3, 6)
    given(INCIDENT, *past).when(submit_investigation, make.investigation(), make.facts(flag)).then(
        make.investigated(passages=(make.passage(2, "investigation/1/root_causes/1", 3, 6),))
    )


def test_the_texts_of_a_submission_have_paths():
    past = (make.reported(), make.declared(), make.initial_review(), make.investigated())
    assert set(given(INCIDENT, *past).state.texts) == {
        "what_happened",
        "initial_review/1/summary",
        "investigation/1/summary",
        "investigation/1/root_causes/1",
        "investigation/1/lessons/1",
        "investigation/1/actions/1",
    }
