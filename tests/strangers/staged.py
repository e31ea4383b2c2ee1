"""A world with a story in it that goes on by itself, for callers that block: they are answered from
a thread of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from services.demonstration import story_2018 as story
from services.demonstration.player import Person
from tests.journeys.walks import cast_of
from tests.kit.world import World, embedded_world

NOW = datetime(2018, 12, 19, 9, tzinfo=UTC)
PAUSE = 0.02
"""Seconds between two looks at what is to be carried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Where it plays, and the things in it by the names that paths give them."""

    world: World
    url: str
    things: dict[str, str]


@contextmanager
def staged(folder: Path) -> Iterator[Staged]:
    """The three services on 19 December 2018 with an open case, a lesson in draft and a suggestion
    that waits."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(embedded_world(folder, NOW)) as world,
    ):
        things = portal.call(_played, world)
        going_on = portal.start_task_soon(_go_on, world)
        try:
            yield Staged(world=world, url=str(world.client.base_url), things=things)
        finally:
            going_on.cancel()


async def _go_on(world: World) -> None:
    """Consumers, projections and clocks, as workers would."""
    while True:
        await world.settle()
        await asyncio.sleep(PAUSE)


async def _played(world: World) -> dict[str, str]:
    cast = cast_of(world)
    await story.relate(cast)
    event = await story.reported(cast.at_trust(), story.connected_to_air("2018-12-14"))
    await story.classified(cast.at_trust(), event, story.AIR_FOR_OXYGEN)
    await story.declared(cast.at_trust(), event, "2018-12-17")
    waiting, drafted = [
        await closed_on_paper(cast.at_other_trust(), cast.reader(), day)
        for day in ("2018-12-10", "2018-12-11")
    ]
    await cast.visitor().sees(f"/assurance/cases/{event}")
    activity = await story.went_to_see(cast.visitor(), event, "2018-12-18")
    author = cast.author()
    await story.suggested(author, waiting)
    await story.suggested(author, drafted)
    started = {"suggestion": drafted, "title": "Air mistaken for oxygen"}
    lesson = (await author.does("/learning/lessons", started)).id
    return {
        "event": event,
        "case": event,
        "activity": activity,
        "suggestion": waiting,
        "lesson": lesson,
        "provider": cast.trust,
    }


async def closed_on_paper(trust: Person, reader: Person, day: str) -> str:
    """A case that closed on paper and left a suggestion."""
    event = await story.reported(trust, story.connected_to_air(day))
    await story.classified(trust, event, story.AIR_FOR_OXYGEN)
    await story.declared(trust, event, "2018-12-17")
    await reader.sees(f"/assurance/cases/{event}")
    await story.acknowledged(reader, event)
    await story.read_the_paper(reader, event, "2018-12-18")
    await story.reviewed_at_first(trust, event)
    await story.investigated(trust, event, thorough=False)
    await reader.sees(f"/assurance/cases/{event}", lambda body: body["submissions"])
    await story.accepted(reader, event, 1)
    await story.closed(reader, event, "medical_gases", shallow_reason="No visit could be arranged.")
    return event
