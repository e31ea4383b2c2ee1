"""The answers to a version of a lesson that never was are not there."""

from tests.learning.lessons import published
from tests.learning.world import World


async def test_a_version_that_never_was_is_not_there(world: World):
    lesson = await published(world)
    path = f"/lessons/{lesson}/adoption"
    assert (await world.get(path, "trust", version=1)).status_code == 200
    for version in (2, 7, 2**63 - 1):
        assert (await world.get(path, "trust", version=version)).status_code == 404
