"""Tests of shared/web/after.py."""

import asyncio

import pytest
from fastapi import APIRouter, Response

from shared.kernel.errors import Misconfigured, Unavailable
from shared.log.waking import Signal
from shared.projections.waiting import Waiting
from shared.web.after import seconds
from shared.web.answers import answer
from tests.shared.web.boxes import client_of


class Cursors:
    """Stands for the database: where the one reader stands."""

    def __init__(self) -> None:
        self.at = 0

    async def shown(self) -> int:
        return self.at


@pytest.fixture
def cursors() -> Cursors:
    return Cursors()


@pytest.fixture
async def reader(boxes, cursors):
    """A client of a route that waits for the projection `boxes`."""
    boxes.waiting = {"boxes": Waiting(lambda: cursors.shown(), Signal())}
    boxes.head = 9
    web = boxes.web()
    router = APIRouter()

    @router.get("/here", dependencies=[web.anyone, web.after("boxes")])
    async def here() -> Response:
        return answer({"applied": cursors.at})

    async with client_of(boxes.app(router)) as client:
        yield client


async def test_without_a_position_nobody_waits(reader):
    assert (await reader.get("/here")).json() == {"applied": 0}


async def test_a_position_that_is_there_is_answered_at_once(reader, cursors):
    cursors.at = 5
    for position in ("0", "5"):
        answered = await reader.get("/here", headers={"Open-Door-After": position})
        assert answered.status_code == 200


async def test_a_position_on_its_way_is_waited_for(reader, cursors):
    waiting = asyncio.create_task(reader.get("/here", headers={"Open-Door-After": "7"}))
    while not waiting.done():
        await asyncio.sleep(0)
        cursors.at = min(cursors.at + 1, 8)
    assert waiting.result().json()["applied"] >= 7


async def test_still_behind_is_a_problem_and_never_stale_data(reader, cursors):
    cursors.at = 3
    headers = {"Open-Door-After": "7", "Prefer": "wait=0"}
    answered = await reader.get("/here", headers=headers)
    assert answered.status_code == 503
    assert answered.json()["type"] == "/problems/read-model-behind"
    assert (answered.json()["wanted"], answered.json()["applied"]) == (7, 3)
    assert answered.headers["retry-after"] == "1"


async def test_beyond_the_head_is_refused_at_once(reader):
    answered = await reader.get("/here", headers={"Open-Door-After": "10"})
    assert answered.status_code == 409
    assert answered.json()["type"] == "/problems/series-rewound"


@pytest.mark.parametrize("position", ["", "-1", "1.5", "x", "9223372036854775808", "9" * 400])
async def test_what_is_no_position_is_refused(reader, position):
    answered = await reader.get("/here", headers={"Open-Door-After": position})
    assert answered.status_code == 400


@pytest.mark.parametrize(
    ("prefer", "wait"),
    [
        (None, 2.0),
        ("", 2.0),
        ("return=minimal", 2.0),
        ("wait=0", 0.0),
        ("wait=5", 5.0),
        ("respond-async, wait=7", 7.0),
        ("wait=3600", 10.0),
        ("await=7", 2.0),
        ("wait=x", 2.0),
    ],
)
def test_how_long_is_preferred_within_bounds(prefer, wait):
    assert seconds(prefer) == wait


def test_an_unknown_projection_is_found_at_the_start(boxes):
    with pytest.raises(Misconfigured):
        boxes.web().after("nothing")


async def test_a_database_that_is_gone_says_so(reader, cursors, monkeypatch):
    async def gone() -> int:
        raise Unavailable("The database cannot be reached.")

    monkeypatch.setattr(cursors, "shown", gone)
    answered = await reader.get("/here", headers={"Open-Door-After": "1"})
    assert answered.status_code == 503
    assert answered.json()["type"] == "/problems/unavailable"
