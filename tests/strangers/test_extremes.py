"""Whole numbers past what databases, languages and JSON hold, in every place that takes one, and
headers that are no ASCII: a declared 4xx, nothing stored, and the value nowhere again."""

import gzip

import pytest

from services.demonstration.story_2018 import connected_to_air
from tests.journeys.conftest import doors, said, world
from tests.journeys.doors import MARK, PROBLEM, Asks, Doors, Headers, json_of

__all__ = ["doors", "said", "world"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPORT = json_of(connected_to_air("2018-12-14"))
NUMBERS = (2**31, 2**63, 10**30, -(2**31) - 1, -(2**63) - 1)
NATIONAL, TRUST, COMMISSIONER = (
    ("X26", "national", "s1"),
    ("RTH", "trust", "p1"),
    (
        "10Q",
        "commissioner",
        "p1",
    ),
)

READINGS: dict[str, tuple[tuple[str, str, str], str]] = {
    "a version in a path": (TRUST, "/intake/events/abc/versions/{n}"),
    "a limit": (TRUST, "/intake/events?limit={n}"),
    "a limit of changes": (TRUST, "/intake/events/changes?limit={n}"),
    "after, at intake": (TRUST, "/intake/events/changes?after={n}"),
    "after, at assurance": (COMMISSIONER, "/assurance/events?after={n}"),
    "after, at learning": (NATIONAL, "/learning/events?after={n}"),
    "after, of a stream": (NATIONAL, "/learning/stream?after={n}"),
    "a level": (COMMISSIONER, "/assurance/cases?level={n}"),
    "days ahead": (COMMISSIONER, "/assurance/worklist?within_days={n}"),
    "a version of a lesson": (TRUST, "/learning/lessons/abc/adoption?version={n}"),
    "a limit of heads": (TRUST, "/learning/heads?limit={n}"),
}
HEADERS: dict[str, tuple[tuple[str, str, str], str, str]] = {
    "a position": (TRUST, "/intake/events", "Open-Door-After"),
    "a position at learning": (NATIONAL, "/learning/lessons", "Open-Door-After"),
    "an item": (NATIONAL, "/learning/stream", "Last-Event-ID"),
    "a changed item": (TRUST, "/intake/events/changes", "Last-Event-ID"),
}


async def refused(doors: Doors, asks: Asks, number: int) -> None:
    """The request is answered with a declared problem of a caller's kind; nothing is stored, and
    the number is in no answer."""
    before = await doors.heads()
    answer = await doors.send(asks)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert str(number) not in answer.text
    assert str(number) not in str(answer.headers)
    assert await doors.heads() == before


@pytest.mark.parametrize("place", READINGS)
async def test_a_number_beyond_is_refused(doors: Doors, place: str):
    who, path = READINGS[place]
    for number in NUMBERS:
        await refused(doors, reading(who, path.format(n=number)), number)


@pytest.mark.parametrize("place", HEADERS)
async def test_a_number_beyond_in_a_header_is_refused(doors: Doors, place: str):
    who, path, name = HEADERS[place]
    for number in NUMBERS:
        await refused(doors, reading(who, path, {name: str(number)}), number)


def reading(who: tuple[str, str, str], path: str, headers: Headers | None = None) -> Asks:
    return Asks(method="GET", path=path, content=b"", who=who, headers=headers or {})


async def test_a_number_beyond_in_a_match_or_a_path_changes_nothing(doors: Doors):
    event = (await doors.send(Asks(content=REPORT))).headers["location"]
    for number in NUMBERS:
        for tag in (f'W/"{number}"', f'"{number}"', str(number)):
            asks = Asks(method="PUT", path=event, content=REPORT, headers={"If-Match": tag})
            await refused(doors, asks, number)
        release = Asks(path=f"{event}/passages/{number}/release")
        await refused(doors, release, number)


async def test_a_number_beyond_in_a_body_is_refused(doors: Doors):
    for number in set(NUMBERS) - {2**31}:
        body = REPORT.replace(b'"number":1', b'"number":%d' % number)
        assert body != REPORT
        await refused(doors, Asks(content=body), number)


async def test_a_number_of_more_than_32_bits_in_a_body_is_kept(doors: Doors):
    told = await doors.send(Asks(content=REPORT.replace(b'"number":1', b'"number":%d' % 2**31)))
    assert told.status_code == 201, told.text
    await doors.world.settle()
    shown = await doors.world.person("RTH", "trust").sees(told.headers["location"])
    assert shown["patients"][0]["number"] == 2**31


FOREIGN = f"żółw-{MARK}"


@pytest.mark.parametrize("name", ["X-Correlation-ID", "X-Request-ID", "Idempotency-Key"])
@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-2"])
async def test_a_header_that_is_no_ascii_is_refused(doors: Doors, name: str, encoding: str):
    """Sent as bytes, for no client library would send them as text."""
    value = FOREIGN.encode(encoding)
    raw = {
        b"Authorization": f"Bearer {doors.world.token(*TRUST)}".encode(),
        b"Content-Type": b"application/json",
        b"Idempotency-Key": b'"of-ours"',
        name.encode(): b'"%s"' % value if name == "Idempotency-Key" else value,
    }
    before = await doors.heads()
    answer = await doors.world.client.post("/intake/events", content=REPORT, headers=raw)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == PROBLEM
    doors.repeats_nothing(answer)
    assert "żółw" not in answer.text
    assert await doors.heads() == before


async def test_a_bomb_in_gzip_is_not_unpacked(doors: Doors):
    bomb = gzip.compress(MARK.encode() + b" " * 2**26)
    headers = {"Content-Encoding": "gzip"}
    asks = Asks(content=bomb, headers=headers)
    await doors.refused(asks, 415, "unsupported-media-type")
