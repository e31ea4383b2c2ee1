"""What deciders of a lesson are told and cannot know."""

from dataclasses import dataclass

from services.learning.domain.lesson.messages import Source
from shared.kernel.decider import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSource:
    """A suggestion as it stands: its stream and version, whether it waits, what it is about."""

    stream: str
    version: int
    waiting: bool
    source: Source
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts(Facts):
    """Who and when, and the suggestion named by the command (None: there is no such)."""

    offered: OfferedSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSource:
    """A suggestion that this lesson took and still holds: its stream and version."""

    stream: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentFacts(Facts):
    """Who and when, and each suggestion that would wait again, once."""

    held: tuple[HeldSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A field of the draft in which the screen found something: of this kind, never the text."""

    field: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationFacts(Facts):
    """Who and when, the next number of the year that nobody has, and what the screen found."""

    n: int
    flagged: tuple[Flagged, ...] = ()
