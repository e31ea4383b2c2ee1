"""National never events: as this log knew them, as the sources had said, never across lists."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts import assurance, intake
from shared.nhs.published_figures import NEVER_EVENTS_2023_24
from tests.learning.world import COMMISSIONER, TRUST, World

JUNE = datetime(2023, 6, 1, 9, tzinfo=UTC)


def about(n: int, day: str = "2023-05-30", **more: Any) -> dict[str, Any]:
    told = {
        "incident": f"i{n}",
        "kind": "incident",
        "reported_by": TRUST,
        "occurred_at": TRUST,
        "leads": TRUST,
        "day": day,
        "day_precision": "day",
        "identified_on": day,
        "framework": "PSIRF2022",
    }
    return {**told, **more}


async def reported(world: World, n: int, day: str = "2023-05-30", **more: Any) -> None:
    told = intake.EventReportedV1(**about(n, day, **more))
    await world.hear(told, f"incident-i{n}")


async def decided(world: World, n: int, outcome: str = "meets", **more: Any) -> None:
    """The trust's decision, on the day of the clock."""
    told: dict[str, Any] = {
        "authority": "trust",
        "outcome": outcome,
        "type": "15",
        "list": "2021-04-01",
        "effective_at": world.clock.now().date().isoformat(),
        **about(n),
    }
    await world.hear(intake.ClassificationDecidedV1(**{**told, **more}), f"incident-i{n}")


async def judged(world: World, n: int, authority: str, outcome: str, **more: Any) -> None:
    """A commissioner's or the national body's decision, on the day of the clock."""
    told: dict[str, Any] = {
        "incident": f"i{n}",
        "case": f"i{n}",
        "provider": TRUST,
        "commissioner": COMMISSIONER,
        "authority": authority,
        "decided_by": COMMISSIONER,
        "outcome": outcome,
        "list": "2021-04-01",
        "effective_at": world.clock.now().date().isoformat(),
    }
    await world.hear(assurance.ClassificationDecidedV1(**{**told, **more}), f"case-i{n}")


