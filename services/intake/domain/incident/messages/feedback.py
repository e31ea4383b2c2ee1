"""What became of a report: what commissioners did with it, and the lesson that was drawn."""

from shared.kernel.messages import command, event, value
from shared.kernel.words import Code, Counting, Day, Id, Many, OdsCode, Whole


@value
class Answered:
    """What a commissioner did, in codes. `kind` is the contract's fact, such as `case_opened`; `on`
    its London day; `by` the organisation, absent while none is known. The rest as the kind asks:
    the `n`-th submission, what it was `about`, the `verdict`, an activity's `modes` and `depth`, a
    day `due`, the clock's `rule`, whether there is `learning`."""

    kind: Code
    on: Day
    by: OdsCode | None = None
    case: Id
    n: Counting | None = None
    about: Code | None = None
    verdict: Code | None = None
    activity: Id | None = None
    modes: Many[Code] = ()
    depth: Whole | None = None
    due: Day | None = None
    rule: Code | None = None
    learning: bool | None = None


@command
class HearResponse:
    """Assurance tells what a commissioner did about the event."""

    answered: Answered


@command
class HearLesson:
    """Learning tells that a lesson drawn from the event was published or withdrawn; `reason` says
    as a code why it was withdrawn."""

    lesson: Id
    number: Code
    version: Counting
    what: Code
    reason: Code | None = None
    on: Day


@event("commissioner_responded")
class CommissionerResponded:
    """A commissioner did something about the event."""

    answered: Answered


@event("lesson_drawn")
class LessonDrawn:
    """A lesson drawn from the event, among others, was published or withdrawn."""

    lesson: str
    number: str
    version: int
    what: str
    reason: str | None = None
    on: Day
