"""An organisation that takes over another acts for it: reads, and takes its steps (M8)."""

import pytest

from services.demonstration import story_2018 as story
from services.demonstration.player import Person
from tests.journeys.naming_journey import Naming
from tests.kit.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

REVIEW = {"summary": "It was looked at.", "immediate_actions": "The flowmeter was taken down."}


async def taken_over(operator: Person, former: str, successor: str) -> None:
    step = {"successor": successor, "on": "2018-12-18"}
    await operator.does(f"/assurance/successions/{former}", step)
    await operator.player.settle()


async def test_a_successor_takes_the_steps_of_who_went_before(world: World):
    cast = Naming(world).cast
    await story.relate(cast)
    event = await story.reported(cast.at_trust(), story.connected_to_air("2018-12-17"))
    await story.classified(cast.at_trust(), event, story.AIR_FOR_OXYGEN)
    await story.declared(cast.at_trust(), event, "2018-12-17")
    heir, path = world.person("RVJ", "trust"), f"/intake/events/{event}"
    refused = await heir.post(f"{path}/initial-review", REVIEW)
    assert refused.status == 404

    await taken_over(cast.operator(), cast.trust, "RVJ")
    await heir.sees(path)
    await heir.does(f"{path}/initial-review", REVIEW)


async def test_a_successor_corrects_what_the_former_commissioner_recorded(world: World):
    cast = Naming(world).cast
    body = {
        "subjects": [{"kind": "provider", "id": cast.other_trust}],
        "on": "2018-12-17",
        "modes": ["site_visit"],
        "participants": ["commissioner_staff"],
        "findings": "Seen.",
    }
    activity = (await cast.reader().does("/assurance/activities", body)).id
    heir = world.person("03N", "commissioner")
    step = {"reason": "wrong_subject"}
    refused = await heir.post(f"/assurance/activities/{activity}/withdrawal", step)
    assert refused.status == 404

    await taken_over(cast.operator(), cast.reading, "03N")
    await heir.does(f"/assurance/activities/{activity}/withdrawal", step)
