"""Whether an event is a never event: proposed by rule, decided by a person, heard from others."""

from datetime import date, datetime
from typing import Literal

from shared.kernel.messages import command, event
from shared.kernel.words import Code, Id, Moment, OdsCode, Reference, Sealed, Text

Outcome = Literal["meets", "under_review", "does_not_meet"]
Cause = Literal["words", "day", "place", "harm", "framework"]
"""Why a rule asks a person to look: words in the account, or what an amendment moved."""


@command
class ClassifyNeverEvent:
    """The trust decides by the list in force on the day the event occurred; another `list` only
    where national guidance (`guidance_ref`) names it. Without `effective_at` it holds from now."""

    outcome: Outcome
    type: Code | None = None
    subtype: Code | None = None
    guidance_ref: Reference | None = None
    list: Code | None = None
    reason: Sealed[Text]
    effective_at: Moment | None = None


@command
class HearClassification:
    """A commissioner or the national body decided, as assurance tells."""

    case: Id
    authority: Code
    decided_by: OdsCode
    outcome: Code
    type: Code | None = None
    subtype: Code | None = None
    list: Code
    guidance_ref: Code | None = None
    effective_at: Moment


@event("never_event_proposed")
class NeverEventProposed:
    """A rule asks a person to decide: under `list` the event would be of `type` (None: of none any
    more) and `framework` would apply. Nothing changes until somebody decides."""

    type: str | None = None
    list: str | None = None
    framework: str
    causes: tuple[Cause, ...]
    rule: str


@event("classification_decided")
class ClassificationDecided:
    """The trust decided; earlier decisions stay."""

    outcome: Outcome
    type: str | None = None
    subtype: str | None = None
    list: str
    guidance_ref: str | None = None
    reason: Sealed[Text]
    effective_at: datetime


@event("classification_heard")
class ClassificationHeard:
    """Another authority decided; its word goes before the trust's, national before all."""

    case: str
    authority: str
    decided_by: str
    outcome: str
    type: str | None = None
    subtype: str | None = None
    list: str
    guidance_ref: str | None = None
    effective_at: datetime
    on: date
