"""Lines over clients as SVG, with a title and a description for every reader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 74, 236, 52, 52
COLOURS = ("#005eb8", "#b8400a", "#00703c", "#7c2855", "#8a6d00", "#425563", "#00838f")
FONT = "font-family='Arial, Helvetica, sans-serif'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One contestant: its y for each x; None where it was not measured."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn: `xs` stand evenly apart; y is logarithmic where `log` says so."""

    title: str
    description: str
    xs: tuple[int, ...]
    lines: tuple[Line, ...]
    unit: str
    log: bool = False


def draw(picture: Picture) -> str:
    """The SVG."""
    ticks = _ticks(picture)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-labelledby='t d' {FONT} font-size='12'>",
        f"<title id='t'>{escape(picture.title)}</title>",
        f"<desc id='d'>{escape(picture.description)}</desc>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>",
        f"<text x='{LEFT}' y='24' font-size='15' font-weight='bold'>{escape(picture.title)}</text>",
        f"<text x='{LEFT}' y='42' fill='#425563'>{escape(picture.unit)}, over clients</text>",
        *(_grid(one, _y(one, ticks, picture.log)) for one in ticks),
        *(_column(x, _x(place, picture)) for place, x in enumerate(picture.xs)),
        *(_line(one, place, picture, ticks) for place, one in enumerate(picture.lines)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ticks(picture: Picture) -> list[float]:
    """Round numbers from below the smallest to above the largest value."""
    values = [one for line in picture.lines for one in line.values if one] or [1.0]
    if picture.log:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return [10.0**power for power in range(low, max(high, low + 1) + 1)]
    step = 10.0 ** math.floor(math.log10(max(values)))
    step = next(one for one in (step / 5, step / 2, step, step * 2) if max(values) / one <= 6)
    return [step * number for number in range(math.ceil(max(values) / step) + 1)]


def _x(place: int, picture: Picture) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place / max(1, len(picture.xs) - 1)


def _y(value: float, ticks: Sequence[float], log: bool) -> float:
    scale = math.log10 if log else float
    low, high = scale(ticks[0]), scale(ticks[-1])
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scale(value) - low) / (high - low)


def _grid(tick: float, y: float) -> str:
    said = f"{tick:,.0f}" if tick >= 1 or not tick else f"{tick:g}"
    return (
        f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#d8dde0'/>"
        f"<text x='{LEFT - 8}' y='{y + 4:.1f}' text-anchor='end' fill='#425563'>{said}</text>"
    )


def _column(clients: int, x: float) -> str:
    y = HEIGHT - BOTTOM + 20
    return f"<text x='{x:.1f}' y='{y}' text-anchor='middle' fill='#425563'>{clients}</text>"


def _line(line: Line, place: int, picture: Picture, ticks: Sequence[float]) -> str:
    colour = COLOURS[place % len(COLOURS)]
    points = [
        (_x(column, picture), _y(value, ticks, picture.log))
        for column, value in enumerate(line.values)
        if value is not None and (value > 0 or not picture.log)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{colour}'/>" for x, y in points
    )
    x, y = WIDTH - RIGHT + 16, TOP + 14 + 22 * place
    return (
        f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>{dots}"
        f"<line x1='{x}' x2='{x + 18}' y1='{y - 4}' y2='{y - 4}' stroke='{colour}' "
        f"stroke-width='3'/><text x='{x + 24}' y='{y}'>{escape(line.name)}</text>"
    )
