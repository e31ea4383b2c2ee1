"""One trace from a trust's request to the row that the commissioner reads, and no text in it."""

import re

import orjson
import pytest
from sqlalchemy import select

from services.demonstration import story_2018 as story
from shared.log.tables import PUBLISHED
from tests.journeys.doors import MARK, Asks, Doors, json_of
from tests.journeys.walks import cast_of
from tests.kit.traces import Collected, collected

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CAME = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
KNOWN = {
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "messaging.message.id",
    "open_door.reader",
    "open_door.service",
}
CODE = re.compile(r"[A-Za-z0-9_./(){}-]*")
CLASSIFIED = "POST /events/{event}/classification"
TOLD = "opendoor.intake.classification_decided.v1"


async def test_one_trace_leads_from_the_request_to_the_case_s_row(doors: Doors):
    event = await reported(doors)
    with collected() as traces:
        version = await classified(doors, event, CAME)
        await doors.world.settle()
    steps = traces.names(TRACE_ID)
    hear = f"hear {TOLD}"
    assert steps[0] == (CLASSIFIED, None), "its parent is the trust's own step"
    assert {
        (hear, CLASSIFIED),
        ("commit opendoor.intake.v1", CLASSIFIED),
        ("project events", CLASSIFIED),
        ("project cases", hear),
        ("hear opendoor.assurance.case_opened.v1", hear),
    } <= set(steps)
    (request,) = (one for one in traces.of(TRACE_ID) if one.name == CLASSIFIED)
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CAME.split("-")[2]
    assert dict(request.attributes or {}) == {
        "open_door.service": "intake",
        "http.request.method": "POST",
        "http.route": "/events/{event}/classification",
        "http.response.status_code": 202,
    }
    heard = [dict(one.attributes or {}) for one in traces.of(TRACE_ID) if one.name == hear]
    id_ = f"incident-{event}/{version}"
    assert heard == [
        {"open_door.service": service, "messaging.message.id": id_}
        for service in ("assurance", "learning")
    ]


async def test_the_step_stands_beside_what_is_told(doors: Doors):
    event = await reported(doors)
    with collected() as traces:
        await classified(doors, event, CAME)
        (request,) = traces.of(TRACE_ID)
    log = doors.world.stage.workers["intake"].engine.log
    rows = await log.store.read(select(PUBLISHED).where(PUBLISHED.c.type == TOLD))
    (told,) = (orjson.loads(one.attributes) for one in rows if event in one.key)
    assert request.context is not None
    assert told["traceparent"] == f"00-{TRACE_ID}-{request.context.span_id:016x}-01"


@pytest.mark.parametrize("came", [None, "00-not-a-trace-01", CAME[:-1] + "0"])
async def test_a_request_of_no_trace_begins_one_and_one_not_sampled_stays_so(
    doors: Doors, came: str | None
):
    event = await reported(doors)
    with collected() as traces:
        await classified(doors, event, came)
        await doors.world.settle()
    first, *others = traces.exporter.get_finished_spans() or (None,)
    if came == CAME[:-1] + "0":
        assert first is None, "the caller did not ask for it to be recorded"
        return
    assert first is not None
    assert first.parent is None
    assert len(others) > 3
    assert {one.context.trace_id for one in others if one.context} == {
        first.context.trace_id if first.context else 0
    }


async def test_a_refusal_and_a_fault_leave_codes_alone(doors: Doors):
    """What a person typed wrongly, in body, path or query, is in no step's name or notes."""
    with collected() as traces:
        for asks in (
            Asks(content=json_of({"what_happened": MARK, MARK: MARK})),
            Asks(method="GET", path=f"/intake/events/{MARK}", content=b""),
            Asks(method="GET", path=f"/intake/events?state={MARK}", content=b""),
            Asks(method="TRACE", path=f"/intake/{MARK}", content=b""),
            Asks(method="GET", path="/intake/livez", content=b""),
        ):
            await doors.send(asks.having({"traceparent": CAME}))
    assert len(traces.of(TRACE_ID)) == 4, "a probe is no step of anything"
    assert without_text(traces)
    assert MARK not in "".join(one.to_json() for one in traces.exporter.get_finished_spans())


async def test_a_narrative_is_in_no_step(doors: Doors):
    with collected() as traces:
        event = await reported(doors, what_happened=f"Air was given, {MARK}.")
        await classified(doors, event, CAME)
        await doors.world.settle()
    assert without_text(traces)
    assert MARK not in "".join(one.to_json() for one in traces.exporter.get_finished_spans())


def without_text(traces: Collected) -> bool:
    """Every note is one of those that we know, and is a number, or a code without spaces."""
    for one in traces.exporter.get_finished_spans():
        notes = dict(one.attributes or {})
        assert notes.keys() <= KNOWN
        assert not one.events
        assert one.status.description is None
        for held in notes.values():
            assert isinstance(held, int) or CODE.fullmatch(str(held)), held
    return True


async def reported(doors: Doors, **more: object) -> str:
    """A report of a never event, once who commissions whom is known; its id."""
    await story.relate(cast_of(doors.world))
    report = {**story.connected_to_air("2018-12-14"), **more}
    answer = await doors.send(Asks(content=json_of(report)))
    assert answer.status_code == 201, answer.text
    await doors.world.settle()
    return str(answer.json()["id"])


async def classified(doors: Doors, event: str, traceparent: str | None) -> int:
    """The trust's decision, as part of a trace; the incident's version behind it."""
    body = json_of({"outcome": "meets", "type": "15", "reason": "On the list."})
    asks = Asks(path=f"/intake/events/{event}/classification", content=body)
    answer = await doors.send(asks.having({"traceparent": traceparent}))
    assert answer.status_code == 202, answer.text
    return int(answer.json()["version"])
