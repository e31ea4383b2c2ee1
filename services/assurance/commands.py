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
"""The permission of what nobody may ask: the service does it in answer to what it hears, to time,
or to a reading."""


def _case(type_: type[Any], route: str | None, **rest: Any) -> Command[Case]:
    return Command(type_, route, on=CASE, relations=case_relations, **rest)


def _activity(type_: type[Any], route: str, **rest: Any) -> Command[Activity]:
    return Command(type_, route, on=ACTIVITY, relations=activity_relations, **rest)


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        c.RecordRelation,
        "POST /relations/{provider}",
        may="record_relation",
        on=c.COMMISSIONING,
        decide=c.record_relation,
        facts=facts.party_facts,
        begins=True,
    ),
    Command(
        c.EndRelation,
        "POST /relations/{provider}/ending",
        may="record_relation",
        on=c.COMMISSIONING,
        decide=c.end_relation,
        facts=facts.party_facts,
    ),
    Command(
        c.RecordSuccession,
        "POST /successions/{former}",
        may="record_succession",
        on=c.SUCCESSION,
        decide=c.record_succession,
        facts=facts.succession_facts,
        begins=True,
    ),
    _case(m.OpenCase, None, may=HEARD, decide=opening.open_case, facts=facts.opening_facts),
    _case(m.NoteChange, None, may=HEARD, decide=changing.note_change),
    _case(m.EraseText, None, may=HEARD, decide=changing.erase_text, facts=facts.erasing_facts),
    _case(m.ReceiveInitialReview, None, may=HEARD, decide=reviewing.receive_initial_review),
    _case(m.ReceiveInvestigation, None, may=HEARD, decide=reviewing.receive_investigation),
    _case(m.HandOver, None, may=HEARD, decide=leading.hand_over),
    _case(m.Tick, None, may=HEARD, decide=ticking.tick),
    _case(
        m.Reroute,
        "POST /cases/{case}/rerouting",
        may="reroute",
        decide=leading.reroute,
        facts=facts.rerouting_facts,
    ),
    _case(
        m.Acknowledge,
        "POST /cases/{case}/acknowledgement",
        may="acknowledge",
        decide=leading.acknowledge,
    ),
    _case(
        m.DecideClassification,
        "POST /cases/{case}/classification",
        may="decide_classification",
        decide=classifying.decide_classification,
    ),
    _case(
        m.ReviewInitialReview,
        "POST /cases/{case}/initial-review-review",
        may="review",
        decide=reviewing.review_initial_review,
    ),
    _case(
        m.ReviewInvestigation,
        "POST /cases/{case}/investigation-review",
        may="review",
        decide=reviewing.review_investigation,
    ),
    _case(m.CloseCase, "POST /cases/{case}/closing", may="close", decide=closing.close_case),
    _activity(
        am.RecordActivity,
        "POST /activities",
        may="record_activity",
        decide=activities.record_activity,
        facts=facts.activity_facts,
        creates=True,
        status=201,
    ),
    _activity(
        am.CorrectActivity,
        "POST /activities/{activity}/correction",
        may="correct_activity",
        decide=activities.correct_activity,
        facts=facts.activity_facts,
    ),
    _activity(
        am.WithdrawActivity,
        "POST /activities/{activity}/withdrawal",
        may="withdraw_activity",
        decide=activities.withdraw_activity,
        facts=facts.activity_facts,
    ),
    Command(RecordReading, None, may=HEARD, on=ACCESS, decide=record_reading),
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
