"""The numbers to hold, each a ratio or a figure of one run; a bar is never lowered here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bench.names import (
    ALONE,
    APPEND,
    EIGHT,
    EVENTSOURCING,
    FAIRNESS,
    IMPORT,
    KAFKA_PERFORMANCE,
    LONG,
    LONG_FEW,
    LONG_MANY,
    MESSAGE_DB,
    NOOP,
    PLAIN,
    POST,
    POSTGRES,
    REBUILD,
    RELAY,
    REPLAY,
    ROAD,
    ROAD_ANSWERED,
    TOTAL,
)
from bench.results import Figure, Results

Sense = Literal["at least", "at most", "under"]
Pick = Callable[[Results], float | None]
Key = tuple[str, str, int]
"""Row, name, clients."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One number to hold; `value` is None where the run has not what it needs."""

    name: str
    sense: Sense
    bar: float
    unit: str
    value: Pick

    def judged(self, results: Results) -> dict[str, Any]:
        """As it is written: name, value, bar, and whether it holds (None: not measured)."""
        value = self.value(results)
        return {
            "name": self.name,
            "value": None if value is None else round(value, 3),
            "bar": self.bar,
            "holds": None if value is None else self._holds(value),
            "sense": self.sense,
            "unit": self.unit,
        }

    def _holds(self, value: float) -> bool:
        if self.sense == "at least":
            return value >= self.bar
        return value <= self.bar if self.sense == "at most" else value < self.bar


def ratio(one: Key, other: Key) -> Pick:
    """One figure's median against another's."""

    def value(results: Results) -> float | None:
        above, below = results.find(*one), results.find(*other)
        return above.value / below.value if above and below and below.value else None

    return value


def figure(key: Key, of: Callable[[Figure], float | None] = lambda found: found.value) -> Pick:
    """A figure's median, or another of its numbers."""

    def value(results: Results) -> float | None:
        found = results.find(*key)
        return of(found) if found else None

    return value


BARS: tuple[Bar, ...] = (
    Bar(
        "durable POST /intake/events, 32 clients, PostgreSQL, against the plain handler",
        "at least",
        5,
        "times",
        ratio((POST, POSTGRES, 32), (POST, PLAIN, 32)),
    ),
    Bar(
        "the same against the same app's no-op POST, worker idle",
        "at least",
        0.65,
        "times",
        ratio((POST, POSTGRES, 32), (POST, NOOP, 32)),
    ),
    Bar(
        "log append, 32 writers, PostgreSQL, against eventsourcing's save",
        "at least",
        20,
        "times",
        ratio((APPEND, POSTGRES, 32), (APPEND, EVENTSOURCING, 32)),
    ),
    Bar(
        "log append, 32 writers, PostgreSQL, against message-db's write_message",
        "at least",
        8,
        "times",
        ratio((APPEND, POSTGRES, 32), (APPEND, MESSAGE_DB, 32)),
    ),
    Bar(
        "eight processes appending at once: slowest against fastest",
        "at least",
        0.9,
        "times",
        figure((EIGHT, FAIRNESS, 0)),
    ),
    Bar(
        "eight processes appending at once: their total against one process alone",
        "at least",
        0.6,
        "times",
        ratio((EIGHT, TOTAL, 0), (EIGHT, ALONE, 0)),
    ),
    Bar(
        "rebuild of a read model, rows written, against eventsourcing's notification-log replay",
        "at least",
        2,
        "times",
        ratio((REBUILD, POSTGRES, 0), (REBUILD, REPLAY, 0)),
    ),
    Bar(
        "relay to Kafka against Kafka's own ProducerPerformance",
        "at least",
        0.8,
        "times",
        ratio((RELAY, POSTGRES, 0), (RELAY, KAFKA_PERFORMANCE, 0)),
    ),
    Bar(
        "accepted classification to the case's row, through Kafka, 200/s: p50",
        "under",
        20,
        "ms",
        figure((ROAD, ROAD_ANSWERED, 0), lambda found: found.p50),
    ),
    Bar(
        "accepted classification to the case's row, through Kafka, 200/s: p99",
        "under",
        100,
        "ms",
        figure((ROAD, ROAD_ANSWERED, 0), lambda found: found.p99),
    ),
    Bar(
        "bulk import of 100,000 events against the single-POST rate",
        "at least",
        10,
        "times",
        ratio((IMPORT, POSTGRES, 0), (POST, POSTGRES, 1)),
    ),
    Bar(
        "append latency, one writer, p50, at 10 million events against 100 thousand",
        "at most",
        1.2,
        "times",
        ratio((LONG, LONG_MANY, 1), (LONG, LONG_FEW, 1)),
    ),
)


def judged(results: Results) -> list[dict[str, Any]]:
    """Every bar as this run holds it."""
    return [one.judged(results) for one in BARS]
