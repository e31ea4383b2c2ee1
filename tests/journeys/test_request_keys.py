"""Repeats: one effect for a key, the first answer again, and no key for what was refused."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.demonstration.story_2018 import connected_to_air
from shared.kernel.errors import Unavailable
from shared.log.appender import Appender
from tests.journeys.doors import MARK, Asks, Doors, json_of, problem_in
from tests.journeys.test_bad_callers import ACTING, forged

pytestmark = pytest.mark.asyncio(loop_scope="module")

UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
OTHER_UUID = "1f0c7e52-9a43-4d1e-8a0b-5b7f6b1d2c3e"


def report(**changed: Any) -> bytes:
    return json_of({**connected_to_air("2018-12-14"), **changed})


def keyed(doors: Doors, content: bytes = report(), path: str = "/intake/events") -> Asks:
    """A request with a key of its own, the same whenever it is sent."""
    return Asks(path=path, content=content, headers={"Idempotency-Key": f'"{doors.world.key()}"'})


def what_counts(answer: httpx.Response) -> Mapping[str, Any]:
    kept = ("location", "etag", "open-door-position")
    return {
        "status": answer.status_code,
        "body": answer.json(),
        **{name: answer.headers[name] for name in kept},
    }


async def test_the_same_request_twice_has_one_effect_and_one_answer(doors: Doors):
    asks = keyed(doors)
    first = await doors.send(asks)
    before = await doors.heads()
    again = await doors.send(asks)
    assert first.status_code == 201, first.text
    assert what_counts(again) == what_counts(first)
    assert await doors.heads() == before


async def test_a_repeat_is_known_however_far_things_went_on(doors: Doors):
    """A declaration cannot be made twice; its repeat gets the first answer all the same."""
    event = (await doors.send(keyed(doors))).json()["id"]
    body = json_of(
        {
            "identified_on": "2018-12-17",
            "category": "medical_gases",
            "reason_for_reporting": "A patient at risk of severe harm.",
            "level": 2,
        }
    )
    asks = keyed(doors, body, f"/intake/events/{event}/serious")
    first = await doors.send(asks)
    other = await doors.send(keyed(doors, body, f"/intake/events/{event}/serious"))
    problem_in(other, 409, "not-now")
    assert what_counts(await doors.send(asks)) == what_counts(first)


async def test_two_at_once_have_one_effect(doors: Doors):
    asks = keyed(doors)
    answers = await asyncio.gather(*(doors.send(asks) for _ in range(8)))
    assert answers[0].status_code == 201, answers[0].text
    assert [what_counts(one) for one in answers] == [what_counts(answers[0])] * 8
    newest = int(answers[0].headers["open-door-position"])
    assert (await doors.heads())["intake"] == newest


async def test_a_key_with_another_body_is_refused(doors: Doors):
    asks = keyed(doors)
    assert (await doors.send(asks)).status_code == 201
    changed = asks.holding(report(what_happened=MARK))
    await doors.refused(changed, 422, "idempotency-key-reused")
    spaced = asks.holding(report() + b" ")
    await doors.refused(spaced, 422, "idempotency-key-reused")


async def test_a_key_for_another_address_is_refused(doors: Doors):
    asks = keyed(doors)
    event = (await doors.send(asks)).json()["id"]
    elsewhere = replace(asks, path=f"/intake/events/{event}/withdrawal").holding(
        json_of({"reason": "duplicate"})
    )
    await doors.refused(elsewhere, 422, "idempotency-key-reused")


async def test_a_key_for_another_organisation_is_another_key(doors: Doors):
    """A supplier's client counts its keys anew at each trust that it serves (H6)."""
    token = forged(doors.world, organisations=["RTH", "RR8"])
    asks = keyed(doors).having({"Authorization": f"Bearer {token}", ACTING: "RTH"})
    elsewhere = asks.having({ACTING: "RR8"})
    first, second = await doors.send(asks), await doors.send(elsewhere)
    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert second.json()["id"] != first.json()["id"]
    assert what_counts(await doors.send(asks)) == what_counts(first)
    assert what_counts(await doors.send(elsewhere)) == what_counts(second)
    other = report(occurred="2018-12-13")
    await doors.refused(elsewhere.holding(other), 422, "idempotency-key-reused")


async def test_a_key_of_another_client_is_another_key(doors: Doors):
    asks = keyed(doors)
    first = await doors.send(asks)
    other = asks.having({"Authorization": f"Bearer {forged(doors.world, client_id='portal')}"})
    second = await doors.send(other)
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


async def test_what_was_refused_leaves_its_key_free(doors: Doors):
    asks = keyed(doors, report(occurred="2018-12-20"))
    await doors.refused(asks, 422, "invalid", "/occurred")
    await doors.refused(asks.holding(b"{"), 400, "bad-json")
    assert (await doors.send(asks.holding(report()))).status_code == 201


async def test_an_outage_leaves_the_key_free(doors: Doors, monkeypatch: pytest.MonkeyPatch):
    asks = keyed(doors)

    async def gone(self: Appender, entry: object) -> None:
        raise Unavailable("The database cannot be reached.")

    with monkeypatch.context() as away:
        away.setattr(Appender, "append", gone)
        for _ in range(2):
            problem_in(await doors.send(asks), 503, "unavailable")
    first, again = await doors.send(asks), await doors.send(asks)
    assert first.status_code == 201, first.text
    assert what_counts(again) == what_counts(first)


async def test_of_two_headers_the_key_counts(doors: Doors):
    asks = keyed(doors)
    first = await doors.send(asks.having({"X-Request-ID": UUID}))
    again = await doors.send(asks.having({"X-Request-ID": OTHER_UUID}))
    assert what_counts(again) == what_counts(first)
    alone = asks.having({"Idempotency-Key": None, "X-Request-ID": UUID})
    assert (await doors.send(alone)).json()["id"] != first.json()["id"]


async def test_a_request_id_that_is_a_uuid_serves_as_the_key(doors: Doors):
    asks = Asks(content=report(), headers={"Idempotency-Key": None, "X-Request-ID": OTHER_UUID})
    first = await doors.send(asks)
    again = await doors.send(asks.having({"X-Request-ID": OTHER_UUID.upper()}))
    assert first.status_code == 201, first.text
    assert what_counts(again) == what_counts(first)
    changed = asks.holding(report(location="Ward 2"))
    await doors.refused(changed, 422, "idempotency-key-reused")


async def test_a_key_may_come_without_its_quotes(doors: Doors):
    asks = Asks(content=report(), headers={"Idempotency-Key": '"bare-7"'})
    first = await doors.send(asks)
    again = await doors.send(asks.having({"Idempotency-Key": "bare-7"}))
    assert what_counts(again) == what_counts(first)


async def test_a_known_thing_under_a_new_key_is_named(doors: Doors):
    reference = {"system": "lrms", "value": f"{MARK}/1"}
    first = await doors.send(keyed(doors, report(reference=reference)))
    assert first.status_code == 201
    asks = keyed(doors, report(reference=reference, location="Ward 3"))
    problem = await doors.refused(asks, 409, "already-exists")
    assert problem["link"] == first.headers["location"]
