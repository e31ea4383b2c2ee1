"""Request keys over kill -9, over two days and over an outage: one record each, and the first
answer again for as long as a key is kept."""

import random
from pathlib import Path

import pytest

from services.demonstration.story_2018 import connected_to_air
from shared.kernel.errors import Unavailable
from shared.log.appender import Appender
from tests.journeys.conftest import doors, said, world
from tests.journeys.doors import Asks, Doors, json_of, problem_in
from tests.strangers.keyed import trial

__all__ = ["doors", "said", "world"]

COUNT, KILLS = 25, 1


@pytest.mark.timeout(300)
def test_one_record_each_over_a_kill_and_two_days(tmp_path: Path):
    seed = random.randrange(2**32)
    keyed = trial(tmp_path, COUNT, KILLS, seed, lambda n: None)
    assert (len(keyed.first), keyed.kills) == (COUNT, KILLS)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_503_leaves_the_key_free(doors: Doors, monkeypatch: pytest.MonkeyPatch):
    asks = Asks(
        content=json_of(connected_to_air("2018-12-14")),
        headers={"Idempotency-Key": '"after-an-outage"'},
    )

    async def gone(self: Appender, entry: object) -> None:
        raise Unavailable("The database cannot be reached.")

    with monkeypatch.context() as away:
        away.setattr(Appender, "append", gone)
        problem_in(await doors.send(asks), 503, "unavailable")
        problem_in(await doors.send(asks), 503, "unavailable")
    first, again = await doors.send(asks), await doors.send(asks)
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert again.json() == first.json()
