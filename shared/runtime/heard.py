"""What a service hears and only needs to remember: the contract itself, in its own log."""

from typing import Any

from shared.kernel.decider import Aggregate
from shared.kernel.messages import event


@event("heard")
class ContractHeard:
    """A foreign contract as it was told: CloudEvents `type`, `source`, `id`, `time`, the series'
    number `n`, and its data as plain JSON."""

    type: str
    source: str
    id: str
    n: int
    time: str
    data: dict[str, Any]


HEARD: Aggregate[int] = Aggregate(
    name="heard", initial=0, steps={ContractHeard: lambda count, heard: count + 1}
)
"""Streams `heard-<source stream>`: one for each foreign stream that is listened to."""
