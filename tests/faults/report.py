"""The page docs/fault-report.md: what was tried, how often, and what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.faults.checker import Class
from tests.faults.trial import Tally, Trial

LOST = (Class.LOST_WRITE, Class.POLL_SKIP, Class.UNSEEN)
DOUBLED = (Class.DUPLICATE,)
REORDERED = (Class.NON_MONOTONIC, Class.INCONSISTENT_OFFSETS)
FALSE = (Class.ABORTED_READ, Class.READ_BEFORE_COMMIT)
SOAK = "\n## Soak\n"
COLUMNS = (
    "trial",
    "promise",
    "rounds",
    "faults injected",
    "acknowledged",
    "lost",
    "doubled",
    "reordered",
    "read too early",
    "slowest recovery",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One trial of a run; `missing` says why it could not be tried."""

    trial: Trial
    tally: Tally
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the page says of the run itself."""

    command: str
    seed: int
    day: str
    machine: str
    servers: tuple[str, ...]
    minutes: float


def page(run: Run, results: Sequence[Result]) -> str:
    """The whole page, as Markdown."""
    return "\n".join((*_head(run), *_table(results), *_methods(results), *_findings(results)))


def with_soak(written: str, soaked: str) -> str:
    """The page with the page of the soak as its last part, in place of an older one."""
    return f"{written.partition(SOAK)[0].rstrip()}\n\n#{soaked}"


def _head(run: Run) -> list[str]:
    return [
        "# What was broken on purpose",
        "",
        f"Written by `{run.command}` on {run.day}, seed {run.seed}, in {run.minutes:.0f} minutes"
        f" on {run.machine}. The same seed replays the same plan.",
        "",
        *(f"- {server}" for server in run.servers),
        "",
    ]


def _table(results: Sequence[Result]) -> list[str]:
    return [
        _row(COLUMNS),
        _row("---" for _ in COLUMNS),
        *(_row(_cells(one)) for one in results),
        "",
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(result: Result) -> list[str]:
    tally = result.tally
    faults = ", ".join(f"{count:,} {kind}" for kind, count in sorted(tally.faults.items()))
    return [
        result.trial.name,
        result.trial.promises,
        f"{tally.rounds:,}",
        faults or "-",
        f"{tally.acknowledged:,}",
        str(tally.count(*LOST)),
        str(tally.count(*DOUBLED)),
        str(tally.count(*REORDERED)),
        str(tally.count(*FALSE)),
        f"{tally.slowest:.1f} s" if tally.slowest else "-",
    ]


def _methods(results: Sequence[Result]) -> list[str]:
    lines = ["## How", ""]
    for one in results:
        figures = "; ".join(f"{name} {value}" for name, value in one.tally.remarks.items())
        lines.append(f"- **{one.trial.name}**: {one.trial.method}")
        lines += [f"  Figures: {figures}."] if figures else []
        lines += [f"  Not tried: {one.missing}"] if one.missing else []
    return [*lines, ""]


def _findings(results: Sequence[Result]) -> list[str]:
    found = [(one.trial.name, finding) for one in results for finding in one.tally.findings]
    lines = [f"- {name}: {finding}" for name, finding in found[:200]]
    return ["## Findings", "", *(lines or ["None."]), ""]
