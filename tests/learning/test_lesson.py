"""A lesson: one person writes, another approves, and only clear text goes out."""

from datetime import date

import pytest

from services.learning.domain.lesson.decide import (
    abandon,
    add_source,
    approve,
    publish,
    revise_draft,
    start_lesson,
    submit_for_review,
    texts,
    withdraw,
)
from services.learning.domain.lesson.facts import Flagged
from services.learning.domain.lesson.messages import (
    AbandonLesson,
    AddSource,
    AppliesTo,
    Approve,
    LessonAbandoned,
    LessonApproved,
    LessonSubmitted,
    LessonWithdrawn,
    Publish,
    SourceAdded,
    StartLesson,
    SubmitForReview,
    TypeOnList,
    Withdraw,
)
from services.learning.domain.lesson.relations import relations
from services.learning.domain.lesson.state import LESSON
from services.learning.domain.marks import LessonNumberClaimed, SuggestionFreed, SuggestionTaken
from shared.kernel.decider import On
from shared.kernel.errors import Incomplete, Invalid, NotAllowed, NotFound, NotNow
from tests.kit.decider import given
from tests.learning import builders as a

START = StartLesson(suggestion="case1", title="Air taken for oxygen")
WITHDRAW = Withdraw(reason="new_evidence", note="A trial says otherwise.")
ABANDON = AbandonLesson(reason="The outlets were replaced; nobody meets this again.")
ABANDONED = LessonAbandoned(reason=ABANDON.reason, on=a.TODAY)
PUBLISHED = (*a.approved(), a.published())


def test_starting_a_lesson_takes_its_suggestion_in_the_same_commit():
    given(LESSON).when(start_lesson, START, a.source_facts(a.offered())).then(
        a.started(), On("suggestion-case1", 2, SuggestionTaken(lesson="lesson1"))
    )


def test_a_lesson_starts_from_a_suggestion_that_waits():
    given(LESSON).when(start_lesson, START, a.source_facts(None)).refused(NotFound)
    gone = a.offered(waiting=False)
    given(LESSON).when(start_lesson, START, a.source_facts(gone)).refused(NotNow)


def test_a_machine_writes_no_lesson():
    machine = a.source_facts(a.offered(), person="")
    given(LESSON).when(start_lesson, START, machine).refused(NotAllowed)


def test_a_further_source_is_taken_as_well():
    added = SourceAdded(source=a.source(2), on=a.TODAY)
    given(LESSON, *a.drafted()).when(
        add_source, AddSource(suggestion="case2"), a.source_facts(a.offered(2))
    ).then(added, On("suggestion-case2", 2, SuggestionTaken(lesson="lesson1")))


def test_no_source_is_added_to_what_was_told():
    add = AddSource(suggestion="case2")
    given(LESSON, *PUBLISHED).when(add_source, add, a.source_facts(a.offered(2))).refused(NotNow)


def test_a_lesson_names_at_most_a_hundred_sources():
    past = [a.started(), *(SourceAdded(source=a.source(n), on=a.TODAY) for n in range(2, 101))]
    add = AddSource(suggestion="case101")
    given(LESSON, *past).when(add_source, add, a.source_facts(a.offered(101))).refused(NotNow)


def test_a_draft_is_revised_whole():
    given(LESSON, a.started()).when(revise_draft, a.revise(), a.facts()).then(a.revised())


def test_an_unchanged_draft_is_no_event():
    given(LESSON, *a.drafted()).when(revise_draft, a.revise(), a.facts()).nothing()


def test_a_revision_takes_a_lesson_back_from_review_and_voids_an_approval():
    new = a.revise(title="Air is not oxygen")
    for past in (a.at_review(), a.approved()):
        given(LESSON, *past).when(revise_draft, new, a.facts()).then(
            a.revised(title="Air is not oxygen")
        )
    back = given(LESSON, *a.approved(), a.revised(title="Air is not oxygen"))
    back.when(publish, Publish(), a.publication_facts()).refused(NotNow, "a draft")


