"""Steps that do not fit: a closed case acted on, a case closed too early, a lesson approved by its
author; each refusal says what is in the way, or what is missing."""

from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from services.demonstration import story_2018 as story
from services.demonstration.criteria import answers
from services.demonstration.player import Json
from services.demonstration.story_2018 import Cast
from tests.journeys.doors import MARK, Asks, Doors, json_of
from tests.journeys.walks import NATIONAL, TRUST, VISITING, cast_of
from tests.kit.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMISSIONER = (VISITING, "commissioner", "p1")
AT_TRUST = (TRUST, "trust", "p1")
AUTHOR = (NATIONAL, "author", "a1")
THE_AUTHOR_AS_REVIEWER = (NATIONAL, "reviewer", "a1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where things stand: a case closed with learning, one that waits for its investigation, one
    with an investigation that holds nothing, a lesson at review and one with an empty draft."""

    closed: str
    open: str
    hollow: str
    reviewed: str
    empty: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(world: World) -> Told:
    cast = cast_of(world)
    await story.relate(cast)
    closed, second = await _closed(cast), await _closed(cast)
    open_, hollow = await _opened(cast), await _opened(cast)
    await cast.at_trust().does(
        f"/intake/events/{hollow}/investigation", {"summary": "We looked into it."}
    )
    await world.settle()
    author = cast.author()
    reviewed = await _lesson(cast, closed)
    await author.does(f"/learning/lessons/{reviewed}/review", {})
    start = {"suggestion": second, "title": "To be written"}
    empty = (await author.does("/learning/lessons", start)).id
    return Told(closed=closed, open=open_, hollow=hollow, reviewed=reviewed, empty=empty)


async def _opened(cast: Cast) -> str:
    trust = cast.at_trust()
    event = await story.reported(trust, story.connected_to_air("2018-12-14"))
    assert (await story.classified(trust, event, story.AIR_FOR_OXYGEN)).status == 202
    await story.declared(trust, event, "2018-12-17")
    await story.reviewed_at_first(trust, event)
    await cast.player.settle()
    return event


async def _closed(cast: Cast) -> str:
    trust, visitor = cast.at_trust(), cast.visitor()
    event = await _opened(cast)
    await story.went_to_see(visitor, event, "2018-12-18")
    await story.investigated(trust, event, thorough=False)
    await cast.player.settle()
    await story.accepted(visitor, event, 1)
    await story.closed(visitor, event, "medical_gases")
    await cast.player.settle()
    return event


async def _lesson(cast: Cast, case: str) -> str:
    author = cast.author()
    start = {"suggestion": case, "title": "Air mistaken for oxygen"}
    started = await author.does("/learning/lessons", start)
    path = f"/learning/lessons/{started.id}"
    await author.writes(path, story.LESSON, match=started.etag)
    return started.id


CLOSED: dict[str, Json] = {
    "acknowledgement": {},
    "initial-review-review": {"verdict": "accepted", "comment": MARK},
    "investigation-review": {"submission": 1, "answers": answers(), "verdict": "accepted"},
    "closing": {"learning": MARK, "themes": ["medical_gases"]},
}


@pytest.mark.parametrize("step", CLOSED)
async def test_a_closed_case_is_not_acted_on(doors: Doors, told: Told, step: str):
    path = f"/assurance/cases/{told.closed}/{step}"
    asks = Asks(path=path, content=json_of(CLOSED[step]), who=COMMISSIONER)
    problem = await doors.refused(asks, 409, "not-now")
    assert problem["detail"] == "The case is closed."


async def test_a_case_without_its_report_is_not_closed(doors: Doors, told: Told):
    asks = _closing(told.open)
    problem = await doors.refused(asks, 422, "incomplete")
    assert problem["missing"] == [
        "the investigation report",
        "a reason for closing a never event without a visit or an observation",
    ]


async def test_a_case_with_a_hollow_report_is_not_closed(doors: Doors, told: Told):
    problem = await doors.refused(_closing(told.hollow), 422, "incomplete")
    assert problem["missing"] == [
        "root causes",
        "lessons",
        "time-bound actions",
        "a reason for closing a never event without a visit or an observation",
    ]


def _closing(case: str) -> Asks:
    body = {"learning": MARK, "themes": ["medical_gases"]}
    return Asks(path=f"/assurance/cases/{case}/closing", content=json_of(body), who=COMMISSIONER)


REVIEWS: dict[str, tuple[Json, int, str, str | None]] = {
    "criteria without an answer": ({"answers": answers()[:1]}, 422, "incomplete", None),
    "a report that holds nothing, accepted": ({}, 422, "incomplete", None),
    "a criterion of no list": (
        {"answers": [{"criterion": MARK, "answer": "met"}]},
        422,
        "invalid",
        "/answers/0/criterion",
    ),
    "a criterion twice": (
        {"answers": answers()[:1] * 2},
        422,
        "invalid",
        "/answers/1/criterion",
    ),
    "returned with nothing open": ({"verdict": "returned"}, 422, "invalid", "/answers"),
    "asked for yesterday": (
        {"verdict": "returned", "answers": answers(not_met=("D4",)), "due": "2018-12-18"},
        422,
        "invalid",
        "/due",
    ),
    "a submission that never came": ({"submission": 2}, 409, "not-now", None),
    "no answers": ({"answers": []}, 422, "invalid", "/answers"),
    "a verdict of no list": ({"verdict": MARK}, 422, "invalid", "/verdict"),
}


@pytest.mark.parametrize("name", REVIEWS)
async def test_a_review_that_does_not_fit_is_refused(doors: Doors, told: Told, name: str):
    changed, status, slug, pointer = REVIEWS[name]
    body = {"submission": 1, "answers": answers(), "verdict": "accepted", **changed}
    path = f"/assurance/cases/{told.hollow}/investigation-review"
    asks = Asks(path=path, content=json_of(body), who=COMMISSIONER)
    problem = await doors.refused(asks, status, slug, pointer)
    if slug == "incomplete":
        assert problem["missing"]


async def test_asking_for_more_says_what(doors: Doors, told: Told):
    path = f"/assurance/cases/{told.open}/initial-review-review"
    content = json_of({"verdict": "further_information"})
    asks = Asks(path=path, content=content, who=COMMISSIONER)
    problem = await doors.refused(asks, 422, "incomplete")
    assert problem["missing"] == ["what is asked for, as a comment"]


ACTIVITIES: dict[str, tuple[Json, str]] = {
    "in the future": ({"on": "2018-12-20"}, "/on"),
    "ended before it began": ({"until": "2018-12-17"}, "/until"),
    "about nothing": ({"subjects": []}, "/subjects"),
    "in no way": ({"modes": []}, "/modes"),
    "in a way of no list": ({"modes": ["site_visit", MARK]}, "/modes/1"),
    "with somebody by name": ({"participants": [MARK]}, "/participants/0"),
    "about a kind of no list": ({"subjects": [{"kind": MARK, "id": "1"}]}, "/subjects/0/kind"),
}


@pytest.mark.parametrize("name", ACTIVITIES)
async def test_an_activity_that_cannot_have_been_is_refused(doors: Doors, told: Told, name: str):
    changed, pointer = ACTIVITIES[name]
    body = {
        "subjects": [{"kind": "case", "id": told.open}],
        "on": "2018-12-18",
        "modes": ["site_visit"],
        "findings": MARK,
        **changed,
    }
    asks = Asks(path="/assurance/activities", content=json_of(body), who=COMMISSIONER)
    await doors.refused(asks, 422, "invalid", pointer)


async def test_how_deep_an_activity_went_cannot_be_said(doors: Doors, told: Told):
    body = {
        "subjects": [{"kind": "case", "id": told.open}],
        "on": "2018-12-18",
        "modes": ["desk_review"],
        "depth": 3,
    }
    asks = Asks(path="/assurance/activities", content=json_of(body), who=COMMISSIONER)
    await doors.refused(asks, 400, "malformed", "/depth")


async def test_others_do_not_act_on_a_case(doors: Doors, told: Told):
    path = f"/assurance/cases/{told.open}/acknowledgement"
    await doors.refused(Asks(path=path, who=("15F", "commissioner", "p1")), 404, "not-found")
    await doors.refused(Asks(path=path, who=AT_TRUST), 403, "not-allowed")


AT_INTAKE: dict[str, tuple[str, Json, int, str, str | None]] = {
    "a type that its list does not hold": (
        "classification",
        {"outcome": "meets", "type": "77", "reason": MARK},
        422,
        "invalid",
        "/type",
    ),
    "a never event of no type": (
        "classification",
        {"outcome": "meets", "reason": MARK},
        422,
        "invalid",
        "/type",
    ),
    "declared twice": (
        "serious",
        {
            "identified_on": "2018-12-17",
            "category": "medical_gases",
            "reason_for_reporting": MARK,
            "level": 2,
        },
        409,
        "not-now",
        None,
    ),
    "a level that is none": (
        "serious",
        {
            "identified_on": "2018-12-17",
            "category": "medical_gases",
            "reason_for_reporting": MARK,
            "level": 4,
        },
        422,
        "invalid",
        "/level",
    ),
    "a passage that is none": ("passages/7/release", {}, 404, "not-found", None),
    "a passage of no number": (f"passages/{MARK}/release", {}, 404, "not-found", None),
    "a patient that is none": (
        "erasure",
        {"scope": "patient", "patient": 9, "ground": "court_order"},
        422,
        "invalid",
        "/patient",
    ),
    "a withdrawal for no reason": ("withdrawal", {"reason": MARK}, 422, "invalid", "/reason"),
}


@pytest.mark.parametrize("name", AT_INTAKE)
async def test_a_step_of_the_trust_that_does_not_fit_is_refused(
    doors: Doors, told: Told, name: str
):
    step, body, status, slug, pointer = AT_INTAKE[name]
    asks = Asks(path=f"/intake/events/{told.open}/{step}", content=json_of(body), who=AT_TRUST)
    await doors.refused(asks, status, slug, pointer)


async def test_an_author_does_not_approve(doors: Doors, told: Told):
    path = f"/learning/lessons/{told.reviewed}/approval"
    problem = await doors.refused(Asks(path=path, who=THE_AUTHOR_AS_REVIEWER), 422, "incomplete")
    assert problem["missing"] == ["another person than those who wrote it"]
    await doors.refused(Asks(path=path, who=AUTHOR), 403, "not-allowed")


async def test_what_nobody_approved_is_not_published(doors: Doors, told: Told):
    path = f"/learning/lessons/{told.reviewed}/publication"
    await doors.refused(Asks(path=path, who=AUTHOR), 409, "not-now")


async def test_an_empty_draft_is_not_submitted(doors: Doors, told: Told):
    path = f"/learning/lessons/{told.empty}/review"
    problem = await doors.refused(Asks(path=path, who=AUTHOR), 422, "incomplete")
    assert "what happened" in problem["missing"]
    assert len(problem["missing"]) > 1


SOURCES: dict[str, tuple[Json, int, str]] = {
    "taken before": ({}, 409, "not-now"),
    "there is none": ({"suggestion": MARK}, 404, "not-found"),
}


@pytest.mark.parametrize("name", SOURCES)
async def test_a_suggestion_that_does_not_wait_makes_no_lesson(doors: Doors, told: Told, name: str):
    changed, status, slug = SOURCES[name]
    body: dict[str, Any] = {"suggestion": told.closed, "title": MARK, **changed}
    asks = Asks(path="/learning/lessons", content=json_of(body), who=AUTHOR)
    await doors.refused(asks, status, slug)


async def test_a_lesson_that_is_not_out_is_not_adopted(doors: Doors, told: Told):
    path = f"/learning/lessons/{told.reviewed}/adoption/seen"
    asks = Asks(path=path, content=json_of({"version": 1}), who=AT_TRUST)
    await doors.refused(asks, 404, "not-found")
