"""What a trial is: a plan that a seed replays, and the tally that comes back."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.checker import Class, Finding
from tests.kit.servers import kafka, postgres
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import Found, current_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one trial is to run. `folder` is empty and its own; `step` is told of each round that is
    done, for a progress bar. `long`: there is time for waits as long as the product's own."""

    trial: str
    seed: int
    rounds: int
    folder: Path
    step: Callable[[], None] = lambda: None
    long: bool = False

    def chance(self, what: object = "") -> random.Random:
        """Chance for a round or a part of it: the same for the same seed, whatever runs beside."""
        return random.Random(f"{self.seed}/{self.trial}/{what}")

    def postgres(self) -> PostgresServer:
        """This run's PostgreSQL, with fsync in a long one. Raises UnavailableError, as `kafka`
        does."""
        ways = postgres.SYNCED_WAYS if self.long else postgres.WAYS
        return PostgresServer.at(_met(current_run().find("PostgreSQL", ways)))

    def kafka(self) -> KafkaServer:
        return KafkaServer.at(_met(current_run().find("Kafka", kafka.WAYS)))


def _met(found: Found) -> Found:
    if found.address is None:
        raise UnavailableError(str(found))
    return found


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a trial. `faults` counts those injected by kind; `slowest` is the longest time
    in seconds from the end of a fault until all was well again; `remarks` are further figures by
    name, such as a fairness."""

    rounds: int = 0
    acknowledged: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    slowest: float = 0.0
    remarks: dict[str, str] = field(default_factory=dict)

    def count(self, *kinds: Class) -> int:
        """Findings of these kinds."""
        return sum(one.kind in kinds for one in self.findings)

    def recovered(self, seconds: float) -> None:
        self.slowest = max(self.slowest, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A promise put to the test. `promises` are ids of docs/rules.md; `method` one sentence for
    the report; `short` the rounds of `make test`, 0 where it takes too long; one long round in
    `share` is run (Kafka takes a tenth)."""

    name: str
    promises: str
    method: str
    run: Callable[[Plan], Awaitable[Tally]]
    short: int
    share: int = 1

    def rounds(self, asked: int) -> int:
        return max(1, asked // self.share)
