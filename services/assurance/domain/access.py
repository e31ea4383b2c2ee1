"""Who read a case's learning: one stream `access-<case>` beside the case's own."""

from shared.kernel.decider import Aggregate, Events, Facts
from shared.kernel.messages import command, event
from shared.kernel.words import Moment, OdsCode


@command
class RecordReading:
    """Somebody read the case's learning."""


@event("learning_read")
class LearningRead:
    """Somebody read the learning of a case; `person` is the HMAC of who."""

    organisation: OdsCode
    person: str
    at: Moment


def record_reading(count: int, command: RecordReading, facts: Facts) -> Events:
    """Every reading counts, also a second one by the same person."""
    read = LearningRead(organisation=facts.actor.organisation, person=facts.person, at=facts.now)
    return (read,)


ACCESS: Aggregate[int] = Aggregate(
    name="access", initial=0, steps={LearningRead: lambda count, read: count + 1}
)
"""Streams `access-<case>`."""
