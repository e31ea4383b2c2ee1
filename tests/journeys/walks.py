"""The two stories as walks over HTTP: what each person does, and what each then sees.

They know nothing of how the services run; `test_a_report_becomes_learning` walks them embedded
and on real servers.
"""

from typing import Any

import httpx

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person, Player
from services.demonstration.story_2018 import Cast

TRUST, VISITING = "RTH", "10Q"
OTHER_TRUST, READING = "RR8", "15F"
NATIONAL = "X26"
PROVIDER, ICB = "DEMOP01", "DEMOB01"


def cast_of(player: Player) -> Cast:
    """The fixture organisations, with the national body as author."""
    return Cast(
        player=player,
        trust=TRUST,
        visiting=VISITING,
        other_trust=OTHER_TRUST,
        reading=READING,
        national=NATIONAL,
    )


async def walk_2018(player: Player) -> Json:
    """From a report to learning, dated 2018; answers what the national subscriber received."""
    cast = cast_of(player)
    await story.relate(cast)
    await _january_is_no_never_event(cast)
    december = await _december_is(cast)
    await _case_opens_by_itself(cast, december)
    await _commissioner_looks(cast, december)
    await _investigation_goes_back_once(cast, december)
    await story.closed(cast.visitor(), december, "medical_gases")
    second = await _read_on_paper(cast, story.connected_to_air("2018-12-10"), "15")
    third = await _read_on_paper(cast, story.wrong_side("2018-12-11"), story.WRONG_SIDE)
    lesson = await _lesson_is_drawn(cast, december, second, third)
    event = await _everybody_learns(cast, lesson, (december, second))
    return {"lesson": lesson, "event": event, "sources": (december, second), "third": third}


async def _january_is_no_never_event(cast: Cast) -> None:
    trust = cast.at_trust()
    january = await story.reported(trust, story.connected_to_air("2018-01-15"))
    refused = await story.classified(trust, january, story.AIR_FOR_OXYGEN)
    assert refused.status == 422
    assert refused.body["errors"][0]["pointer"] == "/type"
    assert "2015-04-01 to 2018-01-31" in refused.body["detail"]
    shown = await trust.sees(f"/intake/events/{january}")
    assert shown["classifications"] == []


async def _december_is(cast: Cast) -> str:
    trust = cast.at_trust()
    december = await story.reported(trust, story.connected_to_air("2018-12-14"))
    assert (await story.classified(trust, december, story.AIR_FOR_OXYGEN)).status == 202
    await story.declared(trust, december, "2018-12-17")
    return december


async def _case_opens_by_itself(cast: Cast, incident: str) -> None:
    visitor = cast.visitor()
    case = await visitor.sees(f"/assurance/cases/{incident}", _for_both_reasons)
    running = {one["rule"]: one for one in case["clocks"] if one["running"]}
    assert running["SIF-INITIAL"]["first_due"] == "2018-12-20"
    assert "SIF-REPORT-2" in running
    met = {one["rule"] for one in case["clocks"] if one["met_on"]}
    assert "SIF-NOTIFY" in met
    responsible = {
        one["step"]: one["organisations"]
        for one in case["roles"]
        if one["responsibility"] == "responsible"
    }
    assert responsible["investigate"] == [TRUST]
    assert responsible["close"] == [VISITING]
    worklist = await visitor.sees(
        "/assurance/worklist",
        lambda body: any(one["item"] == "acknowledge" for one in body["items"]),
    )
    assert all(one["case"] == incident for one in worklist["items"])
    assert (await cast.reader().get(f"/assurance/cases/{incident}")).status == 404


async def _commissioner_looks(cast: Cast, case: str) -> None:
    visitor = cast.visitor()
    await story.acknowledged(visitor, case)
    desk = await story.read_the_paper(visitor, case, "2018-12-17")
    visit = await story.went_to_see(visitor, case, "2018-12-18")
    shown = await visitor.sees(
        f"/assurance/cases/{case}", lambda body: len(body["activities"]) == 2
    )
    assert shown["depth"] == 3
    depths = {
        one: (await visitor.sees(f"/assurance/activities/{one}"))["depth"] for one in (desk, visit)
    }
    assert depths == {desk: 0, visit: 3}


async def _investigation_goes_back_once(cast: Cast, case: str) -> None:
    trust, visitor = cast.at_trust(), cast.visitor()
    await story.reviewed_at_first(trust, case)
    await visitor.sees(f"/assurance/cases/{case}", lambda body: body["initial_review"])
    await story.accepted_initial_review(visitor, case)
    early = await visitor.post(f"/assurance/cases/{case}/closing", {"themes": []})
    assert early.status == 422
    assert early.body["missing"]
    await story.investigated(trust, case, thorough=False)
    await visitor.sees(f"/assurance/cases/{case}", lambda body: len(body["submissions"]) == 1)
    await story.sent_back(visitor, case, 1)
    await trust.sees(f"/intake/events/{case}/timeline", _has("investigation_returned"))
    await story.investigated(trust, case, thorough=True)
    await visitor.sees(f"/assurance/cases/{case}", lambda body: len(body["submissions"]) == 2)
    await story.accepted(visitor, case, 2)


