"""Settling flagged passages, and erasing a subject."""

from services.intake.domain.incident.facts import NarrativeFacts
from services.intake.domain.incident.messages.passages import (
    CorrectPassage,
    EraseSubject,
    PassageCorrected,
    PassageReleased,
    ReleasePassage,
    SubjectErased,
)
from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Invalid, NotFound, NotNow


def release_passage(state: Incident, command: ReleasePassage, facts: Facts) -> Events:
    """The passage may be read by others as it is; nothing where it was settled before."""
    state.require_live()
    if not _open(state, command.passage):
        return []
    return [PassageReleased(passage=command.passage)]


def correct_passage(state: Incident, command: CorrectPassage, facts: NarrativeFacts) -> Events:
    """Other words in the passage's place. Raises Invalid while the screen flags those too."""
    state.require_live()
    if not _open(state, command.passage):
        raise NotNow("This passage was settled before.")
    if facts.flags:
        message = "The screen flags these words too: mend them, or release the passage as it is."
        raise Invalid("/text", "flagged", message)
    return [PassageCorrected(passage=command.passage, text=command.text)]


def erase_subject(state: Incident, command: EraseSubject, facts: Facts) -> Events:
    """What the key sealed can never be read again; nothing where it was erased before."""
    subject = _subject(state, command)
    if {subject, "record"} & state.erased:
        return []
    erased = SubjectErased(scope=command.scope, patient=command.patient, ground=command.ground)
    return [erased]


def _open(state: Incident, number: int) -> bool:
    if number > state.numbered:
        raise NotFound("There is no such passage.")
    return state.passage(number) is not None


def _subject(state: Incident, command: EraseSubject) -> str:
    report = state.told
    if command.scope != "patient":
        if command.patient is not None:
            raise Invalid("/patient", "unexpected", "A patient's number goes with scope patient.")
        return command.scope
    if command.patient not in {one.number for one in report.patients}:
        raise Invalid("/patient", "unknown", "The record has no patient of that number.")
    return f"patient {command.patient}"
