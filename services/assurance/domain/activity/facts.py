"""What deciders of an activity are told and cannot know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.kernel.decider import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCase:
    """A case that is a subject: its stream and version, whom it concerns, and whether the acting
    commissioner has a part in it."""

    stream: str
    version: int
    provider: str
    commissioner: str | None
    takes_part: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFacts(Facts):
    """Every case that is or was a subject, by id (one that is not there is absent), and those of
    the organisations named that gave care on the activity's day."""

    cases: Mapping[str, SubjectCase] = field(default_factory=dict)
    providers: frozenset[str] = frozenset()
