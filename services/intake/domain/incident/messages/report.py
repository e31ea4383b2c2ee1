"""What is told of one patient-safety event, and the events of telling, amending, withdrawing it."""

from typing import Literal

from shared.kernel.messages import command, event, value
from shared.kernel.words import (
    Code,
    Counting,
    Day,
    DayOrMoment,
    Many,
    OdsCode,
    Sealed,
    SealedOfPatient,
    SealedOfReporter,
    ShortText,
    Text,
    VersionNumber,
    Whole,
    Word,
)

Kind = Literal["incident", "outcome", "risk", "good_care"]
"""The four sorts of event of the national service LFPSE; `outcome` is one of concern."""

WithdrawalReason = Literal[
    "entered_in_error", "duplicate", "not_patient_safety", "deleted_at_source"
]


@value
class Patient:
    """One affected patient, known by `number` alone: no name, birth date or NHS number has a place
    here. Age and gender are words of `shared.nhs.codes`, harm words of `shared.nhs.harm`."""

    number: Counting
    age_bracket: SealedOfPatient[Code] | None = None
    gender: SealedOfPatient[Code] | None = None
    physical_harm: SealedOfPatient[Code] | None = None
    psychological_harm: SealedOfPatient[Code] | None = None


@value
class Reporter:
    """Who spoke up: `type` a word of `shared.nhs.codes`, `role` in their own words."""

    type: SealedOfReporter[Code] | None = None
    role: SealedOfReporter[ShortText] | None = None
    anonymous: bool = False
    why_anonymous: Many[Code] = ()


@value
class Reference:
    """How the reporting organisation's own system names the event; its identity here."""

    system: Sealed[ShortText]
    value: Sealed[ShortText]


@value
class Source:
    """The way in (`channel`) and the system that sent the record, with its version."""

    channel: Word
    system: Word | None = None
    version: VersionNumber | None = None


@value
class Account:
    """What was told. `occurred` is a London day, or an instant where the time is known."""

    kind: Kind
    occurred: DayOrMoment
    what_happened: Sealed[Text]
    immediate_action: Sealed[Text] | None = None
    location: Sealed[ShortText] | None = None
    service_area: Code | None = None
    patients: Many[Patient] = ()
    agents: Many[Code] = ()
    level_of_concern: Code | None = None
    reporter: Reporter | None = None
    source: Source | None = None
    reference: Reference | None = None
    data_sharing_opt_out: bool = False


@value
class Told(Account):
    """The account as it is sent. Where nothing else is said, the event was identified on the day
    it occurred, occurred at the reporting organisation, and is led by where it occurred."""

    identified_on: Day | None = None
    occurred_at: OdsCode | None = None
    leads: OdsCode | None = None


@command
class ReportEvent(Told):
    """A patient-safety event is reported: never refused for an unknown organisation, a suspect
    passage or a missing nicety, only for what cannot be, such as a day to come."""


@command
class AmendEvent(Told):
    """The whole record as it should now stand, with the reason why."""

    reason: Sealed[Text] | None = None


@command
class WithdrawEvent:
    """The record should not count any more; it stays readable."""

    reason: WithdrawalReason
    explanation: Sealed[Text] | None = None


@value
class Report(Account):
    """The account as it stands, who, where and whose filled in."""

    identified_on: Day
    occurred_at: OdsCode
    leads: OdsCode


@value
class Changes:
    """The fields of a record that an amendment gave another content."""

    kind: Kind | None = None
    occurred: DayOrMoment | None = None
    what_happened: Sealed[Text] | None = None
    immediate_action: Sealed[Text] | None = None
    location: Sealed[ShortText] | None = None
    service_area: Code | None = None
    patients: Many[Patient] | None = None
    agents: Many[Code] | None = None
    level_of_concern: Code | None = None
    reporter: Reporter | None = None
    source: Source | None = None
    data_sharing_opt_out: bool | None = None
    identified_on: Day | None = None
    occurred_at: OdsCode | None = None
    leads: OdsCode | None = None


@value
class Basis:
    """What reference data made of a record as it was written: the worst harm over its patients,
    the framework by leading organisation and day of identification, the fields whose organisation
    the register did not know on the day, and that register's version."""

    worst_harm: Code | None = None
    framework: Code
    unverified: tuple[str, ...]
    register: str


@value
class Passage:
    """A stretch of narrative that the screen flagged, numbered within the record: masked for
    readers elsewhere until the trust releases or corrects it. `text` is a path into the record
    (`what_happened`, `investigation/1/findings/2`), `start` and `end` count characters."""

    number: Counting
    text: str
    start: Whole
    end: Whole
    kind: str


@event("event_reported")
class EventReported:
    """A patient-safety event was reported."""

    report: Report
    reported_by: OdsCode
    basis: Basis
    passages: tuple[Passage, ...] = ()


@event("event_amended")
class EventAmended:
    """The record was given other content: `changes` holds it, `cleared` names fields now empty,
    `changed` all that differ, what follows from them (`worst_harm`, `framework`) included."""

    changes: Changes
    cleared: tuple[str, ...]
    changed: tuple[str, ...]
    basis: Basis
    passages: tuple[Passage, ...] = ()
    reason: Sealed[Text] | None = None


@event("event_withdrawn")
class EventWithdrawn:
    """The record left the counts."""

    reason: WithdrawalReason
    explanation: Sealed[Text] | None = None
