"""The read models say the same on PostgreSQL: every list, every timer, every look-up once."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.assurance.test_service import VISIT
from tests.assurance.world import ICB, OTHER_TRUST, World, classified, declared, living_world


@pytest.fixture
async def on_postgres(tmp_path: Path, postgres_url: str) -> AsyncIterator[World]:
    async with living_world(tmp_path, postgres_url) as made:
        yield made


async def test_every_list_and_look_up_answers(on_postgres: World) -> None:
    world = on_postgres
    for number in range(3):
        await world.hear(declared(f"c{number}"))
    await world.hear(classified("c1"))
    await world.hear(declared("c9", trust=OTHER_TRUST))
    await world.done("lead", "/activities", VISIT)
    assert await world.tick(date(2018, 12, 27)) > 0
    assert await world.tick(date(2018, 12, 27)) == 0
    for path, count in (
        ("/cases", 3),
        ("/worklist", 9),
        ("/clocks", 6),
        ("/relations", 1),
        ("/activity-modes", 3),
    ):
        items = (await world.read(path, "lead", limit=2))["items"]
        assert len(items) == min(count, 2)
        whole = (await world.read(path, "lead", limit=100))["items"]
        assert len(whole) == count, path
    late = await world.read("/worklist", "lead", view="overdue")
    assert len(late["items"]) == 3
    waiting = await world.read("/worklist", "region", view="unrouted")
    assert [one["case"] for one in waiting["items"]] == ["c9"]
    met = await world.read("/cases", "lead", never_event="meets", unrouted="false", level="2")
    assert [one["id"] for one in met["items"]] == ["c1"]
    told = (await world.read("/events", "lead", limit=100))["items"]
    assert {one["type"].split(".")[2] for one in told} >= {"activity_recorded", "clock_breached"}
    await world.tick(date(2022, 7, 1))
    after = await world.read("/cases", "icb")
    assert {one["acting"] for one in after["items"]} == {ICB}