async def _read_on_paper(cast: Cast, report: Json, type_: str) -> str:
    """Another case, whose commissioner stays with the paper and has to say why."""
    trust, reader = cast.at_other_trust(), cast.reader()
    incident = await story.reported(trust, report)
    assert (await story.classified(trust, incident, type_)).status == 202
    await story.declared(trust, incident, "2018-12-17")
    await reader.sees(f"/assurance/cases/{incident}", _for_both_reasons)
    await story.acknowledged(reader, incident)
    await story.read_the_paper(reader, incident, "2018-12-18")
    await story.reviewed_at_first(trust, incident)
    await story.investigated(trust, incident, thorough=False)
    await reader.sees(f"/assurance/cases/{incident}", lambda body: body["submissions"])
    await story.accepted(reader, incident, 1)
    shallow = await reader.post(
        f"/assurance/cases/{incident}/closing",
        {"learning": "Look at the outlets.", "themes": ["medical_gases"]},
    )
    assert shallow.status == 422
    await story.closed(
        reader, incident, "medical_gases", shallow_reason="No visit could be arranged in time."
    )
    return incident


async def _lesson_is_drawn(cast: Cast, first: str, second: str, third: str) -> str:
    author, reviewer = cast.author(), cast.reviewer()
    for case in (first, second, third):
        assert (await story.suggested(author, case))["suggestion"] == case
    lesson = await story.drafted(author, first, second)
    dismissal = {"reason": "known_lesson", "note": "An earlier lesson says the same."}
    await author.does(f"/learning/suggestions/{third}/dismissal", dismissal)
    taken = await author.post("/learning/lessons", {"suggestion": first, "title": "Again"})
    assert taken.status == 409
    await author.does(f"/learning/lessons/{lesson}/review", {})
    self_approved = await author.post(f"/learning/lessons/{lesson}/approval", {})
    assert self_approved.status in (403, 409)
    await reviewer.does(f"/learning/lessons/{lesson}/approval", {})
    await author.does(f"/learning/lessons/{lesson}/publication", {})
    return lesson


async def _everybody_learns(cast: Cast, lesson: str, sources: tuple[str, ...]) -> Json:
    trust = cast.at_trust()
    subscriber = cast.player.person(NATIONAL, "national", "s1")
    page = await subscriber.sees("/learning/events?after=0", lambda body: body["items"])
    told: Json = page["items"][0]
    assert told["type"] == "opendoor.learning.lesson_published.v1"
    assert told["data"]["number"] == "OD-LESSON-2018-1"
    assert await first_of_stream(subscriber) == told
    await story.adopted(trust, lesson)
    matrix = await trust.sees(
        f"/learning/lessons/{lesson}/adoption", lambda body: body["counts"]["evidenced"]
    )
    assert [one["organisation"] for one in matrix["items"]] == [TRUST]
    assert matrix["counts"]["declared"] == 1
    assert matrix["counts"]["verified"] == 0
    for source, person in zip(sources, (trust, cast.at_other_trust()), strict=True):
        timeline = await person.sees(f"/intake/events/{source}/timeline", _has("lesson_drawn"))
        kinds = [one["details"].get("kind") for one in timeline["items"]]
        assert "case_acknowledged" in kinds
        assert "case_closed" in kinds
    return told


async def first_of_stream(person: Person) -> Json:
    """The first item that the live stream hands out from its beginning."""
    async for item in stream(person, after=0):
        first: Json = item
        return first
    raise AssertionError("the stream ended without an item")


async def stream(person: Person, after: int) -> Any:
    """The items of the public stream, as its client parses them."""
    import orjson

    client: httpx.AsyncClient = person.player.client
    path = f"/learning/stream?after={after}"
    async with client.stream("GET", path, headers=person.headers()) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                yield orjson.loads(line.removeprefix("data:").strip())


def _for_both_reasons(case: Json) -> bool:
    reasons = {one["reason"] for one in case["timeline"] if "reason" in one}
    return {"never_event", "serious_incident"} <= reasons


def _has(word: str) -> Any:
    """Whether a timeline tells of it, as an event of intake's or an answer of somebody else's."""
    return lambda body: any(
        one["type"] == word or one["details"].get("kind") == word for one in body["items"]
    )


async def walk_2023(player: Player) -> None:
    """An independent provider's never event under the 2022 framework: the ICB oversees, and
    neither returns nor closes."""
    provider = player.person(PROVIDER, "trust")
    icb = player.person(ICB, "commissioner")
    operator = player.person(NATIONAL, "operator", "o1")
    await operator.does(
        f"/assurance/relations/{PROVIDER}",
        {"commissioner": ICB, "role": "lead", "since": "2022-07-01"},
    )
    incident = await story.reported(provider, story.wrong_side("2023-11-06"))
    assert (await story.classified(provider, incident, story.WRONG_SIDE)).status == 202
    record = await icb.sees(f"/assurance/cases/{incident}")
    assert record["framework"] == "PSIRF2022"
    await story.acknowledged(icb, incident)
    await story.went_to_see(icb, incident, "2023-11-13")
    seen = await icb.sees(f"/assurance/cases/{incident}", lambda body: body["activities"])
    assert seen["depth"] == 3
    closing = await icb.post(f"/assurance/cases/{incident}/closing", {"themes": ["consent"]})
    assert closing.status == 409
    review = {"submission": 1, "verdict": "returned", "answers": [_unmet()]}
    returned = await icb.post(f"/assurance/cases/{incident}/investigation-review", review)
    assert returned.status == 409
    timeline = await provider.sees(f"/intake/events/{incident}/timeline", _has("activity_recorded"))
    assert any(one["details"].get("depth") == 3 for one in timeline["items"])


def _unmet() -> Json:
    return {"criterion": "P1", "answer": "not_met", "comment": "No findings yet."}
