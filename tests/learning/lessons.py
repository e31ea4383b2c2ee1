"""The steps of a lesson over HTTP, for tests that begin behind them."""

from shared.contracts import assurance
from tests.learning.test_reactions import closed
from tests.learning.world import TRUST, World

DRAFT = {
    "title": "Air taken for oxygen",
    "what_happened": "A patient who needed oxygen was connected to the air outlet 100%.",
    "factors": ["The two outlets look alike."],
    "actions": [
        {"what": "Cap every air outlet.", "strength": "strong", "measure": "Outlets capped"}
    ],
    "applies_to": {"never_event_types": [{"list": "2018-02-01", "type": "15"}]},
    "themes": ["air_for_oxygen"],
}
ABANDON = {"reason": "The outlets were replaced; nobody meets this again."}


async def suggested(world: World, n: int = 1) -> None:
    await world.hear(closed(case=f"case{n}", incident=f"case{n}", provider=TRUST), f"case-case{n}")


async def started(world: World, n: int = 1) -> str:
    await suggested(world, n)
    body = {"suggestion": f"case{n}", "title": "Air and oxygen"}
    return str((await world.done("author", "POST", "/lessons", body))["id"])


async def at_review(world: World, n: int = 1, **more: object) -> str:
    lesson = await started(world, n)
    await world.done("author", "PUT", f"/lessons/{lesson}", {**DRAFT, **more}, If_Match='W/"1"')
    await world.done("author", "POST", f"/lessons/{lesson}/review")
    return lesson


async def published(world: World, n: int = 1, **more: object) -> str:
    lesson = await at_review(world, n, **more)
    await world.done("reviewer", "POST", f"/lessons/{lesson}/approval")
    await world.done("reviewer", "POST", f"/lessons/{lesson}/publication")
    return lesson


async def answer(world: World, who: str, lesson: str, step: str, **body: object) -> object:
    return await world.done(
        who, "POST", f"/lessons/{lesson}/adoption/{step}", {"version": 1, **body}
    )


async def commissions(
    world: World, commissioner: str, provider: str, until: str | None = None
) -> None:
    """Assurance tells that a commissioner commissions a provider since 2018."""
    told = assurance.RelationChangedV1(
        provider=provider,
        commissioner=commissioner,
        role="lead",
        scope=[],
        since="2018-04-01",
        until=until,
    )
    await world.hear(told, f"commissioning-{provider}")
