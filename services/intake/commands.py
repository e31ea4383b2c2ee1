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
from services.intake.domain.incident.state import INCIDENT
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
"""What nobody may ask: the service does it in answer to what it hears or shows."""


def identity(command: ReportEvent, actor: Actor) -> tuple[str, ...] | None:
    """Reporting organisation, assigning system and local reference, where there is one."""
    if command.reference is None:
        return None
    return actor.organisation, command.reference.system, command.reference.value


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        ReportEvent,
        "POST /events",
        may="report_event",
        on=INCIDENT,
        decide=report_event,
        facts=report_facts,
        creates=True,
        identify=identity,
        status=201,
        receipt=True,
    ),
    Command(
        AmendEvent,
        "PUT /events/{event}",
        may="amend_event",
        on=INCIDENT,
        decide=amend_event,
        facts=amendment_facts,
        relations=relations,
        needs_match=True,
    ),
    Command(
        WithdrawEvent,
        "POST /events/{event}/withdrawal",
        may="withdraw_event",
        on=INCIDENT,
        decide=withdraw_event,
        relations=relations,
    ),
    Command(
        ClassifyNeverEvent,
        "POST /events/{event}/classification",
        may="classify_never_event",
        on=INCIDENT,
        decide=classify_never_event,
        relations=relations,
    ),
    Command(
        DeclareSerious,
        "POST /events/{event}/serious",
        may="declare_serious",
        on=INCIDENT,
        decide=declare_serious,
        relations=relations,
    ),
    Command(
        SubmitInitialReview,
        "POST /events/{event}/initial-review",
        may="submit_initial_review",
        on=INCIDENT,
        decide=submit_initial_review,
        facts=initial_review_facts,
        relations=relations,
    ),
    Command(
        SubmitInvestigation,
        "POST /events/{event}/investigation",
        may="submit_investigation",
        on=INCIDENT,
        decide=submit_investigation,
        facts=investigation_facts,
        relations=relations,
    ),
    Command(
        ReleasePassage,
        "POST /events/{event}/passages/{passage}/release",
        may="release_passage",
        on=INCIDENT,
        decide=release_passage,
        relations=relations,
    ),
    Command(
        CorrectPassage,
        "POST /events/{event}/passages/{passage}/correction",
        may="correct_passage",
        on=INCIDENT,
        decide=correct_passage,
        facts=correction_facts,
        relations=relations,
    ),
    Command(
        EraseSubject,
        "POST /events/{event}/erasure",
        may="erase_subject",
        on=INCIDENT,
        decide=erase_subject,
        relations=relations,
    ),
    Command(HearResponse, None, may=HEARD, on=INCIDENT, decide=hear_response),
    Command(HearClassification, None, may=HEARD, on=INCIDENT, decide=hear_classification),
    Command(HearLesson, None, may=HEARD, on=INCIDENT, decide=hear_lesson),
    Command(RecordReading, None, may=HEARD, on=ACCESS, decide=record_reading),
)
"""An investigation has one route: the decider numbers it, and takes a further one only after the
last was sent back. Reactions alone hear; a read route alone records who read."""
