"""Each event is stored and read again, drafts sealed and published texts clear."""

from dataclasses import fields
from datetime import date

import pytest

from services.learning.domain.adoption import (
    AdoptionEvidenced,
    AdoptionPlanned,
    Evidence,
    PlannedAction,
)
from services.learning.domain.lesson.messages import (
    DraftRevised,
    LessonAbandoned,
    LessonWithdrawn,
    SourceAdded,
)
from services.learning.domain.marks import LessonNumberClaimed, SuggestionFreed, SuggestionTaken
from services.learning.domain.suggestion import SuggestionDismissed
from services.learning.service import service
from shared.kernel.words import ERASED
from shared.log.base import Recorded
from shared.log.codec import Codec
from shared.log.meta import Meta
from tests.learning import builders as a
from tests.learning.test_publisher import ABOUT

CODEC = Codec(service.aggregates)
META = Meta(command="c", at="2019-03-04T10:00:00Z")
EVIDENCED = AdoptionEvidenced(
    **ABOUT,
    evidence=(Evidence(kind="audit", shows="Capped.", reference="A-17"),),
)
PLANNED = AdoptionPlanned(
    **ABOUT,
    actions=(PlannedAction(action=1, by=date(2019, 5, 1), owner_role="lead", note="Soon."),),
)
ABANDONED = LessonAbandoned(reason="The outlets were replaced.", on=a.TODAY)
EVENTS = (
    a.made(),
    SuggestionTaken(lesson="lesson1"),
    SuggestionFreed(lesson="lesson1"),
    SuggestionDismissed(reason="other", note="Said before.", on=a.TODAY),
    a.started(),
    SourceAdded(source=a.source(2), on=a.TODAY),
    a.revised(evidence="An audit.", response="adopt_or_explain", respond_by=date(2019, 6, 3)),
    ABANDONED,
    a.published(),
    LessonWithdrawn(reason="error", note="Wrong device.", on=a.TODAY),
    LessonNumberClaimed(lesson="lesson1", year=2019, n=1),
    PLANNED,
    EVIDENCED,
)


def stored(event: object) -> Recorded:
    texts: list[str] = []

    def seal(scope: str, path: str, text: str) -> str:
        texts.append(text)
        return text[::-1]

    new = CODEC.encode("lesson-1", 1, event, META, seal)
    return Recorded(
        position=1,
        stream=new.stream,
        version=new.version,
        type=new.type,
        schema=new.schema,
        recorded_at=a.NOW,
        data=new.data,
        meta=new.meta,
        digest=b"",
        hash=b"",
    )


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_what_is_stored_is_read_again(event):
    assert CODEC.decode_known(stored(event), lambda token, path: token[::-1]) == event


@pytest.mark.parametrize(
    ("event", "hidden"),
    [
        (a.started(), b"Air taken"),
        (a.revised(), b"connected to the air outlet"),
        (a.revised(), b"Cap every air outlet"),
        (a.revised(), b"look alike"),
        (a.revised(), b"air flowmeter"),
        (ABANDONED, b"replaced"),
        (EVIDENCED, b"Capped."),
        (PLANNED, b"Soon."),
    ],
)
def test_a_draft_and_the_words_of_an_answer_are_sealed(event, hidden):
    assert hidden not in stored(event).data


def test_a_published_text_is_stored_in_the_clear():
    assert b"connected to the air outlet" in stored(a.published()).data


def test_a_draft_whose_key_is_destroyed_still_reads():
    gone = CODEC.decode_known(stored(a.revised()), lambda token, path: ERASED)
    assert isinstance(gone, DraftRevised)
    assert gone.content.title == ""
    assert {one.name for one in fields(gone.content)} >= {"title", "what_happened"}
