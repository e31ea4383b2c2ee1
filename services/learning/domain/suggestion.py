"""A suggestion: a closed case with learning, waiting for an author."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.learning.domain.marks import SuggestionFreed, SuggestionTaken
from shared.kernel.decider import Aggregate, Events, Facts
from shared.kernel.errors import NotFound, NotNow
from shared.kernel.messages import command, event
from shared.kernel.words import Code, Day, Id, Many, OdsCode, Sealed, Text, Whole

DismissalReason = Literal[
    "known_lesson", "local_only", "not_enough_known", "recorded_twice", "other"
]
SuggestionState = Literal["none", "waiting", "taken", "dismissed"]


@command
class Suggest:
    """A case closed with learning, of these themes; `depth` is how deeply it was looked into."""

    case: Id
    incident: Id
    provider: OdsCode
    themes: Many[Code] = ()
    never_event_type: Code | None = None
    depth: Whole
    closed_on: Day


@command
class Dismiss:
    """No lesson comes of this: the reason is a code, its explanation stays here."""

    reason: DismissalReason
    note: Sealed[Text] | None = None


@event("suggestion_made")
class SuggestionMade:
    """A case closed with learning; made again where it was reopened and closed anew."""

    case: Id
    incident: Id
    provider: OdsCode
    themes: Many[Code]
    never_event_type: Code | None = None
    depth: Whole
    closed_on: Day


@event("suggestion_dismissed")
class SuggestionDismissed:
    """Nobody waits for a lesson any more."""

    reason: DismissalReason
    note: Sealed[Text] | None = None
    on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a suggestion is about, whether it still waits, and which lesson took it."""

    state: SuggestionState = "none"
    made: SuggestionMade | None = None
    lesson: str = ""


_STEPS: Mapping[type[Any], Callable[[Suggestion, Any], Suggestion]] = {
    SuggestionMade: lambda suggestion, event: Suggestion(state="waiting", made=event),
    SuggestionTaken: lambda suggestion, event: replace(
        suggestion, state="taken", lesson=event.lesson
    ),
    SuggestionFreed: lambda suggestion, event: replace(suggestion, state="waiting", lesson=""),
    SuggestionDismissed: lambda suggestion, event: replace(suggestion, state="dismissed"),
}

SUGGESTION: Aggregate[Suggestion] = Aggregate(name="suggestion", initial=Suggestion(), steps=_STEPS)


def suggest(suggestion: Suggestion, command: Suggest, facts: Facts) -> Events:
    """A case that closes again has something new to say: the suggestion waits again."""
    made = SuggestionMade(
        case=command.case,
        incident=command.incident,
        provider=command.provider,
        themes=command.themes,
        never_event_type=command.never_event_type,
        depth=command.depth,
        closed_on=command.closed_on,
    )
    return () if suggestion.state == "waiting" and suggestion.made == made else (made,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissalFacts(Facts):
    """Whether the suggestion is of a provider for which the actor writes."""

    within_reach: bool


def dismiss(suggestion: Suggestion, command: Dismiss, facts: DismissalFacts) -> Events:
    """Raises NotFound, also for another's suggestion, and NotNow unless it waits."""
    if suggestion.state == "none" or not facts.within_reach:
        raise NotFound("There is no such suggestion.")
    if suggestion.state != "waiting":
        raise NotNow("This suggestion no longer waits: it was taken or dismissed before.")
    return (SuggestionDismissed(reason=command.reason, note=command.note, on=facts.today),)
