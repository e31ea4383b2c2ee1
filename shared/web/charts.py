"""Charts as SVG drawn on the server: title and description for every reader, no script."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW = 26
BAR = 16
LABELS = 330
BARS = 320
FIGURES = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it counts and how many."""

    label: str
    count: int


def bar_chart(title: str, description: str, bars: Sequence[Bar]) -> str:
    """Horizontal bars in the order given, each with its label and its number beside it.

    The same numbers belong in a table beside the chart (P5): this is the picture of it.
    """
    longest = max((bar.count for bar in bars), default=0) or 1
    height = ROW * len(bars) + 8
    # Several charts stand on one page, and an id names one thing.
    name = re.sub(r"[^a-z0-9]+", "-", title.lower())
    width = LABELS + BARS + FIGURES
    rows = "".join(_row(bar, place, longest) for place, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{name}-title {name}-desc" class="chart">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{rows}</svg>'
    )


def _row(bar: Bar, place: int, longest: int) -> str:
    top = 4 + place * ROW
    length = max(1, round(BARS * bar.count / longest)) if bar.count else 0
    middle = top + BAR - 3
    return (
        f'<text x="{LABELS - 10}" y="{middle}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect x="{LABELS}" y="{top}" width="{length}" height="{BAR}"></rect>'
        f'<text x="{LABELS + length + 8}" y="{middle}">{bar.count}</text>'
    )
