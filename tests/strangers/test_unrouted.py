"""A report that no commissioner can be found for, with only the register that comes packaged: it is
taken whole, and its case waits with the region where somebody sees it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person
from shared.nhs import synthetic
from tests.journeys.walks import ICB, OTHER_TRUST, PROVIDER, TRUST
from tests.kit.world import World, embedded_world

AT, LATER = datetime(2018, 12, 19, 9, tzinfo=UTC), datetime(2023, 11, 13, 9, tzinfo=UTC)
UNKNOWN = "ZZ99"
REGION = synthetic.register().region_of(PROVIDER, LATER.date()) or ""
LEAD = {"to": ICB, "reason": "It commissions the provider, as both have told us."}


async def serious(world: World, **told: Any) -> str:
    """The id of a serious incident that a trust reports as told."""
    trust = world.person(TRUST, "trust")
    sent = await trust.post("/intake/events", {**story.connected_to_air("2018-12-14"), **told})
    assert sent.status == 201, sent.body
    await story.declared(trust, sent.id, "2018-12-17")
    await world.settle()
    return sent.id


async def waits(keeper: Person, case: str) -> bool:
    """Whether the keeper finds the case on the list of those without a commissioner, and on the
    worklist; the two must agree."""
    listed = await keeper.get("/assurance/cases?unrouted=true")
    waiting = await keeper.get("/assurance/worklist?view=unrouted")
    lists = [
        case in [one[name] for one in body["items"]]
        for name, body in (("id", listed.body), ("case", waiting.body))
    ]
    assert lists[0] == lists[1]
    return lists[0]


UNROUTED: dict[str, tuple[Json, list[str]]] = {
    "no relation": ({}, []),
    "an unknown place": ({"occurred_at": UNKNOWN, "leads": TRUST}, ["occurred_at"]),
    "unknown altogether": ({"occurred_at": UNKNOWN}, ["occurred_at", "leads"]),
    "an unknown leader": ({"occurred_at": OTHER_TRUST, "leads": UNKNOWN}, ["leads"]),
}
"""What is told, and which of its organisations no register confirms."""


async def test_what_cannot_be_routed_waits_where_it_is_seen(tmp_path: Path):
    """The packaged register knows the regions of commissioners alone, so no region has these."""
    async with embedded_world(tmp_path, AT, synthetic=False) as world:
        trust, national = world.person(TRUST, "trust"), world.person("X26", "national", "s1")
        for name, (told, unverified) in UNROUTED.items():
            case = await serious(world, **told)
            shown = await trust.sees(f"/intake/events/{case}")
            assert shown["unverified"] == unverified, name
            assert shown["occurred_at"] == told.get("occurred_at", TRUST), name
            assert await waits(national, case), name


async def test_the_region_names_who_leads_and_the_case_goes_on(tmp_path: Path):
    async with embedded_world(tmp_path, LATER) as world:
        trust = world.person(PROVIDER, "trust")
        case = await story.reported(trust, story.wrong_side("2023-11-06"))
        await story.classified(trust, case, story.WRONG_SIDE)
        await world.settle()
        region = world.person(REGION, "region")
        assert await waits(region, case)
        await region.does(f"/assurance/cases/{case}/rerouting", LEAD)
        lead = world.person(ICB, "commissioner")
        seen = await lead.sees(f"/assurance/cases/{case}")
        assert (seen["unrouted"], seen["parties"]["acting"]) == (False, ICB)
        assert not await waits(region, case)
