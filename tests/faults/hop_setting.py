"""Where a hop between two services is set: their databases, Kafka between them, and the times."""

from dataclasses import dataclass, replace

from shared.contracts.base import PARTITIONS
from shared.kernel.clock import SystemClock
from shared.log.base import Log
from shared.log.opening import open_log

TOPIC = "opendoor.intake.v1"
NUMBERS = range(PARTITIONS[TOPIC])
READER = "hearing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every process of a trial is told. Seconds, but for `session`: milliseconds after which
    the group misses a member."""

    telling: str
    hearing: str
    bootstrap: str
    prefix: str
    folder: str
    lease: float = 1.0
    patience: float = 2.0
    session: int = 1_500

    @property
    def topic(self) -> str:
        """Its name in Kafka."""
        return f"{self.prefix}{TOPIC}"

    @property
    def group(self) -> str:
        return f"{self.prefix}{READER}"

    def as_shipped(self) -> "Setting":
        """With the times of the product itself."""
        return replace(self, lease=10.0, patience=10.0, session=10_000)


def opened(url: str) -> Log:
    return open_log(url, SystemClock(), pool_size=3)
