"""The service whole: heard from intake, asked over HTTP, seen by those with a part in it."""

from datetime import date
from typing import Any

import orjson

from services.assurance.service import service
from shared.contracts import intake
from shared.nhs.closure_criteria import SIF2015_CRITERIA
from shared.runtime.erasing import Eraser
from tests.assurance.world import (
    ICB,
    LEAD,
    OTHER_LEAD,
    OTHER_TRUST,
    REGION,
    TRUST,
    World,
    about,
    classified,
    declared,
    submitted,
)

VISIT = {
    "subjects": [{"kind": "case", "id": "c1"}],
    "on": "2018-12-19",
    "modes": ["site_visit", "staff_conversation", "patient_or_family_conversation"],
    "participants": ["frontline_staff", "family_or_carer"],
    "findings": "The air outlets are uncapped",
    "evidence": [{"kind": "observation", "reference": "Ward round of the morning"}],
}


def answers(**unlike: str) -> list[dict[str, str]]:
    given = {one.id: "met" for one in SIF2015_CRITERIA} | unlike
    return [{"criterion": id_, "answer": word} for id_, word in given.items()]


async def test_a_declared_case_is_on_the_commissioners_list_with_clocks_and_owners(
    world: World,
) -> None:
    await world.hear(declared())
    listed = await world.read("/worklist", "lead", view="mine")
    assert [(one["item"], one["held_by"]["organisation"]) for one in listed["items"]] == [
        ("acknowledge", LEAD)
    ]
    case = await world.read("/cases/c1", "lead")
    assert {one["rule"]: one["due"] for one in case["clocks"]} == {
        "SIF-NOTIFY": "2018-12-21",
        "SIF-INITIAL": "2018-12-24",
        "SIF-REPORT-2": "2019-03-18",
    }
    responsible = {
        one["step"]: one["organisations"]
        for one in case["roles"]
        if one["responsibility"] == "responsible"
    }
    assert (responsible["investigate"], responsible["review"]) == ([TRUST], [LEAD])
    assert case["timeline"][0]["what"] == "case_opened"
    assert [one["id"] for one in case["criteria"]] == [one.id for one in SIF2015_CRITERIA]


async def test_only_those_with_a_part_see_a_case(world: World) -> None:
    await world.hear(declared())
    seen = {
        who: (await world.get("/cases/c1", who)).status_code
        for who in ("trust", "lead", "region", "other", "other_trust", "national", "icb")
    }
    assert seen == {
        "trust": 200,
        "lead": 200,
        "region": 200,
        "other": 404,
        "other_trust": 404,
        "national": 404,
        "icb": 404,
    }
    assert (await world.get("/cases/c1")).status_code == 401
    assert (await world.get("/cases/none", "lead")).status_code == 404
    for who, count in (("trust", 1), ("lead", 1), ("other", 0), ("national", 0)):
        assert len((await world.read("/cases", who))["items"]) == count


async def test_who_may_not_act_is_told_so_and_who_may_not_see_is_not(world: World) -> None:
    await world.hear(declared())
    assert (await world.ask("trust", "/cases/c1/acknowledgement")).status_code == 403
    assert (await world.ask("other", "/cases/c1/acknowledgement")).status_code == 404
    done = await world.ask("lead", "/cases/c1/acknowledgement")
    assert (done.status_code, done.headers["Location"]) == (202, "/assurance/cases/c1")
    assert (await world.ask("lead", "/cases/c1/acknowledgement")).status_code == 409
    mine = await world.read("/worklist", "lead", view="all", owner=TRUST)
    assert {one["item"] for one in mine["items"]} == {"initial_review", "investigation"}
    assert all(one["yours"] and not one["mine"] for one in mine["items"])