@pytest.mark.parametrize(
    ("applies_to", "pointer"),
    [
        (AppliesTo(settings=("acute", "moon")), "/applies_to/settings/1"),
        (
            AppliesTo(never_event_types=(TypeOnList(list="2015-04-01", type="15"),)),
            "/applies_to/never_event_types/0",
        ),
        (
            AppliesTo(never_event_types=(TypeOnList(list="2018-01-01", type="1"),)),
            "/applies_to/never_event_types/0",
        ),
    ],
)
def test_codes_are_those_of_their_lists(applies_to, pointer):
    revision = a.revise(applies_to=applies_to)
    refusal = given(LESSON, a.started()).when(revise_draft, revision, a.facts()).refused(Invalid)
    assert [one.pointer for one in refusal.faults] == [pointer]


def test_review_asks_for_what_a_reader_would_miss():
    refusal = (
        given(LESSON, a.started())
        .when(submit_for_review, SubmitForReview(), a.facts())
        .refused(Incomplete)
    )
    assert refusal.missing == (
        "what happened",
        "at least one contributory factor",
        "at least one action with its measure",
    )


@pytest.mark.parametrize(
    ("day", "fits"), [(None, False), (a.TODAY, False), (date(2019, 3, 5), True)]
)
def test_adopt_or_explain_needs_a_day_still_to_come(day, fits):
    past = a.drafted(response="adopt_or_explain", respond_by=day)
    submitted = given(LESSON, *past).when(submit_for_review, SubmitForReview(), a.facts())
    if fits:
        submitted.then(LessonSubmitted(on=a.TODAY))
    else:
        submitted.refused(Incomplete, "still to come")


def test_another_person_approves():
    given(LESSON, *a.at_review()).when(approve, Approve(), a.facts(a.REVIEWER)).then(
        LessonApproved(reviewer=a.REVIEWER, on=a.TODAY)
    )


def test_nobody_who_wrote_any_of_it_approves_it():
    past = (a.started(), a.revised(author="hmac-second"), LessonSubmitted(on=a.TODAY))
    for person in (a.AUTHOR, "hmac-second"):
        given(LESSON, *past).when(approve, Approve(), a.facts(person)).refused(
            Incomplete, "another person"
        )


def test_a_machine_approves_nothing():
    given(LESSON, *a.at_review()).when(approve, Approve(), a.facts("")).refused(NotAllowed)


def test_only_what_is_at_review_is_approved():
    given(LESSON, *a.drafted()).when(approve, Approve(), a.facts(a.REVIEWER)).refused(NotNow)


def test_publishing_claims_the_number_in_the_same_commit():
    given(LESSON, *a.approved()).when(publish, Publish(), a.publication_facts(n=3)).then(
        a.published(number="OD-LESSON-2019-3"),
        On("lesson-number-2019-3", 1, LessonNumberClaimed(lesson="lesson1", year=2019, n=3)),
    )


def test_the_year_of_a_number_is_the_one_in_london():
    late = a.publication_facts(n=1, today=date(2020, 1, 1))
    given(LESSON, *a.approved()).when(publish, Publish(), late).then(
        a.published(number="OD-LESSON-2020-1", on=date(2020, 1, 1)),
        On("lesson-number-2020-1", 1, LessonNumberClaimed(lesson="lesson1", year=2020, n=1)),
    )


def test_a_flagged_passage_refuses_publication_and_is_not_repeated():
    flagged = (Flagged(field="what_happened", kind="NHS number"),)
    refusal = (
        given(LESSON, *a.approved(what_happened="The number was 999 123 4568."))
        .when(publish, Publish(), a.publication_facts(flagged=flagged))
        .refused(Incomplete)
    )
    assert refusal.missing == ("what_happened without its NHS number",)
    assert "999" not in refusal.detail


def test_every_free_text_is_screened():
    held = a.content(evidence="An audit")
    assert [name for name, _ in texts(held)] == [
        "title",
        "what_happened",
        "evidence",
        "factor 1",
        "action 1",
        "measure 1",
        "action 2",
        "measure 2",
        "device 1",
    ]
    assert all(text for _, text in texts(held))


