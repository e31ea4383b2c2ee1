"""The road of a lesson over HTTP: suggested, written, approved, published, answered, withdrawn."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from services.learning.projections.tables import LESSONS
from services.learning.projections.views import PROJECTIONS
from shared.projections.generations import stored
from shared.runtime.building import Builder
from tests.learning.lessons import (
    ABANDON,
    DRAFT,
    answer,
    at_review,
    published,
    started,
    suggested,
)
from tests.learning.world import World


async def test_a_suggestion_waits_with_its_age_and_the_lessons_there_are(world: World):
    lesson = await published(world, 1)
    await suggested(world, 2)
    world.clock.advance(timedelta(days=9))
    (item,) = (await world.get("/suggestions", "author")).json()["items"]
    assert (item["suggestion"], item["age_days"], item["depth"]) == ("case2", 9, 3)
    assert item["lessons"] == [
        {"lesson": lesson, "number": "OD-LESSON-2019-1", "title": "Air taken for oxygen"}
    ]
    assert item["links"]["learning"] == "/assurance/cases/case2/learning"


async def test_suggestions_page_in_the_order_in_which_they_wait(world: World):
    for n in (1, 2, 3):
        await suggested(world, n)
    first = (await world.get("/suggestions", "author", limit=2)).json()
    second = (await world.get(first["links"]["next"], "author")).json()
    assert [one["suggestion"] for one in first["items"] + second["items"]] == [
        "case1",
        "case2",
        "case3",
    ]
    assert "next" not in second["links"]


async def test_a_dismissed_suggestion_leaves_the_list_with_its_reason(world: World):
    await suggested(world)
    await world.done("author", "POST", "/suggestions/case1/dismissal", {"reason": "local_only"})
    assert (await world.get("/suggestions", "author")).json()["items"] == []
    (gone,) = (await world.get("/suggestions", "author", state="dismissed")).json()["items"]
    assert gone["reason"] == "local_only"


async def test_a_taken_suggestion_names_its_lesson_and_is_not_taken_twice(world: World):
    lesson = await started(world)
    (taken,) = (await world.get("/suggestions", "author", state="taken")).json()["items"]
    assert taken["lesson"] == lesson
    again = await world.ask("author", "POST", "/lessons", {"suggestion": "case1", "title": "X"})
    assert again.status_code == 409


async def test_suggestions_are_for_authors(world: World):
    assert (await world.get("/suggestions", "trust")).status_code == 403
    assert (await world.get("/suggestions")).status_code == 401


async def test_a_draft_is_for_its_own_authors_and_reviewers(world: World):
    lesson = await started(world)
    for who, status in (("author", 200), ("reviewer", 200), ("other_author", 404), ("trust", 404)):
        assert (await world.get(f"/lessons/{lesson}", who)).status_code == status
    assert (await world.get(f"/lessons/{lesson}")).status_code == 404
    (item,) = (await world.get("/lessons", "author", state="draft")).json()["items"]
    assert (item["lesson"], item["title"], item["age_days"]) == (lesson, "Air and oxygen", 0)
    assert (await world.get("/lessons", "other_author", state="draft")).json()["items"] == []
    assert (await world.get("/lessons", "trust", state="draft")).status_code == 403


async def test_a_draft_is_revised_on_the_version_that_was_read(world: World):
    lesson = await started(world)
    read = await world.get(f"/lessons/{lesson}", "author")
    path = f"/lessons/{lesson}"
    assert (await world.ask("author", "PUT", path, DRAFT)).status_code == 428
    await world.done("author", "PUT", path, DRAFT, If_Match=read.headers["etag"])
    stale = await world.ask("author", "PUT", path, {"title": "X"}, If_Match=read.headers["etag"])
    assert stale.status_code == 412
    assert (await world.get(path, "author")).json()["title"] == "Air taken for oxygen"


async def test_a_draft_shows_what_the_screen_would_refuse_and_publication_refuses_it(world: World):
    told = "The patient, NHS number 999 000 0018, was connected to air."
    lesson = await at_review(world, what_happened=told)
    passages = (await world.get(f"/lessons/{lesson}", "author")).json()["passages"]
    assert {one["field"] for one in passages} == {"what_happened"}
    await world.done("reviewer", "POST", f"/lessons/{lesson}/approval")
    refused = await world.ask("reviewer", "POST", f"/lessons/{lesson}/publication")
    assert refused.status_code == 422
    assert "what_happened without its NHS number" in refused.json()["missing"]
    assert "999" not in refused.text


async def test_who_wrote_it_does_not_approve_it_whatever_their_roles(world: World):
    lesson = await at_review(world)
    refused = await world.ask("both", "POST", f"/lessons/{lesson}/approval")
    assert refused.status_code == 422
    await world.done("reviewer", "POST", f"/lessons/{lesson}/approval")


async def test_everybody_reads_a_published_lesson_by_its_id_or_number(world: World):
    lesson = await published(world)
    by_id, by_number = [await world.get(f"/lessons/{one}") for one in (lesson, "OD-LESSON-2019-1")]
    assert by_id.json() == by_number.json()
    told = by_id.json()
    assert told["actions"] == [
        {
            "number": 1,
            "what": "Cap every air outlet.",
            "strength": "strong",
            "measure": "Outlets capped",
        }
    ]
    assert (told["state"], told["sources"], told["published_on"]) == (
        "published",
        "under 5",
        "2019-03-04",
    )
    held = {"If-None-Match": by_id.headers["etag"]}
    assert (await world.http.get(f"/learning/lessons/{lesson}", headers=held)).status_code == 304


async def test_numbers_follow_one_another_and_begin_anew_each_year(world: World):
    for n in (1, 2):
        await published(world, n)
    world.clock.advance(timedelta(days=365))
    await published(world, 3)
    listed = (await world.get("/lessons")).json()["items"]
    assert [one["number"] for one in listed] == [
        "OD-LESSON-2020-1",
        "OD-LESSON-2019-2",
        "OD-LESSON-2019-1",
    ]


async def test_a_number_is_found_even_while_the_read_model_lags(world: World):
    await published(world, 1)
    lesson = await at_review(world, 2)
    await world.done("reviewer", "POST", f"/lessons/{lesson}/approval")
    (view,) = [one for one in PROJECTIONS if LESSONS in one.tables]
    forget = update(stored(view.tables, 1)[LESSONS]).values(number_n=None, number_year=None)
    await world.engine.log.store.write(lambda connection: connection.execute(forget))
    await world.done("reviewer", "POST", f"/lessons/{lesson}/publication")
    assert (await world.get(f"/lessons/{lesson}")).json()["number"] == "OD-LESSON-2019-2"


SEARCHES = {
    "oxygen": 1,
    "OXYGEN outlet": 1,
    "oxygen scalpel": 0,
    "100%": 1,
    "1%0": 0,
    "capped": 1,
    "od-lesson-2019-1": 1,
}


async def found(world: World) -> dict[str, int]:
    """How many lessons each search finds."""
    return {
        words: len((await world.get("/lessons", q=words)).json()["items"]) for words in SEARCHES
    }


async def test_lessons_are_searched_for_words_that_all_occur(world: World):
    await published(world)
    assert await found(world) == SEARCHES


async def test_a_withdrawn_lesson_stays_resolvable_with_its_reason(world: World):
    lesson = await published(world)
    await world.done("reviewer", "POST", f"/lessons/{lesson}/withdrawal", {"reason": "error"})
    told = (await world.get(f"/lessons/{lesson}")).json()
    assert (told["state"], told["withdrawal_reason"]) == ("withdrawn", "error")
    assert told["withdrawn_on"] == "2019-03-04"
    assert (await world.get("/lessons")).json()["items"] == []
    (listed,) = (await world.get("/lessons", state="withdrawn")).json()["items"]
    assert listed["lesson"] == lesson
    (version,) = (await world.get(f"/lessons/{lesson}/versions")).json()["items"]
    assert (version["version"], version["withdrawal_reason"]) == (1, "error")


async def test_a_draft_has_no_versions_to_read(world: World):
    lesson = await started(world)
    assert (await world.get(f"/lessons/{lesson}/versions", "author")).status_code == 404
    assert (await world.get("/lessons/nothing")).status_code == 404


async def test_two_that_publish_at_once_get_two_numbers(world: World):
    lessons = [await at_review(world, n) for n in (1, 2)]
    for lesson in lessons:
        await world.done("reviewer", "POST", f"/lessons/{lesson}/approval")
    await asyncio.gather(
        *(world.done("reviewer", "POST", f"/lessons/{one}/publication") for one in lessons)
    )
    numbers = {one["number"] for one in (await world.get("/lessons")).json()["items"]}
    assert numbers == {"OD-LESSON-2019-1", "OD-LESSON-2019-2"}


async def test_a_repeated_request_gets_its_first_result(world: World):
    lesson = await at_review(world)
    path, key = f"/lessons/{lesson}/approval", '"the-same"'
    first = await world.done("reviewer", "POST", path, Idempotency_Key=key)
    again = await world.done("reviewer", "POST", path, Idempotency_Key=key)
    assert again == first


async def test_read_models_filled_anew_are_the_same(world: World):
    lesson = await published(world)
    await answer(world, "trust", lesson, "relevance", applies=False, reason="other")
    await world.done("reviewer", "POST", f"/lessons/{lesson}/withdrawal", {"reason": "error"})
    given_up = await started(world, 2)
    await world.done("author", "POST", f"/lessons/{given_up}/abandonment", ABANDON)
    live = await rows_of(world)
    builder = Builder(service=world.engine.service, log=world.engine.log)
    for one in world.engine.service.projections:
        await builder.rebuild(one)
    assert await rows_of(world) == live
    assert {name for name, rows in live.items() if rows} >= {"lessons", "adoptions", "suggestions"}


async def rows_of(world: World) -> dict[str, list[Any]]:
    """Every row of every read model."""
    return {
        table.name: sorted(map(repr, await world.engine.reach.read(select(table))))
        for one in world.engine.service.projections
        for table in one.tables
    }


async def test_the_same_road_leads_through_postgresql(postgres_world: World):
    world = postgres_world
    lesson = await published(world)
    assert await found(world) == SEARCHES
    await answer(world, "trust", lesson, "relevance", applies=True)
    matrix = (await world.get(f"/lessons/{lesson}/adoption", "commissioner")).json()
    assert (matrix["counts"]["applies"], matrix["items"]) == (1, [])
    await suggested(world, 2)
    (item,) = (await world.get("/suggestions", "author")).json()["items"]
    assert [one["lesson"] for one in item["lessons"]] == [lesson]
