"""Learning's one voice: lessons in the clear, sources as ids, answers as codes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.learning.domain.adoption import (
    AdoptionDeclared,
    AdoptionEvidenced,
    AdoptionPlanned,
    Evidence,
    LessonSeen,
    PlannedAction,
    RelevanceAnswered,
)
from services.learning.domain.lesson.messages import LessonAbandoned, LessonWithdrawn, SourceAdded
from services.learning.domain.lesson.state import LESSON
from services.learning.domain.marks import SuggestionFreed
from services.learning.domain.suggestion import SuggestionDismissed
from services.learning.publisher import SAYS
from services.learning.service import service
from shared.contracts.base import PARTITIONS, encode, spec_of
from shared.contracts.envelope import LIMIT, Tell, seal_envelope
from shared.contracts.heads import topic_of
from shared.contracts.learning import (
    AdoptionRecordedV1,
    LessonDrawnV1,
    LessonPublishedV1,
    LessonWithdrawnV1,
)
from shared.contracts.saying import Happened
from shared.kernel.words import TEXT_LIMIT
from tests.kit.goldens import assert_golden
from tests.learning import builders as a

AT = "2019-03-04T10:00:00Z"


def said(event: object, *past: object, id_: str = "lesson1") -> list[Tell]:
    happened = Happened(
        id=id_,
        stream=LESSON.stream(id_),
        version=len(past) + 1,
        at=AT,
        today=a.TODAY.isoformat(),
        actor=a.actor(),
        state=LESSON.fold((*past, event)) if past else None,
    )
    return list(SAYS[type(event)](event, happened))


def published(**more: Any) -> list[Tell]:
    return said(a.published(**more), *a.approved())


def withdrawn() -> list[Tell]:
    event = LessonWithdrawn(reason="new_evidence", note="Never told.", on=date(2019, 9, 2))
    return said(event, *a.approved(), a.published())


def answered(event: object) -> AdoptionRecordedV1:
    (tell,) = said(event, id_="lesson1-1-DEMOT07")
    assert isinstance(tell.contract, AdoptionRecordedV1)
    assert (tell.subject, tell.dataref) == ("lesson1", "/learning/lessons/lesson1/adoption")
    return tell.contract


ABOUT: dict[str, Any] = {
    "lesson": "lesson1",
    "number": "OD-LESSON-2019-1",
    "version": 1,
    "organisation": a.TRUST,
    "on": a.TODAY,
}


def test_a_lesson_goes_out_whole_and_its_sources_hear_of_it():
    lesson, drawn = published(
        evidence="An audit of outlets.", response="adopt_or_explain", respond_by=date(2019, 6, 3)
    )
    assert isinstance(lesson.contract, LessonPublishedV1)
    assert_golden(lesson.contract)
    assert (lesson.subject, lesson.time) == ("lesson1", AT)
    assert lesson.dataref == "/learning/lessons/lesson1"
    assert drawn.contract == LessonDrawnV1(
        lesson="lesson1",
        number="OD-LESSON-2019-1",
        version=1,
        what="published",
        on="2019-03-04",
        incidents=["incident1"],
    )


def test_what_narrows_a_lesson_is_told_by_name_and_a_type_with_its_list():
    lesson, _ = published()
    assert isinstance(lesson.contract, LessonPublishedV1)
    assert lesson.contract.applies_to == {
        "provider_types": ["trust"],
        "settings": ["acute"],
        "never_event_types": ["2018-02-01/15"],
        "devices": ["air flowmeter"],
    }


@pytest.mark.parametrize(("sources", "told"), [(4, "under 5"), (5, "5")])
def test_sources_are_a_count_and_a_small_one_is_only_small(sources, told):
    added = [SourceAdded(source=a.source(n), on=a.TODAY) for n in range(2, sources + 1)]
    lesson, drawn = said(a.published(), *a.approved(), *added)
    assert isinstance(lesson.contract, LessonPublishedV1)
    assert lesson.contract.sources == told
    assert isinstance(drawn.contract, LessonDrawnV1)
    assert len(drawn.contract.incidents) == sources


def test_a_withdrawal_is_told_with_its_reason_as_a_code_and_to_the_sources():
    lesson, drawn = withdrawn()
    assert isinstance(lesson.contract, LessonWithdrawnV1)
    assert_golden(lesson.contract)
    assert isinstance(drawn.contract, LessonDrawnV1)
    assert (drawn.contract.what, drawn.contract.reason) == ("withdrawn", "new_evidence")
    assert_golden(replace(drawn.contract, reason=None))  # as it was told before it had a reason
    assert b"Never told" not in encode(lesson.contract) + encode(drawn.contract)


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        (LessonSeen(**ABOUT), "seen", None),
        (RelevanceAnswered(**ABOUT, applies=True), "applies", None),
        (
            RelevanceAnswered(**ABOUT, applies=False, reason="equipment_not_used", note="Hidden."),
            "does_not_apply",
            "equipment_not_used",
        ),
        (
            AdoptionPlanned(
                **ABOUT,
                actions=(
                    PlannedAction(action=1, by=a.TODAY, owner_role="estates_lead", note="Hidden."),
                ),
            ),
            "planned",
            None,
        ),
        (
            AdoptionDeclared(**ABOUT, signed_off_by="medical_director", statement="Hidden."),
            "declared",
            None,
        ),
        (
            AdoptionEvidenced(**ABOUT, evidence=(Evidence(kind="audit", shows="Hidden."),)),
            "evidenced",
            None,
        ),
    ],
)
def test_an_answer_is_told_as_a_state_never_in_words(event, state, reason):
    told = answered(event)
    assert (told.state, told.reason) == (state, reason)
    assert b"Hidden" not in encode(told)


def test_an_answer_is_told_as_it_always_was():
    assert_golden(answered(RelevanceAnswered(**ABOUT, applies=False, reason="other")))


def test_what_is_ours_alone_is_not_told():
    assert SuggestionDismissed not in SAYS
    assert type(a.started()) not in SAYS
    assert type(a.revised()) not in SAYS
    assert LessonAbandoned not in SAYS
    assert SuggestionFreed not in SAYS


def test_every_topic_told_on_is_the_service_s_own_and_ordered_whole():
    told = {spec_of(type(tell.contract)).topic for tell in (*published(), *withdrawn())}
    assert told == set(service.topics) - {topic_of("learning")}
    assert {PARTITIONS[topic] for topic in told} == {1}


def test_what_says_the_lesson_is_public_and_what_names_its_sources_is_not():
    audience = [spec_of(type(tell.contract)).audience for tell in published()]
    assert audience == ["public", "restricted"]


def test_the_longest_narrative_of_one_byte_letters_can_be_told():
    lesson, _ = published(what_happened="x" * TEXT_LIMIT)
    envelope = seal_envelope(
        lesson, stream="lesson-1", version=1, correlation="c", causation="", traceparent=""
    )
    assert len(envelope.data) < LIMIT
