"""Suggestions are for authors of the provider, of who commissions it, and of national bodies."""

from tests.learning.lessons import commissions, suggested
from tests.learning.test_reactions import closed
from tests.learning.world import COMMISSIONER, OTHER_TRUST, TRUST, World


async def test_an_author_sees_suggestions_of_its_own_part_alone(world: World):
    await suggested(world)
    seen = ("author", "other_author", "trust_author")
    unseen = ("other_trust_author", "commissioner_author")
    for who in (*seen, *unseen):
        items = (await world.get("/suggestions", who)).json()["items"]
        assert len(items) == (who in seen), who
    await commissions(world, COMMISSIONER, TRUST)
    assert (await world.get("/suggestions", "commissioner_author")).json()["items"]


async def test_anothers_suggestion_is_neither_taken_nor_dismissed(world: World):
    await suggested(world)
    for who in ("other_trust_author", "commissioner_author"):
        dismissal = {"reason": "local_only"}
        refused = await world.ask(who, "POST", "/suggestions/case1/dismissal", dismissal)
        assert refused.status_code == 404
        start = {"suggestion": "case1", "title": "Air and oxygen"}
        assert (await world.ask(who, "POST", "/lessons", start)).status_code == 404
    await suggested(world, 2)
    await commissions(world, COMMISSIONER, TRUST)
    start = {"suggestion": "case2", "title": "Air and oxygen"}
    lesson = (await world.done("trust_author", "POST", "/lessons", start))["id"]
    source = f"/lessons/{lesson}/sources"
    await world.done("trust_author", "POST", source, {"suggestion": "case1"})
    await suggested(world, 3)
    third = {"suggestion": "case3", "title": "Oxygen and air"}
    mine = (await world.done("commissioner_author", "POST", "/lessons", third))["id"]
    elsewhere = closed(case="case4", incident="case4", provider=OTHER_TRUST)
    await world.hear(elsewhere, "case-case4")
    added = await world.ask(
        "commissioner_author", "POST", f"/lessons/{mine}/sources", {"suggestion": "case4"}
    )
    assert added.status_code == 404
