"""Metrics: one registry a service, every metric declared in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

PREFIX = "opendoor_"
CONTENT_TYPE = CONTENT_TYPE_LATEST

Made = Counter | Gauge | Histogram
M = TypeVar("M", Counter, Gauge, Histogram)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One metric: labels hold route templates, codes and names of our own, never ids (H13)."""

    kind: type[Made]
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


DECLARED: Mapping[str, Declared] = MappingProxyType(
    {
        "http_requests": Declared(
            kind=Counter,
            says="Requests answered, by route template.",
            labels=("method", "route", "status"),
        ),
        "http_request_seconds": Declared(
            kind=Histogram,
            says="Time to the first byte of the answer.",
            labels=("method", "route"),
            buckets=SECONDS,
        ),
        "streams_open": Declared(kind=Gauge, says="Live views that are open."),
        "append_seconds": Declared(
            kind=Histogram, says="Time of one append to the log.", buckets=SECONDS
        ),
        "append_entries": Declared(
            kind=Histogram, says="Entries in one append to the log.", buckets=SIZES
        ),
        "append_outcomes": Declared(
            kind=Counter, says="Entries given to the log, by outcome.", labels=("outcome",)
        ),
        "log_position": Declared(kind=Gauge, says="The newest position of the log."),
        "reader_lag": Declared(
            kind=Gauge,
            says="How many records a reader has yet to take.",
            labels=("reader", "topic", "partition"),
        ),
        "partitions_read": Declared(
            kind=Gauge,
            says="Partitions that this process reads; none where others read them all.",
            labels=("reader",),
        ),
        "reader_red": Declared(
            kind=Gauge, says="1 where a reader has stopped and a person must look.",
            labels=("reader",),
        ),
        "reader_waiting": Declared(
            kind=Gauge, says="1 where a reader waits for something that is gone for now.",
            labels=("reader",),
        ),
        "series_stopped": Declared(
            kind=Gauge, says="1 where the reading of a partition stands still, with the reason.",
            labels=("topic", "partition", "why"),
        ),
        "records_parked": Declared(
            kind=Gauge, says="Records that a reader could not take, waiting for a person.",
            labels=("reader",),
        ),
        "parked_oldest_seconds": Declared(
            kind=Gauge, says="How long the oldest of them has waited.", labels=("reader",)
        ),
        "reactions_refused": Declared(
            kind=Counter, says="Commands of reactions that the domain refused.", labels=("reason",)
        ),
        "records_passed": Declared(
            kind=Counter, says="Records of a type that nobody here hears.", labels=("type",)
        ),
        "clocks_due": Declared(
            kind=Gauge, says="Running clocks that are not late, by rule and by how soon they end.",
            labels=("rule", "within"),
        ),
        "clocks_breached": Declared(
            kind=Gauge, says="Running clocks that ran out, by rule.", labels=("rule",)
        ),
    }
)  # fmt: skip
"""Every metric by its name without the prefix; counters end in `_total` where they are shown."""


class Metrics:
    """The metrics of one service: `metrics.counter("http_requests").labels(...).inc()`.

    Services of one process have a registry each, since two gauges of one name in one registry
    cannot be.
    """

    def __init__(self, service: str, version: str = "") -> None:
        # One more series for each counter, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # typed nowhere
        self.service = service
        self.registry = CollectorRegistry()
        self._made = {name: _made(name, one, self.registry) for name, one in DECLARED.items()}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        about = Gauge(
            f"{PREFIX}service_info",
            "The service and its version.",
            ("service", "version"),
            registry=self.registry,
        )
        about.labels(service, version).set(1)

    def counter(self, name: str) -> Counter:
        """A declared counter. Raises LookupError."""
        return _of_kind(self._made, name, Counter)

    def gauge(self, name: str) -> Gauge:
        """A declared gauge. Raises LookupError."""
        return _of_kind(self._made, name, Gauge)

    def histogram(self, name: str) -> Histogram:
        """A declared histogram. Raises LookupError."""
        return _of_kind(self._made, name, Histogram)

    def render(self) -> bytes:
        """The exposition text; serve it as CONTENT_TYPE."""
        return generate_latest(self.registry)


def _made(name: str, declared: Declared, registry: CollectorRegistry) -> Made:
    full, labels = PREFIX + name, declared.labels
    if issubclass(declared.kind, Histogram):
        return Histogram(full, declared.says, labels, buckets=declared.buckets, registry=registry)
    return declared.kind(full, declared.says, labels, registry=registry)


def _of_kind(made: Mapping[str, Made], name: str, kind: type[M]) -> M:
    found = made.get(name)
    if not isinstance(found, kind):
        raise LookupError(f"no {kind.__name__.lower()} is declared under the name {name}")
    return found
