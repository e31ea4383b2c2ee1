"""Settling flagged passages, and erasing a subject."""

import pytest

from services.intake.domain.incident.decide.passages import (
    correct_passage,
    erase_subject,
    release_passage,
)
from services.intake.domain.incident.messages.passages import (
    CorrectPassage,
    EraseSubject,
    PassageCorrected,
    PassageReleased,
    ReleasePassage,
    SubjectErased,
)
from services.intake.domain.incident.messages.report import Patient, Reporter
from services.intake.domain.incident.state import INCIDENT
from shared.kernel.errors import Invalid, NotFound, NotNow
from tests.intake import builders as make
from tests.kit.decider import given

TEXT = "Patient 999 000 0018 fell; ring 0113 496 0000."
FLAGGED = make.reported(
    make.passage(1, start=8, end=20), make.passage(2, start=32, end=45), what_happened=TEXT
)


def test_a_released_passage_is_open_no_more():
    released = PassageReleased(passage=1)
    given(INCIDENT, FLAGGED).when(release_passage, ReleasePassage(passage=1), make.facts()).then(
        released
    )
    past = given(INCIDENT, FLAGGED, released)
    assert [one.number for one in past.state.passages] == [2]
    past.when(release_passage, ReleasePassage(passage=1), make.facts()).nothing()


def test_there_is_no_passage_beyond_those_flagged():
    given(INCIDENT, FLAGGED).when(release_passage, ReleasePassage(passage=3), make.facts()).refused(
        NotFound
    )


def test_a_corrected_passage_changes_the_text_and_moves_those_behind_it():
    corrected = PassageCorrected(passage=1, text="A")
    given(INCIDENT, FLAGGED).when(
        correct_passage, CorrectPassage(passage=1, text="A"), make.facts()
    ).then(corrected)
    state = given(INCIDENT, FLAGGED, corrected).state
    assert state.told.what_happened == "Patient A fell; ring 0113 496 0000."
    assert state.texts["what_happened"] == state.told.what_happened
    (left,) = state.passages
    assert state.told.what_happened[left.start : left.end] == "0113 496 0000"


def test_a_passage_that_overlaps_a_corrected_one_is_settled_with_it():
    past = make.reported(
        make.passage(1, start=8, end=20),
        make.passage(2, start=12, end=26),
        make.passage(3, start=0, end=7),
        make.passage(4, "location", 0, 3),
        what_happened=TEXT,
        location="Bay 2",
    )
    state = given(INCIDENT, past, PassageCorrected(passage=1, text="A")).state
    assert state.passages == (make.passage(3, start=0, end=7), make.passage(4, "location", 0, 3))


def test_a_passage_of_a_submission_is_corrected_in_its_text():
    path = "investigation/1/root_causes/1"
    submitted = make.investigated(passages=(make.passage(1, path, 0, 14),))
    past = (make.reported(), make.declared(), make.initial_review(), submitted)
    state = given(INCIDENT, *past, PassageCorrected(passage=1, text="Meters")).state
    assert state.texts[path] == "Meters were left on the wall."


def test_a_correction_is_screened_again():
    given(INCIDENT, FLAGGED).when(
        correct_passage, CorrectPassage(passage=1, text="999 000 0026"), make.facts(make.flag())
    ).refused(Invalid)


def test_a_settled_passage_is_not_corrected():
    given(INCIDENT, FLAGGED, PassageReleased(passage=1)).when(
        correct_passage, CorrectPassage(passage=1, text="A"), make.facts()
    ).refused(NotNow)


PAST = make.reported(
    patients=(Patient(number=1, gender="female"), Patient(number=2, gender="male")),
    reporter=Reporter(type="staff", role="Nurse"),
)


@pytest.mark.parametrize(
    ("scope", "patient"), [("record", None), ("reporter", None), ("patient", 2)]
)
def test_a_subject_is_erased_once(scope, patient):
    command = EraseSubject(scope=scope, patient=patient, ground="retention")
    erased = SubjectErased(scope=scope, patient=patient, ground="retention")
    given(INCIDENT, PAST).when(erase_subject, command, make.facts()).then(erased)
    given(INCIDENT, PAST, erased).when(erase_subject, command, make.facts()).nothing()


def test_an_erased_patient_is_a_number_alone_and_the_others_stay():
    state = given(
        INCIDENT, PAST, SubjectErased(scope="patient", patient=2, ground="retention")
    ).state
    assert state.told.patients == (Patient(number=1, gender="female"), Patient(number=2))
    assert state.told.reporter is not None


@pytest.mark.parametrize(("scope", "patient"), [("patient", 3), ("patient", None), ("reporter", 1)])
def test_only_a_patient_of_the_record_can_be_erased(scope, patient):
    command = EraseSubject(scope=scope, patient=patient, ground="retention")
    given(INCIDENT, PAST).when(erase_subject, command, make.facts()).refused(Invalid)


def test_an_erased_record_is_worked_on_no_more():
    erased = SubjectErased(scope="record", patient=None, ground="retention")
    past = given(INCIDENT, FLAGGED, erased)
    past.when(release_passage, ReleasePassage(passage=1), make.facts()).refused(NotNow)
    assert (past.state.texts, past.state.passages) == ({}, ())
    told = given(INCIDENT, PAST, erased).state.told
    assert (told.what_happened, told.reporter, told.reference) == ("", None, None)
    assert told.patients == (Patient(number=1), Patient(number=2))
