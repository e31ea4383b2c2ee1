"""docs/benchmarks.md and its pictures, made from a run's results and nothing else."""

from collections.abc import Sequence
from typing import Any

from bench.bars import judged
from bench.names import APPEND, CLIENTS, POST
from bench.pictures import Line, Picture, draw
from bench.results import Figure, Results
from bench.words import OPENING, REASONS, SECTIONS, Section

PAGE = "docs/benchmarks.md"
FOLDER = "docs/benchmarks"
SAYS = {True: "yes", False: "**no**", None: "not measured"}


def pages(results: Results) -> dict[str, str]:
    """Text by path below the root: the page, and an SVG for each picture."""
    drawn = {f"{FOLDER}/{name}.svg": draw(one) for name, one in pictures(results).items()}
    return {PAGE: page(results), **drawn}


def page(results: Results) -> str:
    """The page."""
    parts = [
        OPENING,
        _where(results),
        _bars(judged(results)),
        *(_section(one, results) for one in SECTIONS if _has(results, one.row)),
    ]
    return "\n".join(parts)


def pictures(results: Results) -> dict[str, Picture]:
    """By name of the file: throughput and latency over clients, of both rows that have clients."""
    made: dict[str, Picture] = {}
    for row, what in ((APPEND, "Appends to the log"), (POST, "POST /intake/events")):
        if results.of(row):
            made[f"{row}-throughput"] = _throughput(results.of(row), what)
            made[f"{row}-latency"] = _latency(results.of(row), what)
    return made


def _has(results: Results, row: str) -> bool:
    return bool(results.of(row)) or any(one.row == row for one in results.unmeasured)


def _where(results: Results) -> str:
    told = {
        "began": results.began,
        "took": f"{results.seconds:.0f} s",
        "command": f"`{results.command}`",
        **results.machine,
        **results.versions,
        **{f"PostgreSQL: {name}": value for name, value in results.settings.items()},
    }
    rows = [[name, value] for name, value in told.items()]
    return f"## Where and when\n\n{_table(['what', 'value'], rows)}"


def _bars(bars: Sequence[dict[str, Any]]) -> str:
    rows = [
        [
            one["name"],
            f"{one['sense']} {one['bar']:g} {one['unit']}",
            "" if one["value"] is None else f"{one['value']:.3g}",
            SAYS[one["holds"]],
        ]
        for one in bars
    ]
    table = _table(["what", "bar", "measured", "holds"], rows)
    reasons = [f"- {one['name']}: {REASONS[one['name']]}" for one in bars if one["name"] in REASONS]
    why = "\n".join(["", "What was found where a bar was in doubt:", "", *reasons, ""])
    return f"## The numbers to hold\n\n{table}{why if reasons else ''}"


def _section(section: Section, results: Results) -> str:
    figures = results.of(section.row)
    parts = [f"## {section.title}", "", section.text, ""]
    if any(one.clients for one in figures):
        parts += [_over_clients(figures), *_shown(section.row, results)]
    elif figures:
        parts.append(_plain(figures))
    missing = [one for one in results.unmeasured if one.row == section.row]
    parts += [f"Not measured: {one.name}, because {one.why}\n" for one in missing]
    return "\n".join(parts)


def _shown(row: str, results: Results) -> list[str]:
    return [
        f"![{one.title}]({FOLDER.rpartition('/')[2]}/{name}.svg)\n"
        for name, one in pictures(results).items()
        if name.startswith(f"{row}-")
    ]


def _over_clients(figures: Sequence[Figure]) -> str:
    head = ["what", "clients", "median", "lowest", "highest", "p50 ms", "p99 ms", "client's CPU"]
    return _table(head, [_row(one) for one in figures])


def _row(one: Figure) -> list[str]:
    share = "" if one.client_share is None else f"{one.client_share:.0%}"
    return [
        one.name,
        str(one.clients),
        f"{_number(one.value)} {one.unit}",
        _number(min(one.samples)),
        _number(max(one.samples)),
        _milliseconds(one.p50),
        _milliseconds(one.p99),
        share,
    ]


def _plain(figures: Sequence[Figure]) -> str:
    timed = any(one.p50 is not None for one in figures)
    head = ["what", "median", "lowest", "highest", *(["p50 ms", "p99 ms"] if timed else [])]
    rows = [
        [
            one.name,
            f"{_number(one.value)} {one.unit}",
            _number(min(one.samples)),
            _number(max(one.samples)),
            *([_milliseconds(one.p50), _milliseconds(one.p99)] if timed else []),
        ]
        for one in figures
    ]
    return _table(head, rows)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(one)} |\n" for one in lines)


def _throughput(figures: Sequence[Figure], what: str) -> Picture:
    return Picture(
        title=f"{what}: throughput",
        description="More is better. The figures stand in the table beside it.",
        xs=CLIENTS,
        lines=_lines(figures, lambda one: one.value),
        unit=f"{figures[0].unit}, median",
    )


def _latency(figures: Sequence[Figure], what: str) -> Picture:
    return Picture(
        title=f"{what}: latency at p99",
        description="Less is better; the scale is logarithmic. The table has p50 as well.",
        xs=CLIENTS,
        lines=_lines(figures, lambda one: one.p99),
        unit="milliseconds",
        log=True,
    )


def _lines(figures: Sequence[Figure], value: Any) -> tuple[Line, ...]:
    names = list(dict.fromkeys(one.name for one in figures))
    by_place = {(one.name, one.clients): value(one) for one in figures}
    return tuple(
        Line(name=name, values=tuple(by_place.get((name, width)) for width in CLIENTS))
        for name in names
    )
