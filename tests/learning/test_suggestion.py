"""A suggestion waits until somebody takes or dismisses it; nothing closes by silence."""

from dataclasses import replace
from datetime import date

from services.learning.domain.marks import SuggestionFreed, SuggestionTaken
from services.learning.domain.suggestion import (
    SUGGESTION,
    Dismiss,
    DismissalFacts,
    SuggestionDismissed,
    dismiss,
    suggest,
)
from shared.kernel.errors import NotFound, NotNow
from tests.kit.decider import given
from tests.learning import builders as a

HERE = a.facts_of(DismissalFacts, within_reach=True)
DISMISS = Dismiss(reason="local_only", note="A door of this one ward.")


def test_a_closed_case_with_learning_becomes_a_suggestion():
    given(SUGGESTION).when(suggest, a.suggest(), a.facts()).then(a.made())


def test_the_same_closing_told_again_changes_nothing():
    given(SUGGESTION, a.made()).when(suggest, a.suggest(), a.facts()).nothing()


def test_a_case_closed_anew_waits_again_even_when_it_was_taken():
    again = a.suggest(closed_on=date(2019, 6, 1), depth=2)
    expected = replace(a.made(), closed_on=date(2019, 6, 1), depth=2)
    given(SUGGESTION, a.made(), SuggestionTaken(lesson="lesson1")).when(
        suggest, again, a.facts()
    ).then(expected)


def test_an_author_dismisses_it_with_a_reason():
    dismissed = SuggestionDismissed(
        reason="local_only", note="A door of this one ward.", on=a.TODAY
    )
    given(SUGGESTION, a.made()).when(dismiss, DISMISS, HERE).then(dismissed)


def test_what_was_taken_or_dismissed_is_not_dismissed_again():
    gone = SuggestionDismissed(reason="other", on=a.TODAY)
    given(SUGGESTION, a.made(), SuggestionTaken(lesson="lesson1")).when(
        dismiss, DISMISS, HERE
    ).refused(NotNow)
    given(SUGGESTION, a.made(), gone).when(dismiss, DISMISS, HERE).refused(NotNow)


def test_what_its_lesson_freed_waits_again_and_belongs_to_none():
    freed = given(
        SUGGESTION, a.made(), SuggestionTaken(lesson="lesson1"), SuggestionFreed(lesson="lesson1")
    )
    assert (freed.state.state, freed.state.lesson) == ("waiting", "")
    freed.when(suggest, a.suggest(), a.facts()).nothing()
    freed.when(dismiss, DISMISS, HERE).then(
        SuggestionDismissed(reason="local_only", note="A door of this one ward.", on=a.TODAY)
    )


def test_there_is_nothing_to_dismiss():
    given(SUGGESTION).when(dismiss, DISMISS, HERE).refused(NotFound)


def test_anothers_suggestion_is_not_there():
    elsewhere = a.facts_of(DismissalFacts, within_reach=False)
    given(SUGGESTION, a.made()).when(dismiss, DISMISS, elsewhere).refused(NotFound)
