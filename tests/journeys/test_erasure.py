"""Erasing: what a key sealed can never be read again, anywhere; the chain of every log holds."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import pytest

from services.demonstration import story_2018 as story
from services.demonstration.player import Answer
from shared.log.chain import verify
from shared.runtime.streams import keys_of
from tests.journeys.conftest import NOW
from tests.journeys.naming_journey import Naming
from tests.kit.world import World, embedded_world


async def answers_about(naming: Naming, event: str) -> list[Answer]:
    """All that anybody can read about an event and its case."""
    cast = naming.cast
    people = (cast.at_trust(), cast.visitor(), cast.author())
    paths = [
        *(
            f"/intake/events/{event}{part}"
            for part in ("", "/versions", "/versions/1", "/versions/2", "/timeline")
        ),
        f"/intake/events/{event}/investigation",
        f"/assurance/cases/{event}",
        f"/assurance/cases/{event}/learning",
        *(f"/assurance/activities/{one}" for one in await activities(naming, event)),
    ]
    return [await one.get(path) for one in people for path in paths]


async def activities(naming: Naming, event: str) -> list[str]:
    """What was done about the case, by id."""
    case = await naming.cast.visitor().get(f"/assurance/cases/{event}")
    return [one["activity"] for one in case.body["activities"]]


def named(naming: Naming, answers: Collection[Answer]) -> list[str]:
    return [place for one in answers for place in naming.planted.places(one.body)]


async def chains_hold(world: World) -> None:
    for worker in world.stage.workers.values():
        await verify(worker.engine.log)


async def keys_left(world: World, service: str, stream: str, folder: Path) -> int:
    """How many of the keys that sealed a stream can still be opened."""
    held = keys_of(await world.stage.workers[service].engine.log.stream(stream))
    ids = {one for scope in held.values() for one in scope}
    assert ids
    with closing(sqlite3.connect(folder / f"{service}-keys.db")) as store:
        rows = store.execute("SELECT id FROM sealing_keys WHERE wrapped IS NOT NULL").fetchall()
    return len(ids & {id_ for (id_,) in rows})


async def test_an_erased_record_is_read_nowhere_and_never_again(tmp_path: Path):
    async with embedded_world(tmp_path, NOW) as world:
        naming = Naming(world)
        await story.relate(naming.cast)
        event, kept = await naming.case(), await naming.case()
        assert named(naming, await answers_about(naming, event))
        erasure = {"scope": "record", "ground": "court_order"}
        trust = naming.cast.at_trust()
        await trust.does(f"/intake/events/{event}/erasure", erasure)
        await world.settle()
        answers = await answers_about(naming, event)
        assert {one.status for one in answers} <= {200, 403, 404}
        assert named(naming, answers) == []
        assert (await trust.get(f"/intake/events/{event}")).body["erased"] == ["record"]
        assert await keys_left(world, "intake", f"incident-{event}", tmp_path) == 0
        assert await keys_left(world, "assurance", f"case-{event}", tmp_path) == 0
        for one in await activities(naming, event):
            assert await keys_left(world, "assurance", f"activity-{one}", tmp_path) == 0
        assert named(naming, await answers_about(naming, kept))
        again = await trust.post(f"/intake/events/{event}/erasure", erasure)
        assert again.status == 200
        await chains_hold(world)
    async with embedded_world(tmp_path, NOW) as world:
        naming.world, naming.cast.player.client = world, world.client
        later = [one for one in await answers_about(naming, event) if one.status == 200]
        assert later
        assert named(naming, later) == []
        await chains_hold(world)


async def test_what_was_done_about_several_cases_stays_with_the_others(tmp_path: Path):
    async with embedded_world(tmp_path, NOW) as world:
        naming = Naming(world)
        await story.relate(naming.cast)
        visitor, events = naming.cast.visitor(), []
        for _ in range(2):
            event = await story.reported(naming.cast.at_trust(), naming.told())
            await story.classified(naming.cast.at_trust(), event, story.AIR_FOR_OXYGEN)
            events.append(event)
        await world.settle()
        visit = naming.visit(events[0])
        visit["subjects"] = [{"kind": "case", "id": one} for one in events]
        made = await visitor.does("/assurance/activities", visit)
        erasure = {"scope": "record", "ground": "court_order"}
        await naming.cast.at_trust().does(f"/intake/events/{events[0]}/erasure", erasure)
        await world.settle()
        shown = await visitor.sees(f"/assurance/activities/{made.id}")
        assert shown["findings"] == visit["findings"]
        assert not shown["erased"]


@pytest.mark.parametrize(
    ("erasure", "left"),
    [
        ({"scope": "reporter"}, {"role": None, "harm": "low"}),
        ({"scope": "patient", "patient": 1}, {"role": "nurse", "harm": None}),
    ],
)
async def test_one_subject_is_erased_and_the_rest_stays(
    tmp_path: Path, erasure: dict[str, object], left: dict[str, str | None]
):
    async with embedded_world(tmp_path, NOW) as world:
        trust = world.person("RTH", "trust")
        report = story.connected_to_air("2018-12-14")
        event = await story.reported(trust, report)
        await trust.does(f"/intake/events/{event}/erasure", {**erasure, "ground": "objection"})
        await world.settle()
        shown = await trust.sees(f"/intake/events/{event}")
        assert shown["what_happened"] == report["what_happened"]
        assert shown["patients"][0]["physical_harm"] == left["harm"]
        reporter = shown["reporter"] or {}
        assert reporter.get("role") == left["role"]
        first = await trust.get(f"/intake/events/{event}/versions/1")
        assert first.body["patients"] == shown["patients"]
        assert (first.body["reporter"] or {}).get("role") == left["role"]
        await chains_hold(world)
