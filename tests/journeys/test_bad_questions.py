"""Questions that cannot be asked: parameters, headers, addresses and things that are none."""

import pytest

from services.demonstration.story_2018 import connected_to_air
from tests.journeys.doors import MARK, Asks, Doors, Headers, json_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPORT = json_of(connected_to_air("2018-12-14"))

READING: dict[str, tuple[str, Headers, int, str]] = {
    "a limit that is none": ("/intake/events?limit=many", {}, 400, "malformed"),
    "a limit of nothing": ("/intake/events?limit=0", {}, 422, "invalid"),
    "a limit without end": (f"/intake/events?limit={'9' * 400}", {}, 422, "invalid"),
    "a page of ours, changed": (f"/intake/events?page={MARK}", {}, 400, "page-token-damaged"),
    "digits for a day": ("/intake/events?occurred_since=20181219", {}, 422, "invalid"),
    "a time without offset": (
        "/intake/events?updated_since=2018-12-19T08:30:00",
        {},
        422,
        "invalid",
    ),
    "a word of no list": (f"/intake/events?kind={MARK}", {}, 422, "invalid"),
    "as at no day": (
        f"/learning/national/never-events?year=2018/19&as_at={MARK}",
        {},
        422,
        "invalid",
    ),
    "as at the last of all days": (
        "/learning/national/never-events?year=2018/19&as_at=9999-12-31",
        {},
        422,
        "invalid",
    ),
    "as at the last of all instants": (
        "/learning/national/never-events?year=2018/19&as_at=9999-12-31T23:59:59.999999Z",
        {},
        422,
        "invalid",
    ),
    "known on the first of all days": (
        "/learning/national/never-events?year=2018/19&known_on=0001-01-01",
        {},
        422,
        "invalid",
    ),
    "due before the last of all days": (
        "/assurance/clocks?due_before=9999-12-31",
        {},
        422,
        "invalid",
    ),
    "a year in digits of another script": (
        "/learning/national/never-events?year=２０１８/１９",
        {},
        422,
        "invalid",
    ),
    "a year before all": ("/learning/national/never-events?year=0000/01", {}, 422, "invalid"),
    "a year after all": ("/learning/national/never-events?year=9999/00", {}, 422, "invalid"),
    "a year that is none": (f"/learning/national/never-events?year={MARK}", {}, 422, "invalid"),
    "an event that is not there": (f"/intake/events/{MARK}", {}, 404, "not-found"),
    "an event that cannot be": (f"/intake/events/%00{MARK}", {}, 404, "not-found"),
    "a long address": (f"/intake/events/{MARK}{'x' * 2000}", {}, 404, "not-found"),
    "a version that is none": (f"/intake/events/abc/versions/{MARK}", {}, 404, "not-found"),
    "a slash at the end": ("/intake/events/", {}, 404, "not-found"),
    "a service without its slash": ("/intake", {}, 404, "not-found"),
    "an address that is none": (f"/intake/{MARK}", {}, 404, "not-found"),
    "a service that is none": (f"/{MARK}/events", {}, 404, "not-found"),
    "a position that is none": (
        "/intake/events",
        {"Open-Door-After": MARK},
        400,
        "malformed",
    ),
    "a position to come": (
        "/intake/events",
        {"Open-Door-After": "999999999"},
        409,
        "series-rewound",
    ),
    "a position beyond numbers": (
        "/intake/events",
        {"Open-Door-After": "9" * 400},
        400,
        "malformed",
    ),
    "a resume point that is none": (
        f"/learning/events?after={MARK}",
        {},
        400,
        "resume-point-malformed",
    ),
    "a stream from nowhere": (
        "/learning/stream",
        {"Last-Event-ID": MARK},
        400,
        "resume-point-malformed",
    ),
    "a stream from beyond its end": ("/learning/stream?after=7731", {}, 409, "series-rewound"),
}


@pytest.mark.parametrize("name", READING)
async def test_a_reading_that_cannot_be_is_refused(doors: Doors, name: str):
    path, headers, status, slug = READING[name]
    who = ("RTH", "trust", "p1") if path.startswith("/intake") else ("X26", "national", "s1")
    await doors.refused(
        Asks(method="GET", path=path, content=b"", who=who, headers=headers), status, slug
    )


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "OPTIONS", "TRACE"])
async def test_another_method_is_refused(doors: Doors, method: str):
    await doors.refused(Asks(method=method, content=REPORT), 405, "method-not-allowed")


async def test_what_another_trust_told_is_not_there(doors: Doors):
    told = await doors.send(Asks(content=REPORT))
    path = f"/intake/events/{told.json()['id']}"
    await doors.world.settle()
    stranger = ("RR8", "trust", "p1")
    await doors.refused(Asks(method="GET", path=path, content=b"", who=stranger), 404, "not-found")
    withdrawal = json_of({"reason": "duplicate", "explanation": MARK})
    asks = Asks(path=f"{path}/withdrawal", content=withdrawal, who=stranger)
    await doors.refused(asks, 404, "not-found")
