"""What organisations answer to a lesson: kept apart by proof, seen by whom it concerns."""

from shared.contracts import assurance
from tests.learning.lessons import answer, commissions, published
from tests.learning.world import COMMISSIONER, OTHER_TRUST, TRUST, World


async def test_the_matrix_keeps_the_states_of_proof_apart(world: World):
    lesson = await published(world)
    await answer(world, "trust", lesson, "relevance", applies=True)
    plan = [{"action": 1, "by": "2019-05-01", "owner_role": "estates_lead"}]
    await answer(world, "trust", lesson, "plan", actions=plan)
    await answer(world, "trust", lesson, "declaration", signed_off_by="medical_director")
    await answer(world, "other_trust", lesson, "seen")
    matrix = (await world.get(f"/lessons/{lesson}/adoption", "national")).json()
    assert matrix["counts"] == {
        "seen": 2,
        "applies": 1,
        "does_not_apply": 0,
        "planned": 1,
        "declared": 1,
        "evidenced": 0,
        "verified": 0,
        "sustained": 0,
    }
    mine = next(one for one in matrix["items"] if one["organisation"] == TRUST)
    assert (mine["declared_on"], mine["planned_by"]) == ("2019-03-04", "2019-05-01")
    assert (mine["evidenced_on"], mine["verified_on"]) == (None, None)


async def test_each_sees_the_answers_that_are_its_own_to_see(world: World):
    lesson = await published(world)
    await answer(world, "trust", lesson, "seen")
    await answer(world, "other_trust", lesson, "seen")

    async def seen(who: str) -> list[str]:
        items = (await world.get(f"/lessons/{lesson}/adoption", who)).json()["items"]
        return [one["organisation"] for one in items]

    assert await seen("national") == [TRUST, OTHER_TRUST]
    assert await seen("trust") == [TRUST]
    assert (await world.get(f"/lessons/{lesson}/adoption")).status_code == 401
    assert await seen("commissioner") == []
    await commissions(world, COMMISSIONER, OTHER_TRUST, until="2019-03-03")
    assert await seen("commissioner") == []
    await commissions(world, COMMISSIONER, OTHER_TRUST)
    assert await seen("commissioner") == [OTHER_TRUST]


async def test_a_successor_sees_what_its_predecessor_commissioned(world: World):
    lesson = await published(world)
    await answer(world, "trust", lesson, "seen")
    await commissions(world, "DEMOC01", TRUST)
    path = f"/lessons/{lesson}/adoption"
    assert (await world.get(path, "commissioner")).json()["items"] == []
    told = assurance.SuccessionRecordedV1(former="DEMOC01", successor=COMMISSIONER, on="2019-03-01")
    await world.hear(told, "commissioning-DEMOC01")
    (item,) = (await world.get(path, "commissioner")).json()["items"]
    assert item["organisation"] == TRUST


async def test_an_answer_leads_back_to_its_lesson_and_is_given_once(world: World):
    lesson = await published(world)
    seen = await world.ask("trust", "POST", f"/lessons/{lesson}/adoption/seen", {"version": 1})
    assert (seen.status_code, seen.headers["location"]) == (202, f"/learning/lessons/{lesson}")
    again = await world.ask("trust", "POST", f"/lessons/{lesson}/adoption/seen", {"version": 1})
    assert again.status_code == 200


async def test_an_answer_cannot_name_another_lesson_than_its_path(world: World):
    lesson = await published(world)
    path = f"/lessons/{lesson}/adoption/seen"
    twice = await world.ask("trust", "POST", path, {"version": 1, "lesson": "other"})
    assert twice.status_code == 400
    unknown = await world.ask("trust", "POST", "/lessons/other/adoption/seen", {"version": 1})
    assert unknown.status_code == 404
