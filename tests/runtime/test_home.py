"""The page at `/`: what each service is, its story and its figures, and nothing unescaped."""

from typing import Any

from shared.runtime.home import Panel, StoryStep, home_page
from shared.web.charts import Bar

SERVICE = {"name": "boxes", "title": "Boxes", "description": "Made <up>.", "events": 1234}


def page(*panels: Panel, **more: Any) -> str:
    given = {"token_command": "opendoor token --role trust", "synthetic": True, **more}
    return home_page([SERVICE], panels, **given)


def test_each_service_is_named_with_its_pages():
    html = page()
    assert "Boxes" in html
    assert 'href="/boxes/docs"' in html
    assert "opendoor token --role trust" in html


def test_what_is_told_is_escaped():
    html = page(Panel(story_title="A <b>", story=(StoryStep(on="2018-12-19", what="<i>it</i>"),)))
    assert "Made &lt;up&gt;." in html
    assert "&lt;i&gt;it&lt;/i&gt;" in html
    assert "<i>" not in html


def test_a_story_stands_in_its_order():
    steps = (StoryStep(on="2018-12-19", what="reported"), StoryStep(on="2019-03-01", what="closed"))
    html = page(Panel(story_title="One report", story=steps))
    assert html.index("reported") < html.index("closed")


def test_a_chart_comes_with_its_numbers():
    panel = Panel(chart_title="Depth", bars=(Bar("Paper", 3), Bar("Presence", 4)))
    assert panel.total == 7
    html = page(panel)
    assert "<svg" in html
    assert "Paper" in html


def test_a_service_with_nothing_to_show_shows_nothing():
    assert "<svg" not in page(Panel())


def test_a_chart_s_words_are_escaped():
    bars = (Bar("<i>Paper</i>", 3),)
    html = page(Panel(chart_title="<i>Depth</i>", chart_note="<i>x</i>", bars=bars))
    assert "<i>" not in html


def test_synthetic_cases_are_said_to_be_so():
    assert "Synthetic data" in page(synthetic=True)
    assert "Synthetic data" not in page(synthetic=False)