async def table(world: World, year: str = "2023/24", **asked: str) -> Any:
    answer = await world.get("/national/never-events", "national", year=year, by="type", **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def buckets(body: Any) -> tuple[int, int, int]:
    """count, under review and reported not meeting, over the only list."""
    (only,) = body["lists"]
    named = ("count", "under_review", "reported_not_meeting")
    first, second, third = (sum(row[name] for row in only["rows"]) for name in named)
    return first, second, third


async def test_the_table_has_its_shape(world: World):
    world.clock.set(JUNE)
    await reported(world, 1)
    await decided(world, 1)
    assert await table(world) == {
        "year": "2023/24",
        "as_at": "2023-06-01T09:00:00Z",
        "lists": [
            {
                "list": "2021-04-01",
                "rows": [
                    {
                        "type": "15",
                        "title": "Unintentional connection of a patient requiring oxygen to an "
                        "air flowmeter",
                        "count": 1,
                        "under_review": 0,
                        "reported_not_meeting": 0,
                    }
                ],
                "total": 1,
            }
        ],
        "total": 1,
    }


async def test_as_at_answers_what_this_log_knew_by_the_end_of_that_day_in_london(world: World):
    world.clock.set(datetime(2023, 6, 1, 22, 30, tzinfo=UTC))  # 23:30 in London
    await reported(world, 1)
    await decided(world, 1)
    world.clock.set(datetime(2023, 6, 1, 23, 30, tzinfo=UTC))  # 00:30 on 2 June
    await reported(world, 2)
    await decided(world, 2)
    totals = {}
    for day in ("2023-05-31", "2023-06-01", "2023-06-02"):
        totals[day] = (await table(world, as_at=day))["total"]
    assert totals == {"2023-05-31": 0, "2023-06-01": 1, "2023-06-02": 2}
    told = await table(world, as_at="2023-06-01T23:30:00+01:00")
    assert (told["as_at"], told["total"]) == ("2023-06-01T22:30:00Z", 1)


async def test_a_reclassification_changes_today_and_not_what_was_known(world: World):
    await reclassified(world)


async def test_postgresql_remembers_likewise(postgres_world: World):
    await reclassified(postgres_world)


async def reclassified(world: World) -> None:
    """A trust's never event, put under review by its commissioner and refused nationally."""
    world.clock.set(JUNE)
    await reported(world, 1)
    await decided(world, 1)
    world.clock.set(datetime(2023, 9, 1, 9, tzinfo=UTC))
    await judged(world, 1, "commissioner", "under_review")
    world.clock.set(datetime(2023, 10, 1, 9, tzinfo=UTC))
    await judged(world, 1, "national", "does_not_meet")
    await decided(world, 1)  # the trust says it again, and no longer decides
    assert buckets(await table(world, as_at="2023-06-01")) == (1, 0, 0)
    assert buckets(await table(world, as_at="2023-09-01")) == (0, 1, 0)
    assert buckets(await table(world)) == (0, 0, 1)


async def test_a_withdrawal_leaves_the_counts_from_then_on(world: World):
    world.clock.set(JUNE)
    await reported(world, 1)
    await decided(world, 1)
    world.clock.set(datetime(2023, 7, 1, 9, tzinfo=UTC))
    gone = intake.EventWithdrawnV1(**about(1), reason="recorded_twice")
    await world.hear(gone, "incident-i1")
    assert (await table(world))["total"] == 0
    assert (await table(world, as_at="2023-06-30"))["total"] == 1


async def test_an_amended_day_moves_the_event_to_another_year_from_then_on(world: World):
    world.clock.set(JUNE)
    await reported(world, 1)
    await decided(world, 1)
    world.clock.set(datetime(2023, 7, 1, 9, tzinfo=UTC))
    amended = intake.EventAmendedV1(**about(1, "2023-03-31"), changed=["day"])
    await world.hear(amended, "incident-i1")
    assert [(await table(world, year))["total"] for year in ("2022/23", "2023/24")] == [1, 0]
    told = [
        (await table(world, year, as_at="2023-06-30"))["total"] for year in ("2022/23", "2023/24")
    ]
    assert told == [0, 1]


async def test_two_lists_of_2017_18_stand_side_by_side_and_are_not_added_up(world: World):
    for n, (day, list_) in enumerate(
        [("2018-01-31", "2015-04-01"), ("2018-02-01", "2018-02-01"), ("2018-03-01", "2018-02-01")]
    ):
        await reported(world, n, day)
        await decided(world, n, type="1", list=list_, day=day)
    body = await table(world, "2017/18")
    assert [(one["list"], one["total"]) for one in body["lists"]] == [
        ("2015-04-01", 1),
        ("2018-02-01", 2),
    ]
    assert body["total"] is None


async def test_known_on_asks_what_the_sources_had_said_and_says_so(world: World):
    world.clock.set(datetime(2024, 2, 1, 9, tzinfo=UTC))
    await reported(world, 1, backfill=True, identified_on="2023-05-31")
    await decided(world, 1, effective_at="2023-06-02")
    await judged(world, 1, "national", "does_not_meet", effective_at="2023-09-01T10:00:00Z")
    assert buckets(await table(world, known_on="2023-06-01")) == (0, 0, 0)
    assert buckets(await table(world, known_on="2023-08-31")) == (1, 0, 0)
    assert buckets(await table(world, known_on="2023-09-01")) == (0, 0, 1)
    told = await table(world, known_on="2023-08-31", as_at="2024-02-01")
    assert (told["known_on"], told["as_at"]) == ("2023-08-31", "2024-02-01")
    assert (await table(world, known_on="2023-08-31", as_at="2024-01-31"))["total"] == 0


async def test_who_opted_out_counts_for_england(world: World):
    world.clock.set(JUNE)
    await reported(world, 1, opted_out=True)
    await decided(world, 1)
    assert (await table(world))["total"] == 1


async def test_a_decision_heard_before_the_report_counts_once_both_are_there(world: World):
    world.clock.set(JUNE)
    await judged(world, 1, "commissioner", "meets", type="15")
    assert (await table(world))["total"] == 0
    await reported(world, 1)
    assert (await table(world))["total"] == 1


async def test_the_home_page_draws_the_newest_year(world: World):
    world.clock.set(JUNE)
    await reported(world, 1)
    await decided(world, 1)
    await reported(world, 2)
    await decided(world, 2, "under_review")
    make = world.engine.service.panel
    assert make is not None
    panel = await make(world.engine.reach)
    assert "2023/24" in panel.chart_title
    assert "1 are under review" in panel.chart_note
    assert panel.total == 1


async def test_an_impossible_question_is_refused(world: World):
    for query, status in (
        ({}, 400),
        ({"year": "2023"}, 422),
        ({"year": "2023/99"}, 422),
        ({"year": "2023/24", "by": "moon"}, 422),
        ({"year": "2023/24", "as_at": "yesterday"}, 422),
        ({"year": "2023/24", "known_on": "20230601"}, 422),
    ):
        answer = await world.get("/national/never-events", "national", **query)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("year", ["2023", "2023/99", "2023-24", ""])
async def test_a_year_that_is_none_is_told_how_one_is_written(world: World, year: str):
    answer = await world.get("/national/never-events", "national", year=year)
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/query/year"
    assert fault["message"] == "Write a year as 2023/24."


async def test_the_published_year_comes_out_as_published(world: World):
    world.clock.set(JUNE)
    codes = [one.code for one in NEVER_EVENTS_2023_24[6:] for _ in range(one.count)]
    for n, code in enumerate(codes):
        await reported(world, n)
        await decided(world, n, type=code)
    rows = (await table(world))["lists"][0]["rows"]
    assert {row["type"]: row["count"] for row in rows} == {
        one.code: one.count for one in NEVER_EVENTS_2023_24[6:]
    }
