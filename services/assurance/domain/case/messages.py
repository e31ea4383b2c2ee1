"""What a case may be asked: the commands of commissioners, of reactions and of time."""

from typing import Literal

from shared.kernel.messages import command, value
from shared.kernel.words import (
    Code,
    Counting,
    Day,
    Id,
    Many,
    Moment,
    OdsCode,
    Reference,
    Sealed,
    Some,
    Text,
    Whole,
    Word,
)
from shared.nhs.closure_criteria import Answer
from shared.nhs.frameworks import FrameworkId

Reason = Literal["never_event", "serious_incident"]
Outcome = Literal["meets", "under_review", "does_not_meet"]
Level = Literal[1, 2, 3]
Strength = Literal["strong", "intermediate", "weak"]


@value
class NeverEvent:
    """A decision on whether the event is a never event; `list` is the list that gives `type` its
    meaning, `effective_on` the London day from which the decision holds."""

    outcome: Outcome
    type: Code | None = None
    subtype: Code | None = None
    list: Code
    effective_on: Day


@value
class Serious:
    """A declaration under SIF2015: identified and declared on London days; level 1 concise,
    2 comprehensive, 3 independent."""

    identified_on: Day
    declared_on: Day
    category: Code
    level: Level


@value
class Action:
    """One action of an investigation's plan; `due` is absent where the trust set no day."""

    number: Counting
    strength: Strength
    owner_role: Code
    due: Day | None = None


@value
class CriterionAnswer:
    """A commissioner's answer to one closure criterion, with the comment that explains it."""

    criterion: Code
    answer: Answer
    comment: Sealed[Text] | None = None


@command
class OpenCase:
    """A mark on an incident: opens its case, or adds the reason to the case that is there.

    `day` is when it happened, in London; exactly one of `never_event` and `serious` is told.
    """

    incident: Id
    provider: OdsCode
    occurred_at: OdsCode
    framework: FrameworkId
    day: Day
    identified_on: Day
    service_area: Code | None = None
    worst_harm: Code | None = None
    never_event: NeverEvent | None = None
    serious: Serious | None = None


@command
class NoteChange:
    """What changed at the trust on an incident whose case is open."""

    what: Literal["amended", "withdrawn", "classification", "subject_erased"]
    fields: Many[Code] = ()
    day: Day | None = None
    worst_harm: Code | None = None
    never_event: NeverEvent | None = None


@command
class EraseText:
    """The incident's record was erased at the trust: the case's text goes likewise."""

    ground: Code


@command
class Reroute:
    """A region or the national body names the commissioner that leads the case."""

    to: OdsCode
    reason: Sealed[Text]


@command
class HandOver:
    """After a succession: what `former` held in the case, `to` holds from `on` on."""

    former: OdsCode
    to: OdsCode
    on: Day


@command
class Acknowledge:
    """The lead commissioner has seen the case; whoever says so looks after it."""


@command
class DecideClassification:
    """A commissioner or the national body decides whether the event is a never event.

    `list` names another list than that of the incident's day, which only guidance can give:
    then `guidance_ref`, the published reference, is needed.
    """

    outcome: Outcome
    type: Code | None = None
    subtype: Code | None = None
    list: Code | None = None
    guidance_ref: Reference | None = None
    reason: Sealed[Text]
    effective_at: Moment | None = None


@command
class ReceiveInitialReview:
    """The trust submitted its initial review."""

    submitted_on: Day


@command
class ReceiveInvestigation:
    """The trust submitted its investigation for the `n`-th time: counts, never text."""

    n: Counting
    submitted_on: Day
    level: Level | None = None
    factors: Many[Code] = ()
    root_causes: Whole
    findings: Whole
    lessons: Whole
    actions: Many[Action] = ()


@command
class ReviewInitialReview:
    """The commissioner answers the initial review; asking for more says what is asked."""

    verdict: Literal["accepted", "further_information"]
    comment: Sealed[Text] | None = None
    due: Day | None = None


@command
class ReviewInvestigation:
    """The commissioner answers the framework's criteria on one submission, one by one, and
    accepts or returns it; `due` is the day by which the next submission is asked for."""

    submission: Counting
    answers: Some[CriterionAnswer]
    verdict: Literal["accepted", "returned"]
    due: Day | None = None


@command
class CloseCase:
    """The lead commissioner closes the case (SIF2015), says the learning and its themes.

    `actions_done` numbers the actions done by now; the others stay open and are followed.
    `shallow_reason` says why nobody went to see a never event.
    """

    learning: Sealed[Text] | None = None
    themes: Many[Word] = ()
    actions_done: Many[Counting] = ()
    shallow_reason: Sealed[Text] | None = None


@command
class Tick:
    """A day has begun: record what the clocks ask for, each thing once."""
