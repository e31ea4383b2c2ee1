"""What views write: each state of its own, and what was known kept beside what is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.learning.domain.adoption import (
    AdoptionDeclared,
    AdoptionPlanned,
    LessonSeen,
    PlannedAction,
    RelevanceAnswered,
)
from services.learning.domain.lesson.messages import (
    LessonAbandoned,
    LessonSubmitted,
    LessonWithdrawn,
    SourceAdded,
)
from services.learning.domain.marks import SuggestionFreed, SuggestionTaken
from services.learning.projections.national import NATIONAL_VIEW, STANDS
from services.learning.projections.tables import (
    ADOPTIONS,
    DECISIONS,
    INCIDENTS,
    LESSON_TERMS,
    LESSON_VERSIONS,
    LESSONS,
    SUGGESTIONS,
)
from services.learning.projections.views import ADOPTIONS_VIEW, LESSONS_VIEW, SUGGESTIONS_VIEW
from shared.kernel.errors import Broken
from shared.runtime.heard import ContractHeard
from tests.kit.rows import project
from tests.learning import builders as a
from tests.learning.test_publisher import ABOUT

REPORTED: dict[str, Any] = {
    "incident": "i1",
    "kind": "incident",
    "occurred_at": a.TRUST,
    "day": "2018-12-10",
    "identified_on": "2018-12-11",
}
DECIDED: dict[str, Any] = {
    "incident": "i1",
    "authority": "trust",
    "list": "2018-02-01",
    "type": "15",
    "outcome": "meets",
    "effective_at": "2018-12-12",
}


def heard(fact: str, data: dict[str, Any], time: str = "2018-12-12T09:00:00Z") -> ContractHeard:
    return ContractHeard(
        type=f"opendoor.{fact}.v1", source="urn:x", id="x/1", n=1, time=time, data=data
    )


async def test_a_suggestion_waits_from_when_it_was_made_and_anew_when_made_again():
    rows = await project(SUGGESTIONS_VIEW, "suggestion-case1", a.made())
    assert rows.only(SUGGESTIONS)["state"] == "waiting"
    again = replace(a.made(), closed_on=date(2019, 6, 1))
    rows = await project(
        SUGGESTIONS_VIEW, "suggestion-case1", a.made(), SuggestionTaken(lesson="l1"), again
    )
    row = rows.only(SUGGESTIONS)
    assert (row["state"], row["lesson"], row["position"]) == ("waiting", None, 3)


async def test_a_freed_suggestion_waits_in_the_place_that_it_had():
    taken, freed = SuggestionTaken(lesson="l1"), SuggestionFreed(lesson="l1")
    rows = await project(SUGGESTIONS_VIEW, "suggestion-case1", a.made(), taken, freed)
    row = rows.only(SUGGESTIONS)
    assert (row["state"], row["lesson"], row["position"]) == ("waiting", None, 1)


async def test_an_abandoned_lesson_waits_for_nobody():
    gone = LessonAbandoned(reason="Known before.", on=a.TODAY)
    rows = await project(LESSONS_VIEW, "lesson-lesson1", *a.at_review(), gone)
    row = rows.only(LESSONS)
    assert (row["state"], row["version"], row["waits_since"]) == ("abandoned", 4, None)
    assert rows.all(LESSON_VERSIONS) == []


async def test_a_draft_s_row_holds_no_word_of_it():
    rows = await project(LESSONS_VIEW, "lesson-lesson1", *a.at_review())
    row = rows.only(LESSONS)
    assert (row["state"], row["version"], row["title"], row["text"]) == ("in_review", 3, None, None)
    assert rows.all(LESSON_VERSIONS) == []


async def test_sources_of_one_incident_count_once():
    again = SourceAdded(source=a.source(2, incident="incident1"), on=a.TODAY)
    other = SourceAdded(source=a.source(3), on=a.TODAY)
    rows = await project(LESSONS_VIEW, "lesson-lesson1", a.started(), again, other)
    assert rows.only(LESSONS)["incidents"] == ["incident1", "incident3"]


async def test_a_published_lesson_is_kept_by_version_and_found_by_its_terms():
    gone = LessonWithdrawn(reason="error", on=date(2019, 9, 2))
    rows = await project(LESSONS_VIEW, "lesson-lesson1", *a.approved(), a.published(), gone)
    assert rows.only(LESSONS)["state"] == "withdrawn"
    version = rows.only(LESSON_VERSIONS)
    assert (version["lesson_version"], version["withdrawn_on"]) == (1, date(2019, 9, 2))
    assert version["text"]["actions"][0]["what"] == "Cap every air outlet."
    assert [one["term"] for one in rows.all(LESSON_TERMS)] == ["theme:air_for_oxygen", "type:15"]


async def test_a_later_event_without_its_first_is_no_row():
    with pytest.raises(Broken):
        await project(LESSONS_VIEW, "lesson-lesson1", LessonSubmitted(on=a.TODAY))


async def test_each_answer_has_a_day_of_its_own():
    plan = tuple(
        PlannedAction(action=n, by=date(2019, 4 + n, 1), owner_role="lead") for n in (2, 1)
    )
    later = {**ABOUT, "on": date(2019, 5, 9)}
    rows = await project(
        ADOPTIONS_VIEW,
        "adoption-lesson1-1-DEMOT07",
        LessonSeen(**ABOUT),
        RelevanceAnswered(**ABOUT, applies=True),
        AdoptionPlanned(**ABOUT, actions=plan),
        AdoptionDeclared(**later, signed_off_by="medical_director"),
    )
    row = rows.only(ADOPTIONS)
    days = (row["seen_on"], row["planned_on"], row["planned_by"], row["declared_on"])
    assert days == (a.TODAY, a.TODAY, date(2019, 6, 1), date(2019, 5, 9))
    assert row["evidenced_on"] is None


async def test_what_an_incident_was_is_kept_with_its_end():
    first = datetime(2018, 12, 12, 9, tzinfo=UTC)
    rows = await project(
        NATIONAL_VIEW,
        "heard-incident-i1",
        heard("intake.event_reported", REPORTED),
        recorded_at=first,
    )
    amended = heard("intake.event_amended", {**REPORTED, "day": "2019-01-02"})
    withdrawn = heard("intake.event_withdrawn", {**REPORTED, "day": "2019-01-02"})
    later = datetime(2019, 1, 3, 9, tzinfo=UTC)
    await project(
        NATIONAL_VIEW,
        "heard-incident-i1",
        amended,
        withdrawn,
        amended,
        rows=rows,
        after=1,
        recorded_at=later,
    )
    stands, *past = rows.all(INCIDENTS)
    assert (stands["until_position"], stands["withdrawn"]) == (STANDS, True)
    assert (stands["recorded_from"], stands["recorded_to"]) == (later, None)
    assert past[0]["day"] == date(2018, 12, 10)
    assert (past[0]["recorded_from"], past[0]["recorded_to"]) == (first, later)


async def test_authorities_do_not_replace_one_another():
    trust = heard("intake.classification_decided", DECIDED)
    judged = heard(
        "assurance.classification_decided",
        {**DECIDED, "authority": "commissioner", "outcome": "does_not_meet"},
    )
    again = heard("intake.classification_decided", {**DECIDED, "outcome": "under_review"})
    rows = await project(NATIONAL_VIEW, "heard-incident-i1", trust, judged, again)
    told = [
        (row["authority"], row["until_position"], row["outcome"]) for row in rows.all(DECISIONS)
    ]
    assert told == [
        ("commissioner", 0, "does_not_meet"),
        ("trust", 0, "under_review"),
        ("trust", 3, "meets"),
    ]


async def test_the_day_of_a_decision_is_london_s():
    late = {**DECIDED, "effective_at": "2019-06-30T23:30:00Z"}
    rows = await project(
        NATIONAL_VIEW, "heard-incident-i1", heard("intake.classification_decided", late)
    )
    assert rows.only(DECISIONS)["known_on"] == date(2019, 7, 1)


async def test_a_back_filled_report_was_known_when_it_was_identified():
    told = heard("intake.event_reported", {**REPORTED, "backfill": True}, "2024-01-05T09:00:00Z")
    rows = await project(NATIONAL_VIEW, "heard-incident-i1", told)
    assert rows.only(INCIDENTS)["known_on"] == date(2018, 12, 11)


async def test_what_the_table_does_not_need_is_passed_by():
    rows = await project(
        NATIONAL_VIEW, "heard-x", heard("intake.subject_erased", {"incident": "i1"})
    )
    assert rows.all(INCIDENTS) == []
