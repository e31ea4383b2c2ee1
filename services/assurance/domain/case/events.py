"""What happened to a case; what is noted on it of activities stands in `marks`."""

from typing import Literal

from services.assurance.domain.case.messages import (
    Action,
    CriterionAnswer,
    Level,
    NeverEvent,
    Outcome,
    Reason,
    Serious,
)
from services.assurance.domain.rules.routing import Found
from shared.kernel.messages import event, value
from shared.kernel.words import Code, Counting, Day, Id, Many, Moment, OdsCode, Sealed, Text, Whole
from shared.nhs.frameworks import FrameworkId


@value
class Parties:
    """Who has a part in the case. `lead` and `provider` are those of the incident's day, by which
    figures go; `acting` and `provider_acting` hold their parts now. Without `lead` the case is
    unrouted; `found` says how it was routed or why not; `register` names the register's version."""

    found: Found
    provider: OdsCode
    provider_acting: OdsCode
    lead: OdsCode | None = None
    acting: OdsCode | None = None
    associates: Many[OdsCode] = ()
    region: OdsCode | None = None
    register: Code


@event("case_opened")
class CaseOpened:
    """A first mark opened the incident's case."""

    incident: Id
    occurred_at: OdsCode
    framework: FrameworkId
    reason: Reason
    day: Day
    identified_on: Day
    opened_on: Day
    service_area: Code | None = None
    worst_harm: Code | None = None
    never_event: NeverEvent | None = None
    serious: Serious | None = None
    parties: Parties


@event("reason_added")
class ReasonAdded:
    """A later mark gave the case a further reason."""

    reason: Reason
    on: Day
    never_event: NeverEvent | None = None
    serious: Serious | None = None


@event("change_noted")
class ChangeNoted:
    """Something changed at the trust; `fields` names what, `day` and `worst_harm` as they stand."""

    what: Literal["amended", "withdrawn", "classification", "subject_erased"]
    on: Day
    fields: Many[Code] = ()
    day: Day | None = None
    worst_harm: Code | None = None
    never_event: NeverEvent | None = None


@event("subject_erased")
class SubjectErased:
    """The keys of this case's text are to be destroyed; codes, dates and depth stay."""

    scope: Literal["record"] = "record"
    ground: Code


@event("case_rerouted")
class CaseRerouted:
    """A region or the national body named the lead; `former` is absent where there was none."""

    to: OdsCode
    former: OdsCode | None = None
    by: OdsCode
    on: Day
    reason: Sealed[Text]


@event("case_handed_over")
class CaseHandedOver:
    """By succession another organisation holds from `on` on what `former` held."""

    former: OdsCode
    to: OdsCode
    on: Day
    cause: Literal["succession"] = "succession"


@event("case_acknowledged")
class CaseAcknowledged:
    """The commissioner acknowledged the case; `person` is the HMAC of who looks after it."""

    on: Day
    organisation: OdsCode
    person: str


@event("classification_decided")
class ClassificationDecided:
    """A commissioner or the national body decided; earlier decisions stay."""

    authority: Literal["commissioner", "national"]
    decided_by: OdsCode
    outcome: Outcome
    type: Code | None = None
    subtype: Code | None = None
    list: Code
    guidance_ref: Code | None = None
    reason: Sealed[Text]
    effective_at: Moment


@event("initial_review_received")
class InitialReviewReceived:
    """The trust's initial review arrived, for the `n`-th time."""

    n: Counting
    submitted_on: Day


@event("initial_review_accepted")
class InitialReviewAccepted:
    """The commissioner accepted the initial review."""

    n: Counting
    on: Day
    comment: Sealed[Text] | None = None


@event("further_information_requested")
class FurtherInformationRequested:
    """The commissioner asks for more on the initial review."""

    n: Counting
    on: Day
    comment: Sealed[Text]
    due: Day | None = None


@event("investigation_received")
class InvestigationReceived:
    """The trust's investigation arrived, for the `n`-th time."""

    n: Counting
    submitted_on: Day
    level: Level | None = None
    factors: Many[Code] = ()
    root_causes: Whole
    findings: Whole
    lessons: Whole
    actions: Many[Action] = ()


@event("investigation_accepted")
class InvestigationAccepted:
    """The commissioner accepted a submission, criterion by criterion."""

    n: Counting
    answers: Many[CriterionAnswer]
    on: Day


@event("investigation_returned")
class InvestigationReturned:
    """The commissioner sent a submission back, criterion by criterion."""

    n: Counting
    answers: Many[CriterionAnswer]
    open_criteria: Many[Code]
    on: Day
    due: Day | None = None


@event("case_closed")
class CaseClosed:
    """The lead commissioner closed the case; its learning is read at its own address."""

    on: Day
    learning: Sealed[Text] | None = None
    themes: Many[Code] = ()
    actions_done: Many[Counting] = ()
    actions_open: Many[Counting] = ()
    depth: Whole
    depth_rule: Code
    shallow_reason: Sealed[Text] | None = None


@event("clock_started")
class ClockStarted:
    """A clock runs from day 0 `started_on`; `due` is its first due day, `noted_on` today's."""

    rule: Code
    n: Counting = 1
    started_on: Day
    due: Day
    calendar: Code
    noted_on: Day


@event("clock_met")
class ClockMet:
    """What the clock waits for came on a London day."""

    rule: Code
    n: Counting = 1
    on: Day


@event("clock_breached")
class ClockBreached:
    """The clock ran past its due day; `historical` where it had when this log learned of it."""

    rule: Code
    n: Counting = 1
    due: Day
    on: Day
    historical: bool = False


@event("reminder_due")
class ReminderDue:
    """A reminder fell on `day` for a clock that still runs."""

    rule: Code
    n: Counting = 1
    day: Day
    due: Day


@event("clock_recomputed")
class ClockRecomputed:
    """A later calendar moved the due day; the first one stays visible."""

    rule: Code
    n: Counting = 1
    old_due: Day
    new_due: Day
    calendar: Code


@event("clock_voided")
class ClockVoided:
    """A running clock no longer waits for anything."""

    rule: Code
    n: Counting = 1
    on: Day
    cause: Literal["withdrawn", "resubmitted", "closed"]