def test_only_what_is_approved_is_published_and_once():
    for past in (a.drafted(), a.at_review(), PUBLISHED):
        given(LESSON, *past).when(publish, Publish(), a.publication_facts()).refused(NotNow)
    given(LESSON).when(publish, Publish(), a.publication_facts()).refused(NotFound)


def test_a_day_to_respond_by_that_has_passed_since_is_asked_for_again():
    past = a.approved(response="adopt_or_explain", respond_by=date(2019, 3, 5))
    later = a.publication_facts(today=date(2019, 3, 5))
    given(LESSON, *past).when(publish, Publish(), later).refused(Incomplete, "still to come")


def test_abandoning_a_lesson_frees_its_sources_in_the_same_commit():
    past = (*a.drafted(), SourceAdded(source=a.source(2), on=a.TODAY))
    given(LESSON, *past).when(abandon, ABANDON, a.abandonment_facts(1, 2)).then(
        ABANDONED,
        On("suggestion-case1", 3, SuggestionFreed(lesson="lesson1")),
        On("suggestion-case2", 3, SuggestionFreed(lesson="lesson1")),
    )


def test_a_source_that_waits_again_already_is_left_alone():
    given(LESSON, *a.drafted()).when(abandon, ABANDON, a.abandonment_facts()).then(ABANDONED)


def test_a_lesson_is_abandoned_at_every_stage_before_it_is_published():
    for past in (a.drafted(), a.at_review(), a.approved()):
        given(LESSON, *past).when(abandon, ABANDON, a.abandonment_facts()).then(ABANDONED)


def test_what_was_told_is_withdrawn_and_not_abandoned():
    gone = (*PUBLISHED, LessonWithdrawn(reason="error", on=a.TODAY))
    for past in (PUBLISHED, gone):
        given(LESSON, *past).when(abandon, ABANDON, a.abandonment_facts(1)).refused(NotNow)
    given(LESSON).when(abandon, ABANDON, a.abandonment_facts()).refused(NotFound)


def test_nothing_more_comes_of_an_abandoned_lesson():
    over = given(LESSON, *a.approved(), ABANDONED)
    add = AddSource(suggestion="case2")
    over.when(abandon, ABANDON, a.abandonment_facts(1)).refused(NotNow, "abandoned")
    over.when(add_source, add, a.source_facts(a.offered(2))).refused(NotNow)
    over.when(revise_draft, a.revise(title="Anew"), a.facts()).refused(NotNow)
    over.when(submit_for_review, SubmitForReview(), a.facts()).refused(NotNow)
    over.when(approve, Approve(), a.facts(a.REVIEWER)).refused(NotNow)
    over.when(publish, Publish(), a.publication_facts()).refused(NotNow)
    over.when(withdraw, WITHDRAW, a.facts()).refused(NotNow)


def test_a_published_lesson_is_withdrawn_with_a_reason():
    given(LESSON, *PUBLISHED).when(withdraw, WITHDRAW, a.facts()).then(
        LessonWithdrawn(reason="new_evidence", note="A trial says otherwise.", on=a.TODAY)
    )


def test_what_was_never_published_or_is_withdrawn_cannot_be_withdrawn():
    gone = (*PUBLISHED, LessonWithdrawn(reason="error", on=a.TODAY))
    for past in (a.drafted(), gone):
        given(LESSON, *past).when(withdraw, WITHDRAW, a.facts()).refused(NotNow)


def test_what_an_organisation_is_to_a_lesson():
    own, other = a.actor(), a.actor(a.TRUST, "trust")
    draft, out = given(LESSON, *a.drafted()).state, given(LESSON, *PUBLISHED).state
    assert relations(draft, own) == {"own"}
    assert relations(draft, other) == frozenset()
    assert relations(out, own) == {"own", "published"}
    assert relations(out, other) == {"published"}


def test_incidents_of_two_suggestions_are_named_once():
    again = SourceAdded(source=a.source(2, incident="incident1"), on=a.TODAY)
    assert given(LESSON, a.started(), again).state.incidents == ("incident1",)
