"""Each answer to a lesson is a state of its own; none implies another but having seen it."""

from datetime import date
from typing import Any

import pytest

from services.learning.domain.adoption import (
    ADOPTION,
    AdoptionDeclared,
    AdoptionEvidenced,
    AdoptionPlanned,
    AnswerRelevance,
    DeclareAdopted,
    Evidence,
    GiveEvidence,
    LessonSeen,
    MarkSeen,
    PlanAdoption,
    PlannedAction,
    RelevanceAnswered,
    adoption_id,
    answer_relevance,
    declare_adopted,
    give_evidence,
    mark_seen,
    plan_adoption,
)
from shared.kernel.errors import Incomplete, Invalid, NotFound, NotNow
from tests.kit.decider import given
from tests.learning import builders as a

ABOUT: dict[str, Any] = {
    "lesson": "lesson1",
    "number": "OD-LESSON-2019-1",
    "version": 1,
    "organisation": a.TRUST,
    "on": a.TODAY,
}
SEEN = LessonSeen(**ABOUT)
APPLIES = RelevanceAnswered(**ABOUT, applies=True)
NOT_HERE = RelevanceAnswered(**ABOUT, applies=False, reason="equipment_not_used", note="None here.")
PLAN = (PlannedAction(action=1, by=date(2019, 5, 1), owner_role="estates_lead"),)
DECLARED = AdoptionDeclared(**ABOUT, signed_off_by="medical_director")
SHOWN = (Evidence(kind="audit", shows="All 240 outlets are capped."),)

SEE = MarkSeen(lesson="lesson1", version=1)
APPLY = AnswerRelevance(lesson="lesson1", version=1, applies=True)
REFUSE = AnswerRelevance(
    lesson="lesson1", version=1, applies=False, reason="equipment_not_used", note="None here."
)
DECLARE = DeclareAdopted(lesson="lesson1", version=1, signed_off_by="medical_director")
SHOW = GiveEvidence(lesson="lesson1", version=1, evidence=SHOWN)


def test_a_lesson_is_seen_once():
    given(ADOPTION).when(mark_seen, SEE, a.adoption_facts()).then(SEEN)
    given(ADOPTION, SEEN).when(mark_seen, SEE, a.adoption_facts()).nothing()


def test_whoever_answers_has_seen_it():
    given(ADOPTION).when(answer_relevance, APPLY, a.adoption_facts()).then(SEEN, APPLIES)
    given(ADOPTION, SEEN).when(answer_relevance, REFUSE, a.adoption_facts()).then(NOT_HERE)


def test_not_relevant_needs_a_reason_and_relevant_takes_none():
    bare = AnswerRelevance(lesson="lesson1", version=1, applies=False)
    given(ADOPTION).when(answer_relevance, bare, a.adoption_facts()).refused(Incomplete)
    odd = AnswerRelevance(lesson="lesson1", version=1, applies=True, reason="other")
    given(ADOPTION).when(answer_relevance, odd, a.adoption_facts()).refused(Invalid)


def test_an_answer_may_change_until_it_is_declared():
    given(ADOPTION, SEEN, NOT_HERE).when(answer_relevance, APPLY, a.adoption_facts()).then(APPLIES)
    given(ADOPTION, SEEN, APPLIES, DECLARED).when(
        answer_relevance, REFUSE, a.adoption_facts()
    ).refused(NotNow)


def test_a_plan_names_actions_of_the_lesson():
    plan = PlanAdoption(lesson="lesson1", version=1, actions=PLAN)
    given(ADOPTION, SEEN, APPLIES).when(plan_adoption, plan, a.adoption_facts()).then(
        AdoptionPlanned(**ABOUT, actions=PLAN)
    )
    third = PlannedAction(action=3, by=date(2019, 5, 1), owner_role="estates_lead")
    wrong = PlanAdoption(lesson="lesson1", version=1, actions=(*PLAN, third))
    refusal = (
        given(ADOPTION, SEEN, APPLIES)
        .when(plan_adoption, wrong, a.adoption_facts())
        .refused(Invalid)
    )
    assert [one.pointer for one in refusal.faults] == ["/actions/1/action"]


@pytest.mark.parametrize("past", [(), (SEEN,), (SEEN, NOT_HERE)])
def test_nothing_is_planned_or_declared_that_does_not_apply(past):
    plan = PlanAdoption(lesson="lesson1", version=1, actions=PLAN)
    given(ADOPTION, *past).when(plan_adoption, plan, a.adoption_facts()).refused(NotNow)
    given(ADOPTION, *past).when(declare_adopted, DECLARE, a.adoption_facts()).refused(NotNow)


def test_it_is_declared_once_and_then_shown_as_often_as_need_be():
    given(ADOPTION, SEEN, APPLIES).when(declare_adopted, DECLARE, a.adoption_facts()).then(DECLARED)
    declared = given(ADOPTION, SEEN, APPLIES, DECLARED)
    declared.when(declare_adopted, DECLARE, a.adoption_facts()).refused(NotNow)
    evidenced = AdoptionEvidenced(**ABOUT, evidence=SHOWN)
    declared.when(give_evidence, SHOW, a.adoption_facts()).then(evidenced)
    given(ADOPTION, SEEN, APPLIES, DECLARED, evidenced).when(
        give_evidence, SHOW, a.adoption_facts()
    ).then(evidenced)


def test_what_was_not_declared_is_not_shown():
    given(ADOPTION, SEEN, APPLIES).when(give_evidence, SHOW, a.adoption_facts()).refused(NotNow)


def test_an_answer_belongs_to_the_version_that_was_read():
    newer = a.adoption_facts(read=a.read_lesson(version=2))
    given(ADOPTION).when(mark_seen, SEE, newer).refused(NotNow, "version is 2 now")


def test_only_a_published_lesson_that_holds_is_answered():
    given(ADOPTION).when(mark_seen, SEE, a.adoption_facts(read=None)).refused(NotFound)
    withdrawn = a.adoption_facts(read=a.read_lesson(withdrawn=True))
    given(ADOPTION).when(mark_seen, SEE, withdrawn).refused(NotNow, "withdrawn")


def test_one_adoption_an_organisation_and_version():
    assert adoption_id("lesson1", 1, "DEMOT07") == "lesson1-1-DEMOT07"
