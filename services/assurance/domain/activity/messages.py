"""What an activity may be asked, and what happened to it."""

from typing import Literal

from services.assurance.domain.rules.depth import Mode
from shared.kernel.messages import command, event, value
from shared.kernel.words import Code, Day, Many, OdsCode, Sealed, ShortText, Some, Text, Whole, Word

SubjectKind = Literal[
    "case", "alert_action", "lesson_adoption", "support_request", "theme", "provider"
]
Participant = Literal[
    "commissioner_staff",
    "patient",
    "family_or_carer",
    "frontline_staff",
    "clinical_lead",
    "safety_lead",
    "patient_safety_partner",
    "executive",
    "non_executive",
    "governor",
    "independent_expert",
    "regulator",
    "other",
]
"""Who took part, by role: a closed list, since roles are told and names must never be."""

CorrectionReason = Literal["wrong_subject", "wrong_date", "wrong_modes", "incomplete", "other"]
WithdrawalReason = Literal["did_not_take_place", "recorded_twice", "wrong_subject", "other"]


@value
class Subject:
    """What the activity was about: a kind, and the thing's id, code or theme."""

    kind: SubjectKind
    id: Code


@value
class Evidence:
    """What was looked at: a kind of our own, and where it is to be found."""

    kind: Literal["document", "record", "data", "observation", "testimony", "other"]
    reference: Sealed[ShortText]


@command
class RecordActivity:
    """A commissioner did something to find out: `on` a London day, over by `until` where it
    lasted longer. Depth is derived from the modes and cannot be given."""

    subjects: Some[Subject]
    on: Day
    until: Day | None = None
    modes: Some[Mode]
    participants: Many[Participant] = ()
    topic: Word | None = None
    evidence: Many[Evidence] = ()
    findings: Sealed[Text] | None = None
    support_agreed: Sealed[Text] | None = None


@command
class CorrectActivity:
    """The activity as it should have been recorded, whole, with the reason as a code."""

    reason: CorrectionReason
    explanation: Sealed[Text] | None = None
    subjects: Some[Subject]
    on: Day
    until: Day | None = None
    modes: Some[Mode]
    participants: Many[Participant] = ()
    topic: Word | None = None
    evidence: Many[Evidence] = ()
    findings: Sealed[Text] | None = None
    support_agreed: Sealed[Text] | None = None


@command
class WithdrawActivity:
    """The activity was recorded by mistake; the record stays readable and counts no more."""

    reason: WithdrawalReason
    explanation: Sealed[Text] | None = None


@event("activity_recorded")
class ActivityRecorded:
    """An assurance activity took place."""

    subjects: Some[Subject]
    commissioner: OdsCode
    on: Day
    until: Day | None = None
    modes: Some[Mode]
    participants: Many[Participant] = ()
    topic: Code | None = None
    evidence: Many[Evidence] = ()
    findings: Sealed[Text] | None = None
    support_agreed: Sealed[Text] | None = None
    depth: Whole
    depth_rule: Code


@event("activity_corrected")
class ActivityCorrected:
    """The activity as it now stands."""

    reason: CorrectionReason
    explanation: Sealed[Text] | None = None
    corrected_on: Day
    subjects: Some[Subject]
    commissioner: OdsCode
    on: Day
    until: Day | None = None
    modes: Some[Mode]
    participants: Many[Participant] = ()
    topic: Code | None = None
    evidence: Many[Evidence] = ()
    findings: Sealed[Text] | None = None
    support_agreed: Sealed[Text] | None = None
    depth: Whole
    depth_rule: Code


@event("activity_withdrawn")
class ActivityWithdrawn:
    """The activity counts no more."""

    reason: WithdrawalReason
    explanation: Sealed[Text] | None = None
    withdrawn_on: Day
