"""The page at `/`, in development: what runs, how to try it, and what it has to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from shared.web.charts import Bar, bar_chart


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """One step of a story: the London day (YYYY-MM-DD) and what happened, in plain words."""

    on: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What a service shows of itself on the page at `/`: a story, a chart with its numbers, or
    nothing yet."""

    story_title: str = ""
    story: tuple[StoryStep, ...] = ()
    chart_title: str = ""
    chart_note: str = ""
    bars: tuple[Bar, ...] = ()

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def svg(self) -> str:
        return bar_chart(self.chart_title, self.chart_note, self.bars)


_PAGES = Environment(
    loader=PackageLoader("shared.runtime", "templates"), autoescape=select_autoescape()
)


def home_page(
    services: Sequence[Mapping[str, Any]],
    panels: Sequence[Panel],
    *,
    token_command: str,
    synthetic: bool,
) -> str:
    """The page as HTML. Each service: `name`, `title`, `description`, `events`."""
    return _PAGES.get_template("home.html").render(
        services=services, panels=panels, token_command=token_command, synthetic=synthetic
    )
