"""The soak as SVG: four panels over time, with a title and a description for every reader."""

from collections.abc import Mapping, Sequence
from html import escape

from tests.strangers.steady import Sample

WIDTH, PANEL, LEFT, RIGHT, TOP = 760, 150, 70, 210, 40
GAP = 34
COLOURS = ("#005eb8", "#b8400a", "#00703c", "#7c2855", "#8a6d00", "#425563")
GREY = "#425563"

Lines = Mapping[str, Sequence[float]]


def drawn(samples: Sequence[Sample], title: str) -> str:
    """The picture. `samples` must hold at least two."""
    names = list(samples[0].memory)
    panels: dict[str, Lines] = {
        "memory, MiB": {name: [one.memory[name] for one in samples] for name in names},
        "descriptors": {name: [one.descriptors[name] for one in samples] for name in names},
        "connections and lag": {
            "connections": [one.connections for one in samples],
            "lag, records": [one.lag for one in samples],
        },
        "heard after, ms": {"median": [1000 * one.heard_after for one in samples]},
    }
    height = TOP + len(panels) * (PANEL + GAP) + 20
    minutes = samples[-1].at / 60
    says = f"Each figure over {minutes:.1f} minutes of even load; a level line is what is wanted."
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' role='img' "
        "aria-labelledby='t d' font-family='Arial, Helvetica, sans-serif' font-size='12'>",
        f"<title id='t'>{escape(title)}</title><desc id='d'>{escape(says)}</desc>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        f"<text x='{LEFT}' y='22' font-size='15' font-weight='bold'>{escape(title)}</text>",
    ]
    for place, (name, lines) in enumerate(panels.items()):
        parts += _panel(TOP + place * (PANEL + GAP), name, lines, [one.at for one in samples])
    return "\n".join((*parts, "</svg>")) + "\n"


def _panel(top: float, name: str, lines: Lines, times: Sequence[float]) -> list[str]:
    bottom = top + PANEL
    highest = max((max(values) for values in lines.values()), default=0) or 1
    right = WIDTH - RIGHT
    found = [
        f"<text x='{LEFT}' y='{top + 8}' fill='{GREY}'>{escape(name)}</text>",
        *(_level(top + 14, bottom, share, share * highest) for share in (0, 0.5, 1)),
        f"<text x='{LEFT}' y='{bottom + 14}' fill='{GREY}'>0</text>",
        f"<text x='{right}' y='{bottom + 14}' text-anchor='end' fill='{GREY}'>"
        f"{times[-1] / 60:.1f} min</text>",
    ]
    for place, (label, values) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        points = " ".join(
            f"{LEFT + (right - LEFT) * at / (times[-1] or 1):.1f},"
            f"{bottom - (bottom - top - 14) * value / highest:.1f}"
            for at, value in zip(times, values, strict=True)
        )
        y = top + 24 + 18 * place
        found.append(
            f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.6'/>"
            f"<text x='{right + 14}' y='{y}' fill='{colour}'>{escape(label)}</text>"
        )
    return found


def _level(top: float, bottom: float, share: float, value: float) -> str:
    y = bottom - (bottom - top) * share
    said = f"{value:,.0f}" if value >= 10 or not value else f"{value:.1f}"
    return (
        f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#d8dde0'/>"
        f"<text x='{LEFT - 8}' y='{y + 4:.1f}' text-anchor='end' fill='{GREY}'>{said}</text>"
    )
