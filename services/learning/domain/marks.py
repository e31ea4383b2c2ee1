"""What a lesson leaves on other streams in the same commit: words that both sides know."""

from shared.kernel.decider import Aggregate
from shared.kernel.messages import event
from shared.kernel.words import Counting, Id


@event("suggestion_taken")
class SuggestionTaken:
    """The suggestion became a source of this lesson."""

    lesson: Id


@event("suggestion_freed")
class SuggestionFreed:
    """This lesson was abandoned: the suggestion waits again, as long as it always has."""

    lesson: Id


@event("lesson_number_claimed")
class LessonNumberClaimed:
    """This lesson took the `n`-th number of a year, London time: nobody else can."""

    lesson: Id
    year: Counting
    n: Counting


LESSON_NUMBER: Aggregate[bool] = Aggregate(
    name="lesson-number",
    initial=False,
    steps={LessonNumberClaimed: lambda taken, claimed: True},
)
"""Streams `lesson-number-<year>-<n>`, each of one event: the first to claim a number has it."""


def number_id(year: int, n: int) -> str:
    """The id of a number's stream."""
    return f"{year}-{n}"


def public_number(year: int, n: int) -> str:
    """How a number is printed, such as OD-LESSON-2019-1."""
    return f"OD-LESSON-{year}-{n}"
