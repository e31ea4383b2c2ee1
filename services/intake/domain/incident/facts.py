"""What deciders about an incident are told and cannot know."""

from dataclasses import dataclass

from services.intake.domain.incident.messages.report import Passage
from shared.kernel.decider import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A stretch of the narrative at path `text` that the screen holds to identify somebody."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrativeFacts(Facts):
    """What the screen flagged in the narrative that a command brings."""

    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts(NarrativeFacts):
    """For a record about to be written: the organisations among those it names that the register
    knew on its day, the framework by leading organisation and day of identification, and the
    register's version."""

    known: frozenset[str]
    framework: str
    register: str


def numbered(flags: tuple[Flag, ...], after: int) -> tuple[Passage, ...]:
    """The flags as passages of the record, numbered on from `after`."""
    return tuple(
        Passage(number=number, text=one.text, start=one.start, end=one.end, kind=one.kind)
        for number, one in enumerate(flags, start=after + 1)
    )
