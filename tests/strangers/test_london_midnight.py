"""Half past midnight in London while it is still yesterday in UTC: every day is London's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person
from tests.journeys.walks import cast_of
from tests.kit.world import embedded_world

MIDNIGHT = datetime(2018, 7, 10, 23, tzinfo=UTC)
LATE, EARLY = MIDNIGHT - timedelta(minutes=30), MIDNIGHT + timedelta(minutes=30)


async def declared(trust: Person, day: str) -> str:
    """A serious incident that was identified on the day it occurred."""
    event = await story.reported(trust, story.connected_to_air(day))
    await story.declared(trust, event, day)
    return event


async def clock(commissioner: Person, case: str, rule: str) -> Json:
    """A clock of a case, as the list of clocks shows it."""

    def named(body: Json) -> list[Json]:
        return [one for one in body["items"] if (one["case"], one["rule"]) == (case, rule)]

    for query in ("running=true", "running=false"):
        found = await commissioner.get(f"/assurance/clocks?{query}&limit=100")
        if named(found.body):
            return named(found.body)[0]
    raise AssertionError(f"{rule} of {case} is in no list")


async def test_days_begin_at_midnight_in_london(tmp_path: Path):
    async with embedded_world(tmp_path, LATE) as world:
        cast = cast_of(world)
        await story.relate(cast)
        trust, commissioner = cast.at_trust(), cast.visitor()
        # Thursday 5 July: three working days end on Tuesday 10 July.
        before = await declared(trust, "2018-07-05")
        tomorrow = await trust.post("/intake/events", story.connected_to_air("2018-07-11"))
        assert tomorrow.status == 422
        await world.settle()
        initial = await clock(commissioner, before, "SIF-INITIAL")
        assert (initial["due"], initial["breached_on"]) == ("2018-07-10", None)
        assert initial["due_at"] == "2018-07-10T22:59:59Z"
        assert not initial["overdue"]
        late = await commissioner.get("/assurance/worklist?view=overdue")
        assert late.body["items"] == []

        await world.at(EARLY)
        initial = await clock(commissioner, before, "SIF-INITIAL")
        assert (initial["breached_on"], initial["overdue"]) == ("2018-07-11", True)
        late = await commissioner.get("/assurance/worklist?view=overdue")
        assert (before, "2018-07-10") in [(one["case"], one["due"]) for one in late.body["items"]]
        assert all(one["overdue"] for one in late.body["items"])

        # The same report is now of today, and 11 July is day 0 of its clocks.
        after = await declared(trust, "2018-07-11")
        await world.settle()
        notify = await clock(commissioner, after, "SIF-NOTIFY")
        assert (notify["started_on"], notify["first_due"]) == ("2018-07-11", "2018-07-13")
        assert notify["due_at"] == "2018-07-13T22:59:59Z"
        listed = await commissioner.sees(f"/assurance/cases/{after}")
        assert listed["opened_on"] == "2018-07-11"
        shown = await trust.sees(f"/intake/events/{after}")
        assert (shown["day"], shown["identified_on"]) == ("2018-07-11", "2018-07-11")
        soon = await commissioner.get("/assurance/clocks?due_before=2018-07-11")
        assert before in {one["case"] for one in soon.body["items"]}
        assert after not in {one["case"] for one in soon.body["items"]}

        # An instant of late evening in UTC is of the next day.
        instant = await story.reported(trust, story.connected_to_air("2018-07-10T23:15:00Z"))
        shown = await trust.sees(f"/intake/events/{instant}")
        assert (shown["day"], shown["identified_on"]) == ("2018-07-11", "2018-07-11")
        assert shown["occurred"] == "2018-07-10T23:15:00Z"