async def test_the_whole_way_of_a_case(world: World) -> None:
    await world.hear(declared())
    await world.hear(classified())
    await world.done("lead", "/cases/c1/acknowledgement")
    made = await world.ask("lead", "/activities", VISIT)
    assert made.status_code == 201
    activity = await world.read(made.headers["Location"], "trust")
    assert (activity["depth"], activity["findings"]) == (3, VISIT["findings"])
    await world.hear(intake.InitialReviewSubmittedV1(**about(), submitted_on="2018-12-20"))
    await world.done("lead", "/cases/c1/initial-review-review", {"verdict": "accepted"})
    await world.hear(submitted())
    weak = {"submission": 1, "answers": answers(D2="partly"), "verdict": "returned"}
    await world.done("lead", "/cases/c1/investigation-review", weak)
    returned = await world.read("/cases/c1", "trust")
    assert returned["state"] == "returned"
    assert returned["submissions"][0]["verdict"] == "returned"
    await world.hear(submitted(2, submitted_on="2019-03-20"))
    sound = {"submission": 2, "answers": answers(), "verdict": "accepted"}
    await world.done("lead", "/cases/c1/investigation-review", sound)
    closing = {"learning": "Cap every air outlet", "themes": ["medical_gases"]}
    await world.done("lead", "/cases/c1/closing", closing)
    closed = await world.read("/cases/c1", "lead")
    assert (closed["state"], closed["depth"]) == ("closed_actions_open", 3)
    assert closed["closing"]["actions_open"] == [1]
    assert (await world.read("/worklist", "lead"))["items"] == []


async def test_learning_is_read_by_authors_and_each_reading_is_kept(world: World) -> None:
    await world.hear(declared())
    await world.hear(submitted())
    assert (await world.get("/cases/c1/learning", "author")).status_code == 404
    await world.done("lead", "/cases/c1/closing", {"learning": "Cap every air outlet"})
    read = await world.read("/cases/c1/learning", "author")
    assert (read["learning"], read["case"]) == ("Cap every air outlet", "c1")
    assert (await world.get("/cases/c1/learning", "lead")).status_code == 403
    stored = await world.engine.log.stream("access-c1")
    assert [one.type for one in stored] == ["learning_read"]
    whole = b"".join(one.data for one in await world.engine.log.events(0, 1000))
    assert b"Cap every" not in whole


async def test_an_erased_record_takes_the_cases_text_with_it(world: World) -> None:
    await world.hear(declared())
    await world.hear(submitted())
    await world.done("lead", "/cases/c1/closing", {"learning": "Cap every air outlet"})
    await world.hear(intake.SubjectErasedV1(**about(), scope="record", ground="retention"))
    await Eraser(world.engine).step()
    assert (await world.get("/cases/c1/learning", "author")).status_code == 404
    case = await world.read("/cases/c1", "lead")
    assert (case["erased"], case["state"]) == (True, "closed_actions_open")


async def test_clocks_breach_once_and_late_after_an_outage(world: World) -> None:
    await world.hear(declared())
    assert await world.tick(date(2018, 12, 21)) == 1
    assert await world.tick(date(2018, 12, 24)) == 0
    assert await world.tick(date(2018, 12, 27)) == 1
    assert await world.tick(date(2018, 12, 28)) == 0
    late = await world.read("/clocks", "lead", due_before="2018-12-28")
    assert [(one["rule"], one["breached_on"]) for one in late["items"]] == [
        ("SIF-INITIAL", "2018-12-27")
    ]
    overdue = await world.read("/worklist", "trust", view="overdue")
    assert [one["item"] for one in overdue["items"]] == ["initial_review"]
    told = await world.read("/events", "trust")
    assert [one["type"] for one in told["items"]].count("opendoor.assurance.clock_breached.v1") == 1


async def test_what_nobody_leads_waits_with_the_region(world: World) -> None:
    await world.hear(declared("c2", trust=OTHER_TRUST))
    listed = await world.read("/worklist", "region", view="unrouted")
    assert [(one["case"], one["held_by"]["organisation"]) for one in listed["items"]] == [
        ("c2", REGION)
    ]
    assert (await world.ask("lead", "/cases/c2/acknowledgement")).status_code == 404
    body = {"to": OTHER_LEAD, "reason": "They commission the ward"}
    await world.done("region", "/cases/c2/rerouting", body)
    assert (await world.read("/worklist", "region", view="unrouted"))["items"] == []
    await world.done("other", "/cases/c2/acknowledgement")
    refused = await world.ask("region", "/cases/c2/rerouting", {**body, "to": OTHER_TRUST})
    assert refused.status_code == 422


async def test_the_successor_sees_and_does_all_from_its_day_on(world: World) -> None:
    await world.hear(declared())
    await world.tick(date(2022, 6, 30))
    assert (await world.get("/cases/c1", "icb")).status_code == 404
    await world.tick(date(2022, 7, 1))
    case = await world.read("/cases/c1", "icb")
    assert (case["parties"]["lead"], case["parties"]["acting"]) == (LEAD, ICB)
    await world.done("icb", "/cases/c1/acknowledgement")
    told = await world.read("/events", "icb")
    assert told["items"][0]["type"] == "opendoor.assurance.relation_changed.v1"
    assert any(one["type"].endswith("case_opened.v1") for one in told["items"])


