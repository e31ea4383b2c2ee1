"""What a run found, as plain values that are written to JSON and read again."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.sampling import Sample, median

MILLI = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured, once or several times: `value` is the median of its `samples`.

    `row` says which part of the page it belongs to, `name` what did it; `clients` is 0 where
    clients do not matter. `p50` and `p99` are milliseconds, `client_share` is what the load
    generator took of the machine's CPU, from 0 to 1.
    """

    row: str
    name: str
    unit: str
    samples: tuple[float, ...]
    clients: int = 0
    p50: float | None = None
    p99: float | None = None
    client_share: float | None = None

    @property
    def value(self) -> float:
        return median(self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """Something that this run could not measure, and why."""

    row: str
    name: str
    why: str


@dataclass(slots=True, kw_only=True)
class Results:
    """A whole run: when it began (RFC 3339), how long it took (seconds), where, and what came."""

    began: str
    command: str
    seconds: float = 0.0
    machine: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    unmeasured: list[Unmeasured] = field(default_factory=list)

    def find(self, row: str, name: str, clients: int = 0) -> Figure | None:
        """The figure of that row, name and number of clients."""
        for one in self.figures:
            if (one.row, one.name, one.clients) == (row, name, clients):
                return one
        return None

    def of(self, row: str) -> list[Figure]:
        """The figures of one row, in the order in which they were found."""
        return [one for one in self.figures if one.row == row]


def figure_of(row: str, name: str, unit: str, samples: Sequence[Sample], cores: int = 0) -> Figure:
    """Rates of several samples as one figure; with `cores` the share of the machine that the
    process took which drove them."""
    share = None
    if cores:
        share = median([one.cpu / (one.seconds * cores) for one in samples])
    return Figure(
        row=row,
        name=name,
        unit=unit,
        samples=tuple(round(one.rate, 3) for one in samples),
        clients=samples[0].clients,
        p50=round(median([one.p50 for one in samples]) * MILLI, 3),
        p99=round(median([one.p99 for one in samples]) * MILLI, 3),
        client_share=None if share is None else round(share, 3),
    )


def as_json(results: Results, bars: Sequence[dict[str, Any]]) -> str:
    """The run with its bars, two spaces deep, medians beside their samples."""
    document = asdict(results)
    for told, one in zip(document["figures"], results.figures, strict=True):
        told["value"] = one.value
    return json.dumps({**document, "bars": list(bars)}, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Results:
    """The run that was written there; its bars are judged anew, never read."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document.pop("bars")
    figures = [_figure(one) for one in document.pop("figures")]
    unmeasured = [Unmeasured(**one) for one in document.pop("unmeasured")]
    return Results(**document, figures=figures, unmeasured=unmeasured)


def _figure(told: dict[str, Any]) -> Figure:
    told.pop("value")
    return Figure(**{**told, "samples": tuple(told["samples"])})
