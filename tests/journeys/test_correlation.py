"""One request's ids on everything it causes, in three services."""

from typing import Any

import orjson
import pytest
from sqlalchemy import select

from services.demonstration import story_2018 as story
from shared.log.tables import EVENTS, PUBLISHED
from tests.journeys.doors import Asks, Doors, json_of
from tests.journeys.walks import cast_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CORRELATION = "epr-7731:report.4"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_ids_are_mirrored_and_made_up_where_none_came(doors: Doors):
    bare = await doors.send(Asks(method="GET", content=b""))
    assert bare.headers["x-request-id"]
    assert bare.headers["x-correlation-id"] != bare.headers["x-request-id"]
    given = {"X-Request-ID": "r-1", "X-Correlation-ID": CORRELATION}
    for asks in (Asks(), Asks(method="GET", path="/nowhere", content=b""), Asks(content=b"{")):
        answer = await doors.send(asks.having(given))
        assert answer.headers["x-request-id"] == "r-1"
        assert answer.headers["x-correlation-id"] == CORRELATION


async def test_a_correlation_id_is_on_every_event_caused_and_told(doors: Doors):
    world = doors.world
    await story.relate(cast_of(world))
    report = json_of(story.connected_to_air("2018-12-14"))
    event = (await doors.send(Asks(content=report))).json()["id"]
    body = json_of({"outcome": "meets", "type": "15", "reason": "On the list."})
    asks = Asks(path=f"/intake/events/{event}/classification", content=body)
    given = {"X-Correlation-ID": CORRELATION, "traceparent": TRACE}
    decided = await doors.send(asks.having(given))
    assert decided.status_code == 202, decided.text
    await world.settle()
    version = decided.json()["version"]
    caused = await _events(doors, "intake", f"incident-{event}", since=version)
    opened = await _events(doors, "assurance", f"case-{event}", since=1)
    assert [one["correlation"] for one in caused + opened] == [CORRELATION] * len(caused + opened)
    assert {one["causation"] for one in opened} == {f"incident-{event}/{version}"}
    assert caused[0]["traceparent"] == TRACE
    for service in ("intake", "assurance"):
        told = await _told(doors, service, event)
        assert told
        assert {one["correlationid"] for one in told} == {CORRELATION}
    (said,) = await _told(doors, "intake", event)
    assert said["traceparent"] == TRACE


async def _events(doors: Doors, service: str, stream: str, since: int) -> list[dict[str, Any]]:
    """What is recorded beside each event of a stream, from a version on."""
    log = doors.world.stage.workers[service].engine.log
    query = select(EVENTS.c.meta).where(EVENTS.c.stream == stream, EVENTS.c.version >= since)
    return [orjson.loads(one.meta) for one in await log.store.read(query)]


async def _told(doors: Doors, service: str, event: str) -> list[dict[str, Any]]:
    """The attributes of what a service told about an event, the report itself left out."""
    log = doors.world.stage.workers[service].engine.log
    rows = await log.store.read(select(PUBLISHED))
    mine = [one for one in rows if event in one.key and not one.type.endswith("event_reported.v1")]
    return [orjson.loads(one.attributes) for one in mine]
