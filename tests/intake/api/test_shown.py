"""How an event reads at home and elsewhere."""

import orjson

from services.intake.api.listed import listed
from services.intake.api.shown import (
    Eye,
    investigation_shown,
    record_shown,
    withheld_from,
)
from services.intake.api.timeline import timeline_shown, versions_shown
from services.intake.domain.access import NarrativeRead
from services.intake.domain.incident.messages.classification import NeverEventProposed
from services.intake.domain.incident.messages.passages import PassageReleased, SubjectErased
from services.intake.domain.incident.messages.report import Patient, Reporter
from services.intake.domain.incident.state import INCIDENT
from services.intake.projections.queries import Sought, incidents, reader_of
from shared.web.answers import dumps
from tests.intake import builders as make
from tests.intake.reach import Place, reach_of

HOME = Eye(whole=True, teller=True)
LEADER = Eye(whole=True, teller=False)
AWAY = Eye(whole=False, teller=False)

REPORTED = make.reported(
    make.passage(1, start=8, end=20),
    make.passage(2, "location", 0, 4),
    what_happened="Patient 999 000 0018 was connected to air.",
    location="Home of the patient",
    patients=(Patient(number=1, physical_harm="severe"),),
    reporter=Reporter(type="staff", role="Nurse", anonymous=True, why_anonymous=("reputation",)),
    reference=make.reference(),
)
PROPOSED = NeverEventProposed(
    type="15", list="2018-02-01", framework="SIF2015", causes=("words",), rule="r1"
)


def shown(eye, *events):
    incident = INCIDENT.fold([REPORTED, *events])
    return orjson.loads(dumps(record_shown("e1", 1 + len(events), incident, eye)))


def test_at_home_all_is_read_and_the_passages_are_listed():
    told = shown(HOME, PROPOSED)
    assert told["what_happened"] == "Patient 999 000 0018 was connected to air."
    assert [one["number"] for one in told["passages"]] == [1, 2]
    assert (told["passages_withheld"], told["reporter"]["role"]) == (0, "Nurse")
    assert told["reference"] == {"system": "lrms", "value": "INC-7"}
    assert told["proposal"]["type"] == "15"


def test_who_leads_reads_all_but_not_the_reporters_own_words():
    told = shown(LEADER)
    assert told["what_happened"] == "Patient 999 000 0018 was connected to air."
    assert told["reporter"] == {"type": "staff", "anonymous": True}
    assert told["reference"] is None


def test_elsewhere_flagged_passages_are_withheld_until_released():
    told = shown(AWAY)
    assert told["what_happened"] == "Patient [withheld: NHS number] was connected to air."
    assert (told["passages_withheld"], told["note"]) == (2, "2 passages withheld")
    assert "passages" not in told
    assert "proposal" not in told
    released = shown(AWAY, PassageReleased(passage=1))
    assert released["what_happened"] == "Patient 999 000 0018 was connected to air."
    assert released["note"] == "1 passage withheld"


def test_what_is_withheld_of_a_submission_is_told_with_the_submission():
    path = "investigation/1/root_causes/1"
    story = [
        REPORTED,
        make.declared(),
        make.initial_review(),
        make.investigated(passages=(make.passage(3, path, 0, 3),)),
    ]
    incident = INCIDENT.fold(story)
    told = investigation_shown("e1", 4, incident, story, AWAY)
    (investigation,) = told["investigations"]
    assert investigation["root_causes"] == [
        "[withheld: NHS number] flowmeters were left on the wall."
    ]
    assert investigation["actions"][0]["owner_role"] == "medical-gas-lead"
    assert told["note"] == "1 passage withheld"
    assert withheld_from(incident, ("what_happened",), AWAY) == 1
    assert len(investigation_shown("e1", 4, incident, story, HOME)["passages"]) == 1
    assert told["initial_reviews"][0]["summary"].startswith("The flowmeter")


def test_an_erased_record_shows_its_codes_alone():
    told = shown(HOME, SubjectErased(scope="record", patient=None, ground="retention"))
    assert (told["what_happened"], told["location"]) == (None, None)
    assert (told["kind"], told["erased"]) == ("incident", ["record"])


def test_every_decision_is_shown_and_which_one_stands():
    told = shown(AWAY, make.classified(outcome="under_review"), make.classified())
    assert told["classification"]["outcome"] == "meets"
    assert [one["authority"] for one in told["classifications"]] == ["trust"]


def places(*events):
    return [
        (event, Place(position=place, version=place, recorded_at=make.NOW))
        for place, event in enumerate(events, start=1)
    ]


def test_the_timeline_tells_the_story_in_codes():
    read = NarrativeRead(
        by=make.CCG, kind="commissioner", part="record", version=2, passages_withheld=2
    )
    story = places(REPORTED, PROPOSED, make.responded("case_opened"))
    readings = [(read, Place(position=9, version=1, recorded_at=make.NOW))]
    away = timeline_shown(story, readings, whole=False)
    assert [one["type"] for one in away] == ["event_reported", "commissioner_responded"]
    home = timeline_shown(story, readings, whole=True)
    assert [one["type"] for one in home] == [
        "event_reported",
        "never_event_proposed",
        "commissioner_responded",
        "narrative_read",
    ]
    assert "999" not in dumps(home).decode()


def test_every_version_is_listed_with_what_made_it():
    story = places(REPORTED, PROPOSED, make.classified())
    versions = versions_shown("e1", story, whole=False)
    assert [one["version"] for one in versions] == [1, 3]
    assert versions[1]["details"]["outcome"] == "meets"
    assert versions[1]["links"]["self"] == "/intake/events/e1/versions/3"


async def test_a_list_tells_a_proposal_to_the_trust_alone(connection):
    reach = await reach_of(
        connection, {"e1": [make.reported(occurred_at="RR8", leads="RHQ"), PROPOSED]}
    )
    for actor, told in ((make.TRUST_LEAD, True), (make.actor("trust", "RR8"), False)):
        reader = await reader_of(reach, actor)
        (row,) = await reach.read(incidents(reader, Sought(), None, 10))
        assert ("proposed_type" in listed(row, reader)) is told
