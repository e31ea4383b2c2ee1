"""What reaches a case later from the trust: changes to the record, and its erasure."""

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import voided
from services.assurance.domain.case.facts import ErasingFacts
from services.assurance.domain.case.messages import EraseText, NoteChange
from services.assurance.domain.case.state import Case
from services.assurance.domain.marks import ActivityErased
from shared.kernel.decider import Events, Facts, On


def note_change(case: Case, command: NoteChange, facts: Facts) -> Events:
    """Notes what changed at the trust; a withdrawn record's clocks no longer wait for anything."""
    case.require_there()
    if command.what == "withdrawn" and case.withdrawn_on:
        return ()
    if command.never_event and command.never_event == case.decisions.get("trust"):
        return ()
    noted = e.ChangeNoted(
        what=command.what,
        on=facts.today,
        fields=command.fields,
        day=command.day,
        worst_harm=command.worst_harm,
        never_event=command.never_event,
    )
    void = case.running() if command.what == "withdrawn" else ()
    return (noted, *voided(void, facts.today, "withdrawn"))


def erase_text(case: Case, command: EraseText, facts: ErasingFacts) -> Events:
    """The case's text goes with the record's, once, and that of what was done about it alone."""
    case.require_there()
    if case.erased:
        return ()
    told = ActivityErased(ground=command.ground)
    return (
        e.SubjectErased(ground=command.ground),
        *(On(stream, version + 1, told) for stream, version in facts.activities),
    )
