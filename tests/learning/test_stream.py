"""The published series: dense, in order, byte for byte what was told, from any point on."""

import json

from services.learning.api.stream import TOPIC
from shared.contracts.envelope import cloud_event
from tests.learning.lessons import answer, published
from tests.learning.world import World


async def told(world: World) -> list[bytes]:
    """The structured events as they stand in the log."""
    rows = await world.engine.log.published(TOPIC, 0, 0, 100)
    return [cloud_event(row).structured() for row in rows]


async def some_series(world: World) -> str:
    """Five items: published, seen, applies, withdrawn, and a second lesson."""
    lesson = await published(world)
    await answer(world, "trust", lesson, "seen")
    await answer(world, "trust", lesson, "relevance", applies=True)
    await world.done("reviewer", "POST", f"/lessons/{lesson}/withdrawal", {"reason": "error"})
    await published(world, 2)
    return lesson


async def test_a_list_of_events_holds_the_told_bytes_unchanged(world: World):
    await some_series(world)
    answer = await world.get("/events", "national")
    assert all(one in answer.content for one in await told(world))
    body = answer.json()
    assert [one["sequence"] for one in body["items"]] == [f"{n:020d}" for n in range(1, 6)]
    assert [one["type"].split(".")[2] for one in body["items"]] == [
        "lesson_published",
        "adoption_recorded",
        "adoption_recorded",
        "lesson_withdrawn",
        "lesson_published",
    ]
    assert body["head"] == 5


async def test_pages_follow_one_another_and_the_last_still_says_where_to_go_on(world: World):
    await some_series(world)
    seen: list[str] = []
    link = "/events?after=0&limit=2"
    for _ in range(4):
        body = (await world.get(link, "national")).json()
        seen += [one["sequence"] for one in body["items"]]
        link = body["links"]["next"]
    assert [int(one) for one in seen] == [1, 2, 3, 4, 5]
    assert link == "/learning/events?after=5&limit=2"


async def test_an_empty_series_has_a_head_and_a_link(world: World):
    body = (await world.get("/events", "national")).json()
    assert (body["items"], body["head"]) == ([], 0)
    assert body["links"]["next"] == "/learning/events?after=0&limit=50"


async def test_a_resume_point_is_judged_before_the_first_byte(world: World):
    for path in ("/events", "/stream"):
        for after, status, slug in (
            ("six", 400, "resume-point-malformed"),
            ("-1", 400, "resume-point-malformed"),
            ("9", 409, "series-rewound"),
        ):
            answer = await world.get(path, "national", after=after)
            assert answer.status_code == status
            assert answer.json()["type"].endswith(slug)


async def test_the_series_needs_a_token(world: World):
    for path in ("/events", "/stream"):
        assert (await world.get(path)).status_code == 401


async def test_the_stream_says_the_same_bytes_under_the_same_numbers(world: World):
    await some_series(world)
    answer = await world.get("/stream", "national", after=1)
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = [one for one in answer.content.split(b"\n\n") if one.startswith(b"id:")]
    parts = [dict(line.split(b": ", 1) for line in one.split(b"\n")) for one in frames]
    assert [int(one[b"id"]) for one in parts] == [2, 3, 4, 5]
    assert [one[b"data"] for one in parts] == (await told(world))[1:]
    assert all(json.loads(one[b"data"])["type"].encode() == one[b"event"] for one in parts)


async def test_sources_hear_on_a_topic_of_their_own(world: World):
    await some_series(world)
    drawn = await world.engine.log.published("opendoor.learning.sources.v1", 0, 0, 100)
    assert [json.loads(one.data)["what"] for one in drawn] == [
        "published",
        "withdrawn",
        "published",
    ]
    assert json.loads(drawn[0].data)["incidents"] == ["case1"]
    assert json.loads(drawn[0].attributes)["source"] == "urn:open-door:learning:sources"


PUBLIC = [(1, ""), (4, "1"), (5, "4")]
"""What everybody may read of the series: the number of each item, and of the one before it."""


def view(items: list[dict[str, str]]) -> list[tuple[int, str]]:
    return [(int(one["sequence"]), one["previous"].lstrip("0")) for one in items]


async def test_what_an_organisation_answered_is_told_to_national_bodies_alone(world: World):
    """E6: an item that is restricted goes to nobody else; the rest keeps its bytes and numbers."""
    await some_series(world)
    for who in ("commissioner", "other_trust", "trust"):
        listed = await world.get("/events", who)
        assert b"adoption_recorded" not in listed.content
        assert view(listed.json()["items"]) == PUBLIC
        assert listed.json()["head"] == 5
        whole = await told(world)
        assert all(whole[n - 1][:-1] in listed.content for n, _ in PUBLIC)


async def test_a_public_view_is_read_on_from_any_number(world: World):
    await some_series(world)
    link, seen = "/events?after=0&limit=1", []
    for _ in range(5):
        answered = await world.get(link, "trust")
        body = answered.json()
        seen += view(body["items"])
        link = body["links"]["next"]
        assert answered.headers["link"] == f'<{link}>; rel="next"'
    assert seen == PUBLIC
    for after, rest in ((2, PUBLIC[1:]), (3, PUBLIC[1:]), (4, PUBLIC[2:]), (5, [])):
        body = (await world.get("/events", "trust", after=after)).json()
        assert view(body["items"]) == rest


async def test_the_public_stream_says_the_same_as_its_pages(world: World):
    await some_series(world)
    answered = await world.get("/stream", "trust", after=2)
    frames = [one for one in answered.content.split(b"\n\n") if one.startswith(b"id:")]
    parts = [dict(line.split(b": ", 1) for line in one.split(b"\n")) for one in frames]
    assert [int(one[b"id"]) for one in parts] == [4, 5]
    assert view([json.loads(one[b"data"]) for one in parts]) == PUBLIC[1:]
