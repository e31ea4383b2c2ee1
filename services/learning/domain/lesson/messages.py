"""What a lesson may be asked and what it remembers; a draft's text is sealed, a published one's
is clear, since a second person approved it for everybody."""

from typing import Literal

from shared.kernel.messages import command, event, value
from shared.kernel.words import (
    Code,
    Counting,
    Day,
    Id,
    Many,
    OdsCode,
    Sealed,
    ShortText,
    Some,
    Specialty,
    Text,
    Word,
)
from shared.nhs.organisations import Kind

Strength = Literal["strong", "intermediate", "weak"]
"""How likely an action is to hold: forcing functions are strong, checklists intermediate,
training and reminders weak (the hierarchy of the VA National Center for Patient Safety)."""

Response = Literal["information", "adopt_or_explain"]
WithdrawalReason = Literal["new_evidence", "found_harmful", "error", "out_of_date", "other"]


@value
class TypeOnList:
    """A never-event type; its code means nothing without its list."""

    list: Code
    type: Code


@value
class AppliesTo:
    """Whom a lesson concerns; what is empty narrows nothing.

    `settings` are service areas (shared/nhs/codes), `specialties` main specialty codes,
    `medicines` dm+d codes, `devices` kinds of device in plain words.
    """

    provider_types: Many[Kind] = ()
    settings: Many[Code] = ()
    specialties: Many[Specialty] = ()
    never_event_types: Many[TypeOnList] = ()
    devices: Many[Sealed[ShortText]] = ()
    medicines: Many[Code] = ()


@value
class Action:
    """What to do, how strong that is, and by what it is measured."""

    what: Sealed[ShortText]
    strength: Strength
    measure: Sealed[ShortText]


@value
class Content:
    """A lesson's text in the making; review asks for what is still missing.

    `what_happened` holds no identifiable data. `respond_by` goes with `adopt_or_explain`.
    """

    title: Sealed[ShortText]
    what_happened: Sealed[Text] | None = None
    factors: Many[Sealed[ShortText]] = ()
    actions: Many[Action] = ()
    applies_to: AppliesTo = AppliesTo()
    response: Response = "information"
    respond_by: Day | None = None
    evidence: Sealed[Text] | None = None
    themes: Many[Word] = ()


@command
class StartLesson:
    """An author takes a suggestion up and gives the lesson its working title."""

    suggestion: Id
    title: Sealed[ShortText]


@command
class AddSource:
    """A further suggestion says the same: it becomes a source of this lesson."""

    suggestion: Id


@command
class ReviseDraft(Content):
    """The draft's whole text anew; a draft at review or approved goes back to its author."""


@command
class SubmitForReview:
    """The author has finished; somebody else reads it."""


@command
class Approve:
    """Another person than the author finds it right and fit for everybody to read."""


@command
class Publish:
    """The approved text goes out under a number."""


@command
class AbandonLesson:
    """Nothing comes of it: an unpublished lesson is given up, and its sources wait again."""

    reason: Sealed[Text]


@command
class Withdraw:
    """A published lesson no longer holds: the reason is told as a code, its explanation kept."""

    reason: WithdrawalReason
    note: Sealed[Text] | None = None


@value
class Source:
    """An incident that a lesson was drawn from."""

    suggestion: Id
    case: Id
    incident: Id
    provider: OdsCode
    never_event_type: Code | None = None


@event("lesson_started")
class LessonStarted:
    """A lesson began; `author` is the HMAC by which its person is recorded."""

    title: Sealed[ShortText]
    source: Source
    themes: Many[Code]
    organisation: OdsCode
    author: str
    on: Day


@event("lesson_source_added")
class SourceAdded:
    """One more incident stands behind the lesson."""

    source: Source
    on: Day


@event("lesson_draft_revised")
class DraftRevised:
    """The draft reads like this now; what was approved before is no longer."""

    content: Content
    author: str
    on: Day


@event("lesson_submitted")
class LessonSubmitted:
    """The lesson waits for a reviewer."""

    on: Day


@event("lesson_approved")
class LessonApproved:
    """Somebody else than its authors approved the text as it stands."""

    reviewer: str
    on: Day


@event("lesson_abandoned")
class LessonAbandoned:
    """The lesson was given up before anybody was told of it; its reason stays here."""

    reason: Sealed[Text]
    on: Day


@value
class ClearApplies:
    """Whom a published lesson concerns, in the clear."""

    provider_types: Many[Kind] = ()
    settings: Many[Code] = ()
    specialties: Many[Code] = ()
    never_event_types: Many[TypeOnList] = ()
    devices: Many[ShortText] = ()
    medicines: Many[Code] = ()


@value
class ClearAction:
    """One published action; adoption answers by its `number`, from 1."""

    number: Counting
    what: ShortText
    strength: Strength
    measure: ShortText


@event("lesson_published")
class LessonPublished:
    """The lesson as everybody may read it for ever, screened and approved."""

    number: Code
    version: Counting
    title: ShortText
    what_happened: Text
    factors: Some[ShortText]
    actions: Some[ClearAction]
    applies_to: ClearApplies
    response: Response
    respond_by: Day | None = None
    evidence: Text | None = None
    themes: Many[Code]
    on: Day


@event("lesson_withdrawn")
class LessonWithdrawn:
    """The lesson stays resolvable, marked as withdrawn."""

    reason: WithdrawalReason
    note: Sealed[Text] | None = None
    on: Day
