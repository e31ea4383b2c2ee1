"""What others may read of a narrative: flagged passages are withheld until the trust looked."""

import pytest
import pytest_asyncio

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person
from tests.journeys.naming_journey import Naming
from tests.kit.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = ("name", "NHS number", "date of birth", "postcode", "telephone number", "e-mail address")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def naming(world: World) -> Naming:
    made = Naming(world)
    await story.relate(made.cast)
    return made


async def told(naming: Naming) -> tuple[str, Json]:
    """A serious event whose report names a patient in every text, with its initial review."""
    trust, report = naming.cast.at_trust(), naming.told()
    event = await story.reported(trust, report)
    await story.classified(trust, event, story.AIR_FOR_OXYGEN)
    await story.declared(trust, event, "2018-12-17")
    review = {"summary": naming.planted.text(), "immediate_actions": naming.planted.text()}
    await trust.does(f"/intake/events/{event}/initial-review", review)
    await naming.world.settle()
    return f"/intake/events/{event}", report


def named(naming: Naming, body: Json) -> list[str]:
    return list(naming.planted.places(body))


async def test_the_trust_reads_its_own_words_whole(naming: Naming):
    path, report = await told(naming)
    shown = await naming.cast.at_trust().sees(path)
    for field in ("what_happened", "immediate_action", "location", "reference"):
        assert shown[field] == report[field]
    assert shown["reporter"]["role"] == report["reporter"]["role"]
    assert shown["passages_withheld"] == 0
    assert {one["kind"] for one in shown["passages"]} == {
        "name",
        "nhs_number",
        "birth_date",
        "postcode",
        "telephone",
        "email",
    }


async def test_the_commissioner_reads_it_with_passages_withheld(naming: Naming):
    path, _ = await told(naming)
    visitor = naming.cast.visitor()
    shown = await visitor.sees(path)
    assert named(naming, shown) == []
    assert shown["what_happened"].endswith("A patient requiring oxygen was connected to air.")
    for kind in KINDS:
        assert f"[withheld: {kind}]" in shown["what_happened"]
    assert shown["passages_withheld"] == 3 * len(KINDS)
    assert shown["note"] == f"{3 * len(KINDS)} passages withheld"
    assert shown["reference"] is None
    assert "role" not in shown["reporter"]


@pytest.mark.parametrize("part", ["investigation", "versions", "versions/1", "timeline"])
async def test_nothing_else_of_the_event_names_a_patient(naming: Naming, part: str):
    path, _ = await told(naming)
    shown = await naming.cast.visitor().sees(f"{path}/{part}")
    assert named(naming, shown) == []


async def test_lists_and_changes_name_nobody(naming: Naming):
    path, _ = await told(naming)
    for person in (naming.cast.at_trust(), naming.cast.visitor()):
        listed = await person.sees("/intake/events?limit=100")
        assert path.rpartition("/")[2] in [one["id"] for one in listed["items"]]
        assert named(naming, listed) == []
        assert named(naming, await person.sees("/intake/events/changes?after=0")) == []


async def test_the_trust_sees_who_read_elsewhere(naming: Naming):
    path, _ = await told(naming)
    await naming.cast.visitor().sees(path)
    timeline = await naming.cast.at_trust().sees(f"{path}/timeline")
    readings = [one for one in timeline["items"] if one["type"] == "narrative_read"]
    assert [(one["by"], one["details"]["part"]) for one in readings] == [("10Q", "record")]


async def settled(naming: Naming, path: str, step: str, body: Json, number: int) -> None:
    await naming.cast.at_trust().does(f"{path}/passages/{number}/{step}", body)
    await naming.world.settle()


async def passage(person: Person, path: str, kind: str) -> Json:
    """The passage of a kind that is withheld from the event's main text."""
    shown = await person.sees(path)
    found: Json = next(
        one for one in shown["passages"] if one["kind"] == kind and one["text"] == "what_happened"
    )
    return found


async def test_a_released_passage_is_read_by_others(naming: Naming):
    path, report = await told(naming)
    at = await passage(naming.cast.at_trust(), path, "postcode")
    await settled(naming, path, "release", {}, at["number"])
    shown = await naming.cast.visitor().sees(path)
    assert report["what_happened"][at["start"] : at["end"]] in shown["what_happened"]
    assert "[withheld: NHS number]" in shown["what_happened"]
    assert shown["passages_withheld"] == 3 * len(KINDS) - 1


async def test_a_corrected_passage_reads_as_it_was_corrected(naming: Naming):
    path, report = await told(naming)
    at = await passage(naming.cast.at_trust(), path, "name")
    await settled(naming, path, "correction", {"text": "The patient"}, at["number"])
    shown = await naming.cast.visitor().sees(path)
    assert shown["what_happened"].startswith("The patient, NHS number [withheld: NHS number]")
    own = await naming.cast.at_trust().sees(path)
    rest = report["what_happened"][at["end"] :]
    assert own["what_happened"] == f"The patient{rest}"
    first = await naming.cast.visitor().sees(f"{path}/versions/1")
    assert "[withheld: name]" in first["what_happened"]


async def test_a_correction_that_names_somebody_again_is_refused(naming: Naming):
    path, _ = await told(naming)
    trust = naming.cast.at_trust()
    at = await passage(trust, path, "name")
    text = naming.planted.text()
    refused = await trust.post(f"{path}/passages/{at['number']}/correction", {"text": text})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/text")
    assert named(naming, refused.body) == []


async def test_a_commissioner_settles_no_passage(naming: Naming):
    path, _ = await told(naming)
    at = await passage(naming.cast.at_trust(), path, "name")
    refused = await naming.cast.visitor().post(f"{path}/passages/{at['number']}/release", {})
    assert refused.status == 403


async def test_what_an_author_reads_of_a_case_names_nobody(naming: Naming):
    """The learning of a closed case goes to the national body, to whom no patient is known."""
    case = await naming.case()
    own = await naming.cast.author().sees(f"/assurance/cases/{case}/learning")
    assert named(naming, own) == []
    assert "[withheld: NHS number]" in own["learning"]
