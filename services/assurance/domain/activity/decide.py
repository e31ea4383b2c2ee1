"""Recording what a commissioner did, and noting it on each case it was about, in one commit."""

from datetime import date
from typing import Any

from services.assurance.domain import marks
from services.assurance.domain.activity.facts import ActivityFacts, SubjectCase
from services.assurance.domain.activity.messages import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    CorrectActivity,
    RecordActivity,
    Subject,
    WithdrawActivity,
)
from services.assurance.domain.activity.state import Activity, ids_of
from services.assurance.domain.rules.depth import RULE, depth_of
from shared.kernel.decider import Events, On
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.words import is_word


def record_activity(state: Activity, command: RecordActivity, facts: ActivityFacts) -> Events:
    """Records the activity with its derived depth and notes it on its cases. Raises Invalid for a
    day to come, NotFound for a case that is not there or none of the commissioner's."""
    _require_past(command.on, command.until, facts.today)
    _require_subjects(command.subjects, facts)
    recorded = ActivityRecorded(
        **_content(command),
        commissioner=facts.actor.organisation,
        depth=depth_of(command.modes),
        depth_rule=RULE,
    )
    return (recorded, *_noted(recorded, facts, ids_of(command.subjects, "case")))


def correct_activity(state: Activity, command: CorrectActivity, facts: ActivityFacts) -> Events:
    """Replaces what was recorded; a case that is a subject no longer loses the note, a new one
    gets it. Raises as recording does, and NotNow once withdrawn."""
    state.require_standing()
    _require_past(command.on, command.until, facts.today)
    _require_subjects(command.subjects, facts)
    corrected = ActivityCorrected(
        **_content(command),
        reason=command.reason,
        explanation=command.explanation,
        corrected_on=facts.today,
        commissioner=state.content.commissioner,
        depth=depth_of(command.modes),
        depth_rule=RULE,
    )
    before, after = state.ids_of("case"), ids_of(command.subjects, "case")
    return (
        corrected,
        *_withdrawn(facts, tuple(one for one in before if one not in after), command.reason),
        *_note_corrected(corrected, facts, tuple(one for one in before if one in after)),
        *_noted(corrected, facts, tuple(one for one in after if one not in before)),
    )


def withdraw_activity(state: Activity, command: WithdrawActivity, facts: ActivityFacts) -> Events:
    """Withdraws it from every case. Raises NotNow once withdrawn."""
    state.require_standing()
    withdrawn = ActivityWithdrawn(
        reason=command.reason, explanation=command.explanation, withdrawn_on=facts.today
    )
    return (withdrawn, *_withdrawn(facts, state.ids_of("case"), command.reason))


_FIELDS = (
    "subjects",
    "on",
    "until",
    "modes",
    "participants",
    "topic",
    "evidence",
    "findings",
    "support_agreed",
)


def _content(command: RecordActivity | CorrectActivity) -> dict[str, Any]:
    return {name: getattr(command, name) for name in _FIELDS}


def _require_past(on: date, until: date | None, today: date) -> None:
    if on > today:
        raise Invalid("/on", "future", "An activity is recorded once it took place.")
    if until is not None and not on <= until <= today:
        raise Invalid("/until", "out_of_order", "It ended on or after its day, and not in future.")


_KNOWN = ("case", "provider", "theme")
"""Kinds of subject that can be looked up here; a code of another could be of nothing."""


def _require_subjects(subjects: tuple[Subject, ...], facts: ActivityFacts) -> None:
    for place, one in enumerate(subjects):
        at = f"/subjects/{place}"
        if one.kind not in _KNOWN:
            raise Invalid(f"{at}/kind", "not_known", f"Name one of: {', '.join(_KNOWN)}.")
        if one.kind == "theme" and not is_word(one.id):
            raise Invalid(f"{at}/id", "no_word", "A theme is lower-case words joined by _.")
        if one.kind == "provider" and one.id not in facts.providers:
            raise Invalid(f"{at}/id", "unknown", "No such provider gave care on that day.")


def _noted(
    content: ActivityRecorded | ActivityCorrected, facts: ActivityFacts, ids: tuple[str, ...]
) -> Events:
    return tuple(
        _on(case, marks.ActivityNoted(**_about(id_, case, facts), **_told(content)))
        for id_, case in _own(facts, ids)
    )


def _note_corrected(
    content: ActivityCorrected, facts: ActivityFacts, ids: tuple[str, ...]
) -> Events:
    return tuple(
        _on(
            case,
            marks.ActivityNoteCorrected(
                **_about(id_, case, facts), **_told(content), reason=content.reason
            ),
        )
        for id_, case in _there(facts, ids)
    )


def _withdrawn(facts: ActivityFacts, ids: tuple[str, ...], reason: str) -> Events:
    return tuple(
        _on(case, marks.ActivityNoteWithdrawn(**_about(id_, case, facts), reason=reason))
        for id_, case in _there(facts, ids)
    )


def _there(facts: ActivityFacts, ids: tuple[str, ...]) -> list[tuple[str, SubjectCase]]:
    return [(id_, facts.cases[id_]) for id_ in ids if id_ in facts.cases]


def _own(facts: ActivityFacts, ids: tuple[str, ...]) -> list[tuple[str, SubjectCase]]:
    for id_ in ids:
        if id_ not in facts.cases or not facts.cases[id_].takes_part:
            raise NotFound("One of the cases is not there, or is not yours to act on.")
    return _there(facts, ids)


def _on(case: SubjectCase, event: object) -> On:
    return On(case.stream, case.version + 1, event)


def _about(id_: str, case: SubjectCase, facts: ActivityFacts) -> dict[str, Any]:
    return {
        "activity": facts.id,
        "incident": id_,
        "provider": case.provider,
        "commissioner": case.commissioner,
    }


def _told(content: ActivityRecorded | ActivityCorrected) -> dict[str, Any]:
    return {
        name: getattr(content, name)
        for name in ("on", "modes", "participants", "depth", "depth_rule")
    }
