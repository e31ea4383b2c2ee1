"""An event that is amended a year later, from low harm to death, its day moved over 1 February 2018
and its place changed, and withdrawn after the lesson from it is out: everything follows, and what
was known before stays readable."""

from datetime import UTC, datetime
from pathlib import Path

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person
from services.demonstration.story_2018 import Cast
from tests.journeys.walks import NATIONAL, cast_of
from tests.kit.world import World, embedded_world
from tests.strangers.staged import closed_on_paper

AT = datetime(2018, 12, 19, 9, tzinfo=UTC)
AMENDED = datetime(2019, 12, 19, 9, tzinfo=UTC)
WITHDRAWN = datetime(2019, 12, 20, 9, tzinfo=UTC)
ELSEWHERE = "RVJ"


async def total(world: World, year: str, as_at: str = "") -> int:
    """Never events in England that count in the year on any list, as known now or on a day."""
    asked = f"&as_at={as_at}" if as_at else ""
    reader = world.person(NATIONAL, "national", "s1")
    body = await reader.sees(f"/learning/national/never-events?year={year}{asked}")
    return sum(one["total"] for one in body["lists"])


async def drawn(cast: Cast, first: str, second: str) -> str:
    """A lesson of both, published."""
    for case in (first, second):
        await story.suggested(cast.author(), case)
    lesson = await story.drafted(cast.author(), first, second)
    await story.published(cast, lesson)
    return lesson


async def amended(trust: Person, event: str) -> None:
    """The whole record with another day, place and harm."""
    before = await trust.get(f"/intake/events/{event}")
    report = {
        **story.connected_to_air("2018-01-31"),
        "occurred_at": ELSEWHERE,
        "leads": before.body["leads"],
        "identified_on": before.body["identified_on"],
        "reason": "The investigation found when and where it was, and what came of it.",
    }
    report["patients"] = [{**report["patients"][0], "physical_harm": "fatal"}]
    await trust.writes(f"/intake/events/{event}", report, match=before.etag)


async def told(person: Person, path: str, about: str) -> list[Json]:
    """What a series tells of one thing, page by page."""
    found: list[Json] = []
    while True:
        page = (await person.get(path)).body
        found += [one for one in page["items"] if about in str(one)]
        if not page["items"]:
            return found
        path = page["links"]["next"]


async def test_all_follows_an_amendment_of_a_year_later_and_a_withdrawal(tmp_path: Path):
    async with embedded_world(tmp_path, AT) as world:
        cast = cast_of(world)
        trust, lead = cast.at_trust(), cast.visitor()
        await story.relate(cast)
        event = await closed_on_paper(trust, lead, "2018-12-14")
        second = await closed_on_paper(cast.at_other_trust(), cast.reader(), "2018-12-13")
        lesson = await drawn(cast, event, second)
        counted = await total(world, "2018/19")
        first = (await trust.get(f"/intake/events/{event}")).body

        await world.at(AMENDED)
        await amended(trust, event)
        await world.settle()
        now = await trust.sees(f"/intake/events/{event}")
        assert (now["day"], now["occurred_at"], now["worst_harm"]) == (
            "2018-01-31",
            ELSEWHERE,
            "fatal",
        )
        await _proposed_anew(trust, event)
        await _case_follows(lead, event)
        assert await total(world, "2018/19") == counted - 1
        assert await total(world, "2018/19", "2019-12-18") == counted
        assert await total(world, "2017/18", "2019-12-18") == 0
        await _old_version_stays(trust, event, first)

        await world.at(WITHDRAWN)
        # The decision stands until somebody decides anew; it counts in the year of the new day.
        assert await total(world, "2017/18") == 1
        await trust.does(f"/intake/events/{event}/withdrawal", {"reason": "duplicate"})
        await world.settle()
        assert await total(world, "2017/18") == 0
        assert await total(world, "2017/18", "2019-12-19") == 1
        assert await total(world, "2018/19", "2019-12-18") == counted
        assert (await trust.sees(f"/intake/events/{event}"))["withdrawn"]
        case = await lead.sees(f"/assurance/cases/{event}")
        assert case["state"] == "withdrawn"
        assert "withdrawn" in [one.get("change") for one in case["timeline"]]
        await _series_tell(trust, event)
        other = await cast.at_other_trust().sees(f"/intake/events/{second}")
        assert not other["withdrawn"]
        shown = await trust.sees(f"/learning/lessons/{lesson}")
        assert shown["state"] == "published"


async def _proposed_anew(trust: Person, event: str) -> None:
    listed = await trust.get("/intake/events?proposed=true")
    (waiting,) = [one for one in listed.body["items"] if one["id"] == event]
    assert waiting["proposed_type"] is None  # air for oxygen was on no list that day
    timeline = await trust.sees(f"/intake/events/{event}/timeline")
    (proposed,) = [
        one["details"] for one in timeline["items"] if one["type"] == "never_event_proposed"
    ][-1:]
    assert set(proposed["causes"]) == {"day", "place", "harm"}


async def _case_follows(lead: Person, event: str) -> None:
    case = await lead.sees(f"/assurance/cases/{event}")
    assert (case["day"], case["worst_harm"]) == ("2018-01-31", "fatal")
    assert "amended" in [one.get("change") for one in case["timeline"]]


async def _old_version_stays(trust: Person, event: str, first: Json) -> None:
    path = f"/intake/events/{event}/versions/{first['version']}"
    old = await trust.sees(path)
    for name in ("day", "occurred_at", "worst_harm", "patients", "occurred"):
        assert old[name] == first[name]


async def _series_tell(trust: Person, event: str) -> None:
    """The changes and the timeline have both, in order, and the proposal between them."""
    wanted = ["event_amended", "never_event_proposed", "event_withdrawn"]
    changes = await told(trust, "/intake/events/changes?after=0&limit=100", event)
    timeline = (await trust.sees(f"/intake/events/{event}/timeline"))["items"]
    for series in (changes, timeline):
        assert [one["type"] for one in series if one["type"] in wanted][-3:] == wanted
