"""A lesson that is abandoned: what it held is free again, and nobody else hears of it."""

from datetime import timedelta

from tests.learning.lessons import ABANDON, at_review, published, started, suggested
from tests.learning.test_reactions import closed
from tests.learning.world import TRUST, World


async def test_an_abandoned_lesson_frees_its_sources_for_another(world: World):
    lesson = await started(world)
    await suggested(world, 2)
    await world.done("author", "POST", f"/lessons/{lesson}/sources", {"suggestion": "case2"})
    world.clock.advance(timedelta(days=9))
    await world.done("author", "POST", f"/lessons/{lesson}/abandonment", ABANDON)
    assert (await world.get("/suggestions", "author", state="taken")).json()["items"] == []
    waiting = (await world.get("/suggestions", "author")).json()["items"]
    told = [(one["suggestion"], one["age_days"], one["lesson"]) for one in waiting]
    assert told == [("case1", 9, None), ("case2", 9, None)]
    again = {"suggestion": "case1", "title": "Air is not oxygen"}
    other = (await world.done("other_author", "POST", "/lessons", again))["id"]
    (taken,) = (await world.get("/suggestions", "author", state="taken")).json()["items"]
    assert (taken["suggestion"], taken["lesson"]) == ("case1", other)


async def test_an_abandoned_lesson_says_why_to_its_own_and_to_nobody_else(world: World):
    lesson = await at_review(world)
    path = f"/lessons/{lesson}"
    await world.done("author", "POST", f"{path}/abandonment", ABANDON)
    told = (await world.get(path, "reviewer")).json()
    assert (told["state"], told["abandoned_on"]) == ("abandoned", "2019-03-04")
    assert told["abandonment_reason"] == ABANDON["reason"]
    for who, status in (("other_author", 404), ("trust", 404), (None, 404)):
        assert (await world.get(path, who)).status_code == status
    (item,) = (await world.get("/lessons", "author", state="abandoned")).json()["items"]
    assert (item["title"], item["age_days"]) == ("Air taken for oxygen", None)
    assert (await world.get("/lessons", "author", state="in_review")).json()["items"] == []
    told = (await world.get("/events", "national")).json()
    assert told["items"] == []


async def test_who_may_abandon_a_lesson_and_until_when(world: World):
    lesson = await started(world)
    path = f"/lessons/{lesson}/abandonment"
    for who, status in (("reviewer", 403), ("trust", 403), ("other_author", 404)):
        assert (await world.ask(who, "POST", path, ABANDON)).status_code == status
    assert (await world.ask("author", "POST", path)).status_code == 400
    out = await published(world, 2)
    told = await world.ask("author", "POST", f"/lessons/{out}/abandonment", ABANDON)
    assert (told.status_code, told.json()["type"]) == (409, "/problems/not-now")


async def test_what_another_lesson_took_since_stays_with_it(world: World):
    lesson = await started(world)
    await suggested_anew(world)
    body = {"suggestion": "case1", "title": "Air is not oxygen"}
    other = (await world.done("other_author", "POST", "/lessons", body))["id"]
    await world.done("author", "POST", f"/lessons/{lesson}/abandonment", ABANDON)
    (taken,) = (await world.get("/suggestions", "author", state="taken")).json()["items"]
    assert taken["lesson"] == other


async def test_a_source_named_twice_is_freed_once(world: World):
    lesson = await started(world)
    await suggested_anew(world)
    await world.done("author", "POST", f"/lessons/{lesson}/sources", {"suggestion": "case1"})
    await world.done("author", "POST", f"/lessons/{lesson}/abandonment", ABANDON)
    (waiting,) = (await world.get("/suggestions", "author")).json()["items"]
    assert waiting["suggestion"] == "case1"


async def suggested_anew(world: World) -> None:
    """The case of the first suggestion was reopened and closed once more."""
    told = closed(case="case1", incident="case1", provider=TRUST, on="2019-06-01")
    await world.hear(told, "case-case1")
