"""Changing what one has read: the version comes along, and stays readable for ever."""

from typing import Any

import pytest

from services.demonstration.story_2018 import connected_to_air
from tests.journeys.doors import MARK, Asks, Doors, Headers, json_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def report(**changed: Any) -> bytes:
    return json_of({**connected_to_air("2018-12-14"), **changed})


async def told(doors: Doors) -> Asks:
    """The amendment of an event that was just told."""
    answer = await doors.send(Asks(content=report()))
    return Asks(
        method="PUT",
        path=answer.headers["location"],
        content=report(location="Ward 2"),
        headers={"If-Match": answer.headers["etag"]},
    )


UNMATCHED: dict[str, tuple[Headers, int, str]] = {
    "none": ({"If-Match": None}, 428, "precondition-required"),
    "any": ({"If-Match": "*"}, 428, "precondition-required"),
    "none of its versions": ({"If-Match": 'W/"77"'}, 412, "precondition-failed"),
    "a tag that is none of ours": ({"If-Match": f'"{MARK}"'}, 412, "precondition-failed"),
    "no tag": ({"If-Match": MARK}, 400, "malformed"),
    "several tags": ({"If-Match": 'W/"1", W/"2"'}, 400, "malformed"),
}


@pytest.mark.parametrize("name", UNMATCHED)
async def test_an_amendment_of_no_version_is_refused(doors: Doors, name: str):
    headers, status, slug = UNMATCHED[name]
    await doors.refused((await told(doors)).having(headers), status, slug)


@pytest.mark.parametrize("form", ["{}", "W/{}"])
async def test_both_forms_of_a_tag_are_taken(doors: Doors, form: str):
    asks = await told(doors)
    number = str(asks.headers["If-Match"]).removeprefix("W/")
    done = await doors.send(asks.having({"If-Match": form.format(number)}))
    assert done.status_code == 202, done.text
    assert done.headers["etag"] != asks.headers["If-Match"]


async def test_what_another_changed_meanwhile_is_not_lost(doors: Doors):
    asks = await told(doors)
    assert (await doors.send(asks)).status_code == 202
    late = asks.holding(report(location=MARK))
    await doors.refused(late, 412, "precondition-failed")


async def test_the_repeat_of_an_amendment_is_no_stale_one(doors: Doors):
    asks = (await told(doors)).having({"Idempotency-Key": f'"{doors.world.key()}"'})
    first, again = await doors.send(asks), await doors.send(asks)
    assert (again.status_code, again.content) == (first.status_code, first.content)


async def test_a_draft_of_a_lesson_needs_its_version_too(doors: Doors):
    asks = Asks(
        method="PUT",
        path="/learning/lessons/none",
        content=json_of({"title": MARK}),
        who=("X26", "author", "a1"),
    )
    await doors.refused(asks, 428, "precondition-required")
    await doors.refused(asks.having({"If-Match": 'W/"1"'}), 404, "not-found")


async def test_every_version_stays_readable(doors: Doors):
    asks = await told(doors)
    amended = await doors.send(asks)
    trust = doors.world.person("RTH", "trust")
    after = amended.headers["open-door-position"]
    await doors.world.settle()
    now = await trust.get(asks.path, after=after)
    versions = [
        (await trust.get(f"{asks.path}/versions/{n}")).body["location"]
        for n in range(1, now.body["version"] + 1)
    ]
    assert versions[0] == "Respiratory ward"
    assert versions[-1] == now.body["location"] == "Ward 2"
    listed = await trust.get(f"{asks.path}/versions")
    assert len(listed.body["items"]) == len(versions)
