"""COMMANDS: what intake can be asked, by which route, by whom, and who decides."""

from typing import Any

from services.intake.domain.access import ACCESS, RecordReading, record_reading
from services.intake.domain.incident.decide.classification import (
    classify_never_event,
    hear_classification,
)
from services.intake.domain.incident.decide.feedback import hear_lesson, hear_response
from services.intake.domain.incident.decide.passages import (
    correct_passage,
    erase_subject,
    release_passage,
)
from services.intake.domain.incident.decide.report import (
    amend_event,
    report_event,
    withdraw_event,
)
from services.intake.domain.incident.decide.response import (
    declare_serious,
    submit_initial_review,
    submit_investigation,
)
from services.intake.domain.incident.messages.classification import (
    ClassifyNeverEvent,
    HearClassification,
)
from services.intake.domain.incident.messages.feedback import HearLesson, HearResponse
from services.intake.domain.incident.messages.passages import (
    CorrectPassage,
    EraseSubject,
    ReleasePassage,
)
from services.intake.domain.incident.messages.report import (
    AmendEvent,
    ReportEvent,
    WithdrawEvent,
)
from services.intake.domain.incident.messages.response import (
    DeclareSerious,
    SubmitInitialReview,
    SubmitInvestigation,
)
from services.intake.domain.incident.relations import relations
from services.intake.domain.incident.state import INCIDENT, Incident
from services.intake.facts import (
    amendment_facts,
    correction_facts,
    initial_review_facts,
    investigation_facts,
    report_facts,
)
from shared.kernel.decider import Actor
from shared.runtime.service import Command

HEARD = "hear_at_intake"
"""The permission of what nobody may ask: the service does it in answer to what it hears, to time,
or to a reading."""


def identity(command: ReportEvent, actor: Actor) -> tuple[str, ...] | None:
    """Reporting organisation, assigning system and local reference, where there is one."""
    if command.reference is None:
        return None
    return actor.organisation, command.reference.system, command.reference.value


def _incident(type_: type[Any], route: str | None, **rest: Any) -> Command[Incident]:
    return Command(type_, route, on=INCIDENT, relations=relations, **rest)


COMMANDS: tuple[Command[Any], ...] = (
    _incident(
        ReportEvent,
        "POST /events",
        may="report_event",
        decide=report_event,
        facts=report_facts,
        creates=True,
        identify=identity,
        status=201,
        receipt=True,
    ),
    _incident(
        AmendEvent,
        "PUT /events/{event}",
        may="amend_event",
        decide=amend_event,
        facts=amendment_facts,
        needs_match=True,
    ),
    _incident(
        WithdrawEvent,
        "POST /events/{event}/withdrawal",
        may="withdraw_event",
        decide=withdraw_event,
    ),
    _incident(
        ClassifyNeverEvent,
        "POST /events/{event}/classification",
        may="classify_never_event",
        decide=classify_never_event,
    ),
    _incident(
        DeclareSerious,
        "POST /events/{event}/serious",
        may="declare_serious",
        decide=declare_serious,
    ),
    _incident(
        SubmitInitialReview,
        "POST /events/{event}/initial-review",
        may="submit_initial_review",
        decide=submit_initial_review,
        facts=initial_review_facts,
    ),
    _incident(
        SubmitInvestigation,
        "POST /events/{event}/investigation",
        may="submit_investigation",
        decide=submit_investigation,
        facts=investigation_facts,
    ),
    _incident(
        ReleasePassage,
        "POST /events/{event}/passages/{passage}/release",
        may="release_passage",
        decide=release_passage,
    ),
    _incident(
        CorrectPassage,
        "POST /events/{event}/passages/{passage}/correction",
        may="correct_passage",
        decide=correct_passage,
        facts=correction_facts,
    ),
    _incident(
        EraseSubject,
        "POST /events/{event}/erasure",
        may="erase_subject",
        decide=erase_subject,
    ),
    _incident(HearResponse, None, may=HEARD, decide=hear_response),
    _incident(HearClassification, None, may=HEARD, decide=hear_classification),
    _incident(HearLesson, None, may=HEARD, decide=hear_lesson),
    Command(RecordReading, None, may=HEARD, on=ACCESS, decide=record_reading),
)
"""An investigation has one route: the decider numbers it, and takes a further one only after the
last was sent back. Reactions alone hear; a read route alone records who read."""