async def test_the_national_body_decides_on_a_never_event(world: World) -> None:
    await world.hear(classified())
    body = {"outcome": "does_not_meet", "reason": "The outlet was capped"}
    await world.done("national", "/cases/c1/classification", body)
    case = await world.read("/cases/c1", "lead")
    assert case["never_event"]["outcome"] == "does_not_meet"
    assert [one["authority"] for one in case["decisions"]] == ["trust", "national"]
    listed = await world.read("/cases", "lead", never_event="does_not_meet")
    assert [one["id"] for one in listed["items"]] == ["c1"]
    refused = await world.ask(
        "lead", "/cases/c1/classification", {**body, "outcome": "meets", "type": "15"}
    )
    assert refused.status_code == 409


async def test_lists_page_without_loss(world: World) -> None:
    for number in range(5):
        await world.hear(declared(f"c{number}"))
    for path, key in (("/cases", "id"), ("/worklist", "case"), ("/clocks", "rule")):
        whole = (await world.read(path, "lead", limit=100))["items"]
        paged: list[Any] = []
        answer = await world.read(path, "lead", limit=2)
        paged += answer["items"]
        while "next" in answer["links"]:
            answer = await world.read(answer["links"]["next"], "lead")
            paged += answer["items"]
        assert [one[key] for one in paged] == [one[key] for one in whole]
        assert len(whole) >= 5


async def test_roles_are_public_in_plain_words_and_named_for_parties(world: World) -> None:
    public = await world.read("/roles", framework="SIF2015", on="2018-12-19")
    (framework,) = public["frameworks"]
    review = next(one for one in framework["steps"] if one["step"] == "review")
    assert "Your commissioner" not in review["title"]
    assert review["clocks"] == ["SIF-QA"]
    await world.hear(declared())
    named = await world.read("/roles", "trust", case="c1", on="2018-12-19")
    assert {one["step"] for one in named["roles"]} >= {"notify", "close"}
    assert (await world.get("/roles", None, case="c1")).status_code == 404
    before = await world.read("/roles", "trust", case="c1", on="2018-12-01")
    assert before["roles"] == []


async def test_relations_are_recorded_by_an_operator_and_read(world: World) -> None:
    body = {"commissioner": OTHER_LEAD, "role": "lead", "since": "2013-04-01"}
    done = await world.ask("operator", f"/relations/{OTHER_TRUST}", body)
    assert (done.status_code, done.headers["Location"]) == (
        202,
        f"/assurance/relations/{OTHER_TRUST}",
    )
    assert (await world.ask("operator", f"/relations/{OTHER_TRUST}", body)).status_code == 200
    assert (await world.ask("lead", f"/relations/{OTHER_TRUST}", body)).status_code == 403
    ended = {**body, "until": "2018-12-31"}
    await world.done("operator", f"/relations/{OTHER_TRUST}/ending", ended)
    held = await world.read("/relations", "lead", commissioner=OTHER_LEAD, on="2018-12-31")
    assert [one["provider"] for one in held["items"]] == [OTHER_TRUST]
    gone = await world.read("/relations", "lead", commissioner=OTHER_LEAD, on="2019-01-01")
    assert gone["items"] == []
    listed = await world.read(f"/relations/{TRUST}", "trust")
    assert [one["commissioner"] for one in listed["items"]] == [LEAD]
    assert (await world.read(f"/successions/{LEAD}", "lead"))["successor"] == ICB


async def test_a_view_of_events_names_the_one_before_and_goes_on(world: World) -> None:
    await world.hear(declared())
    await world.hear(declared("c2", trust=OTHER_TRUST))
    await world.done("lead", "/cases/c1/acknowledgement")
    first = await world.read("/events", "lead", limit=2)
    rest = await world.read(first["links"]["next"], "lead")
    items = first["items"] + rest["items"]
    kinds = [one["type"].split(".")[2] for one in items]
    assert kinds == ["relation_changed", "succession_recorded", "case_opened", "case_acknowledged"]
    assert items[0]["previous"] == ""
    positions = await _positions(world)
    assert [one["previous"] for one in items[1:]] == [
        f"{positions[one['id']]:020d}" for one in items[:-1]
    ]
    beyond = await world.get("/events", "lead", after="999999")
    assert beyond.status_code == 409


