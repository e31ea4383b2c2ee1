"""Who elsewhere read a record's narrative: one stream `access-<event>` beside the record's own."""

from typing import Literal

from shared.kernel.decider import Aggregate, Events, Facts
from shared.kernel.messages import command, event
from shared.kernel.words import Counting, OdsCode, Whole

Part = Literal["record", "version", "investigation"]


@command
class RecordReading:
    """Another organisation is about to be given a part of the narrative as of `version`, with so
    many passages withheld."""

    part: Part
    version: Counting
    passages_withheld: Whole


@event("narrative_read")
class NarrativeRead:
    """An organisation elsewhere read a part of the narrative."""

    by: OdsCode
    kind: str
    part: Part
    version: Counting
    passages_withheld: Whole


def record_reading(readings: int, asked: RecordReading, facts: Facts) -> Events:
    """Every reading is recorded, however often."""
    actor = facts.actor
    read = NarrativeRead(
        by=actor.organisation,
        kind=actor.kind,
        part=asked.part,
        version=asked.version,
        passages_withheld=asked.passages_withheld,
    )
    return [read]


ACCESS: Aggregate[int] = Aggregate(
    name="access",
    initial=0,
    steps={NarrativeRead: lambda readings, read: readings + 1},
)
"""How often the narrative was read elsewhere."""
