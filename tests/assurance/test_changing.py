"""What changes at the trust is noted on its case; erased text goes with the record."""

from datetime import date

from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide.changing import erase_text, note_change
from services.assurance.domain.case.decide.leading import acknowledge
from services.assurance.domain.case.state import CASE
from services.assurance.domain.marks import ActivityErased
from shared.kernel.decider import On
from shared.kernel.errors import NotNow
from tests.assurance.builders import (
    DECLARED,
    STORY,
    erasing_facts,
    facts,
    never_event,
    opened,
    serious,
)
from tests.kit.decider import given


def test_a_change_at_the_trust_is_noted_and_moves_the_day() -> None:
    earlier = date(2018, 1, 14)
    command = m.NoteChange(what="amended", fields=("occurred",), day=earlier)
    noted = e.ChangeNoted(what="amended", on=STORY, fields=("occurred",), day=earlier)
    past = given(CASE, opened(serious=serious()))
    past.when(note_change, command, facts()).then(noted)
    assert CASE.fold([noted], past.state).day == earlier


def test_a_withdrawn_record_stops_what_still_runs_and_keeps_what_was_met() -> None:
    past = given(CASE, opened(serious=serious()), *DECLARED)
    decided = note_change(past.state, m.NoteChange(what="withdrawn"), facts())
    assert decided == (
        e.ChangeNoted(what="withdrawn", on=STORY),
        e.ClockVoided(rule="SIF-INITIAL", on=STORY, cause="withdrawn"),
        e.ClockVoided(rule="SIF-REPORT-2", on=STORY, cause="withdrawn"),
    )
    after = given(CASE, opened(serious=serious()), *DECLARED, *decided)
    after.when(note_change, m.NoteChange(what="withdrawn"), facts()).nothing()
    after.when(acknowledge, m.Acknowledge(), facts()).refused(NotNow, "withdrew")


def test_a_trust_that_thinks_again_no_longer_has_a_never_event() -> None:
    past = given(CASE, opened(never_event=never_event()))
    assert past.state.is_never_event
    command = m.NoteChange(what="classification", never_event=never_event("does_not_meet"))
    decided = note_change(past.state, command, facts())
    assert not CASE.fold(decided, past.state).is_never_event


def test_the_text_goes_once() -> None:
    command = m.EraseText(ground="retention")
    erased = e.SubjectErased(ground="retention")
    given(CASE, opened()).when(erase_text, command, erasing_facts()).then(erased)
    given(CASE, opened(), erased).when(erase_text, command, erasing_facts()).nothing()


def test_the_text_of_what_was_done_about_the_case_alone_goes_with_it() -> None:
    command = m.EraseText(ground="retention")
    told = erasing_facts(("activity-a1", 2))
    given(CASE, opened()).when(erase_text, command, told).then(
        e.SubjectErased(ground="retention"),
        On("activity-a1", 3, ActivityErased(ground="retention")),
    )