async def test_a_live_view_of_events_hands_out_the_same_items(world: World) -> None:
    await world.hear(declared())
    paged = (await world.read("/events", "lead"))["items"]
    headers = {"Authorization": "Bearer lead", "Accept": "text/event-stream"}
    answer = await world.http.get("/assurance/events?after=0", headers=headers)
    live = [
        orjson.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    assert live == paged


async def _positions(world: World) -> dict[str, int]:
    events = await world.engine.log.events(0, 1000)
    return {f"{one.stream}/{one.version}": one.position for one in events}


async def test_a_correction_moves_the_note_and_keeps_the_first_record(world: World) -> None:
    await world.hear(declared())
    await world.hear(declared("c3"))
    made = await world.ask("lead", "/activities", VISIT)
    where = made.headers["Location"]
    mended = {**VISIT, "subjects": [{"kind": "case", "id": "c3"}], "reason": "wrong_subject"}
    await world.done("lead", f"{where}/correction", mended)
    assert (await world.read("/cases/c1", "lead"))["depth"] == 0
    assert (await world.read("/cases/c3", "lead"))["depth"] == 3
    shown = await world.read(where, "lead")
    assert [one["subjects"][0]["id"] for one in shown["versions"]] == ["c1", "c3"]
    assert (await world.get(where, "other")).status_code == 404
    await world.done("lead", f"{where}/withdrawal", {"reason": "did_not_take_place"})
    assert (await world.read(where, "lead"))["withdrawn"] is True


async def test_a_visit_to_anothers_case_is_refused(world: World) -> None:
    await world.hear(declared())
    assert (await world.ask("other", "/activities", VISIT)).status_code == 404
    typed = await world.ask("lead", "/activities", {**VISIT, "depth": 3})
    assert typed.status_code == 400


async def test_modes_are_counted_by_provider_an_activity_on_two_cases_once(world: World) -> None:
    await world.hear(declared())
    await world.hear(declared("c3"))
    both = [{"kind": "case", "id": one} for one in ("c1", "c3")]
    await world.done("lead", "/activities", {**VISIT, "subjects": both})
    paper = {**VISIT, "on": "2018-12-18", "modes": ["desk_review"]}
    made = await world.ask("lead", "/activities", paper)
    assert await _modes(world, "lead") == {
        "desk_review": 1,
        "patient_or_family_conversation": 1,
        "site_visit": 1,
        "staff_conversation": 1,
    }
    assert await _modes(world, "lead", until="2018-12-18") == {"desk_review": 1}
    assert await _modes(world, "lead", provider=OTHER_TRUST) == {}
    where = made.headers["Location"]
    await world.done("lead", f"{where}/withdrawal", {"reason": "did_not_take_place"})
    assert await _modes(world, "lead", until="2018-12-18") == {}


async def test_modes_are_counted_over_the_cases_that_one_sees(world: World) -> None:
    await world.hear(declared())
    await world.done("lead", "/activities", VISIT)
    for who, count in (("trust", 3), ("region", 3), ("other", 0), ("other_trust", 0)):
        assert len(await _modes(world, who)) == count, who
    assert (await world.get("/activity-modes")).status_code == 401
    assert (await world.get("/activity-modes", "author")).status_code == 403


async def test_modes_come_in_pages(world: World) -> None:
    await world.hear(declared())
    await world.done("lead", "/activities", VISIT)
    first = await world.read("/activity-modes", "lead", limit=2)
    rest = await world.read(first["links"]["next"], "lead")
    assert [one["mode"] for one in first["items"] + rest["items"]] == [
        "patient_or_family_conversation",
        "site_visit",
        "staff_conversation",
    ]
    assert first["items"][0] == {
        "provider": TRUST,
        "mode": "patient_or_family_conversation",
        "activities": 1,
        "last_on": "2018-12-19",
    }
    assert "next" not in rest["links"]


async def _modes(world: World, who: str, **query: Any) -> dict[str, int]:
    items = (await world.read("/activity-modes", who, **query))["items"]
    assert {one["provider"] for one in items} <= {TRUST}
    return {one["mode"]: one["activities"] for one in items}


async def test_the_home_page_shows_how_deep_assurance_went(world: World) -> None:
    await world.hear(declared())
    await world.done("lead", "/activities", VISIT)
    assert service.panel is not None
    panel = await service.panel(world.engine.reach)
    assert [bar.count for bar in panel.bars] == [0, 0, 0, 1]
