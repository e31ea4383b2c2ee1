"""COMMANDS: what assurance can be asked, by which route, by whom, and who decides."""

from collections.abc import Iterable
from typing import Any

from services.assurance import facts
from services.assurance.domain import commissioning as c
from services.assurance.domain.access import ACCESS, RecordReading, record_reading
from services.assurance.domain.activity import decide as activities
from services.assurance.domain.activity import messages as am
from services.assurance.domain.activity.relations import relations as activity_relations
from services.assurance.domain.activity.state import ACTIVITY, Activity
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide import (
    changing,
    classifying,
    closing,
    leading,
    opening,
    reviewing,
    ticking,
)
from services.assurance.domain.case.relations import relations as case_relations
from services.assurance.domain.case.state import CASE, Case
from shared.nhs.relations import Relation, Succession
from shared.runtime.service import Command, To

HEARD = "hear_at_assurance"
"""The permission of what the service itself does, in answer to what it hears or to time."""


def _case(type_: type[Any], route: str | None, may: str, decide: Any, **more: Any) -> Command[Case]:
    return Command(type_, route, may, CASE, decide, relations=case_relations, **more)


def _activity(
    type_: type[Any], route: str, may: str, decide: Any, **more: Any
) -> Command[Activity]:
    return Command(
        type_,
        route,
        may,
        ACTIVITY,
        decide,
        facts=facts.activity_facts,
        relations=activity_relations,
        **more,
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        c.RecordRelation,
        "POST /relations/{provider}",
        "record_relation",
        c.COMMISSIONING,
        c.record_relation,
        begins=True,
    ),
    Command(
        c.EndRelation,
        "POST /relations/{provider}/ending",
        "record_relation",
        c.COMMISSIONING,
        c.end_relation,
    ),
    Command(
        c.RecordSuccession,
        "POST /successions/{former}",
        "record_succession",
        c.SUCCESSION,
        c.record_succession,
        facts=facts.succession_facts,
        begins=True,
    ),
    _case(m.OpenCase, None, HEARD, opening.open_case, facts=facts.opening_facts),
    _case(m.NoteChange, None, HEARD, changing.note_change),
    _case(m.EraseText, None, HEARD, changing.erase_text, facts=facts.erasing_facts),
    _case(m.ReceiveInitialReview, None, HEARD, reviewing.receive_initial_review),
    _case(m.ReceiveInvestigation, None, HEARD, reviewing.receive_investigation),
    _case(m.HandOver, None, HEARD, leading.hand_over),
    _case(m.Tick, None, HEARD, ticking.tick),
    _case(
        m.Reroute,
        "POST /cases/{case}/rerouting",
        "reroute",
        leading.reroute,
        facts=facts.rerouting_facts,
    ),
    _case(m.Acknowledge, "POST /cases/{case}/acknowledgement", "acknowledge", leading.acknowledge),
    _case(
        m.DecideClassification,
        "POST /cases/{case}/classification",
        "decide_classification",
        classifying.decide_classification,
    ),
    _case(
        m.ReviewInitialReview,
        "POST /cases/{case}/initial-review-review",
        "review",
        reviewing.review_initial_review,
    ),
    _case(
        m.ReviewInvestigation,
        "POST /cases/{case}/investigation-review",
        "review",
        reviewing.review_investigation,
    ),
    _case(m.CloseCase, "POST /cases/{case}/closing", "close", closing.close_case),
    _activity(
        am.RecordActivity,
        "POST /activities",
        "record_activity",
        activities.record_activity,
        creates=True,
        status=201,
    ),
    _activity(
        am.CorrectActivity,
        "POST /activities/{activity}/correction",
        "correct_activity",
        activities.correct_activity,
    ),
    _activity(
        am.WithdrawActivity,
        "POST /activities/{activity}/withdrawal",
        "withdraw_activity",
        activities.withdraw_activity,
    ),
    Command(RecordReading, None, HEARD, ACCESS, record_reading),
)


def commands_of(
    relations: Iterable[Relation], successions: Iterable[Succession] = ()
) -> tuple[To, ...]:
    """A table of relations and successions as commands, for an operator to have carried out; the
    same table again changes nothing."""
    held = (
        To(
            one.provider,
            c.RecordRelation(
                commissioner=one.commissioner,
                role=one.role,
                scope=tuple(sorted(one.scope)),
                since=one.from_,
                until=one.to,
            ),
        )
        for one in relations
    )
    took_over = (
        To(one.from_, c.RecordSuccession(successor=one.to, on=one.on)) for one in successions
    )
    return (*held, *took_over)
