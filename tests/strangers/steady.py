"""Whether what was measured over a time stays level: memory, descriptors, connections, lag."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

WARM = 0.5
"""The share of the time after which caches are filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was found `at` so many seconds: MiB and descriptors by process, connections to the
    database, records that readers have yet to take, and since the sample before: reports
    acknowledged, requests that failed, and the median seconds from an answer to hearing of it."""

    at: float
    memory: Mapping[str, float]
    descriptors: Mapping[str, int]
    connections: int
    lag: int
    taken: int
    failed: int
    heard_after: float


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over time, and by how much it may rise: so much of itself, and so much more."""

    name: str
    values: tuple[float, ...]
    share: float
    more: float


def lines(samples: Sequence[Sample]) -> Iterator[Line]:
    """Every figure that must stay level."""
    for name in samples[0].memory if samples else ():
        held = tuple(one.memory[name] for one in samples)
        opened = tuple(float(one.descriptors[name]) for one in samples)
        yield Line(f"memory of {name}, MiB", held, 0.1, 8)
        yield Line(f"descriptors of {name}", opened, 0, 6)
    yield Line("connections", tuple(float(one.connections) for one in samples), 0, 4)
    yield Line("lag, records", tuple(float(one.lag) for one in samples), 0.1, 100)
    yield Line("heard after, s", tuple(one.heard_after for one in samples), 0.1, 1)


def rising(samples: Sequence[Sample]) -> list[str]:
    """The figures whose last quarter lies above the one before it, a sentence each."""
    found = []
    for line in lines(samples):
        before, after = _quarters(line.values)
        if after > before * (1 + line.share) + line.more:
            found.append(f"{line.name} rose from {before:,.1f} to {after:,.1f}")
    return found


def _quarters(values: Sequence[float]) -> tuple[float, float]:
    """Medians of the third and the last quarter; of halves, where there are few values."""
    warm = values[int(len(values) * WARM) :] if len(values) >= 8 else values
    half = len(warm) // 2
    return median(warm[:half] or (0.0,)), median(warm[half:] or (0.0,))
