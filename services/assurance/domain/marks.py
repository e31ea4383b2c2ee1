"""What an activity leaves on each case that is a subject of it, and a case on it, in the same
commit: words that both sides know."""

from typing import Literal

from services.assurance.domain.rules.depth import Mode
from shared.kernel.messages import event
from shared.kernel.words import Code, Day, Id, Many, OdsCode, Some, Whole


@event("activity_noted")
class ActivityNoted:
    """An activity about this case took place."""

    activity: Id
    incident: Id
    provider: OdsCode
    commissioner: OdsCode | None
    on: Day
    modes: Some[Mode]
    participants: Many[Code]
    depth: Whole
    depth_rule: Code


@event("activity_note_corrected")
class ActivityNoteCorrected:
    """An activity about this case was corrected: as it now stands."""

    activity: Id
    incident: Id
    provider: OdsCode
    commissioner: OdsCode | None
    on: Day
    modes: Some[Mode]
    participants: Many[Code]
    depth: Whole
    depth_rule: Code
    reason: Code


@event("activity_note_withdrawn")
class ActivityNoteWithdrawn:
    """An activity no longer counts for this case."""

    activity: Id
    incident: Id
    provider: OdsCode
    commissioner: OdsCode | None
    reason: Code


@event("activity_erased")
class ActivityErased:
    """The one incident that the activity was about was erased at the trust: the keys of the
    activity's text are to be destroyed likewise; codes, dates and depth stay."""

    scope: Literal["record"] = "record"
    ground: Code
