"""The page says what the JSON says, and so does the page that is kept."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.__main__ import KEPT, arguments, chosen, together
from bench.bars import judged
from bench.page import PAGE, page, pages, pictures
from bench.pictures import Line, Picture, draw
from bench.results import Figure, as_json, read
from bench.rows.every import ROWS
from tests.bench.examples import fairness, results

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def written(folder: Path, *more: Figure) -> Path:
    path = folder / "latest.json"
    found = results(*more)
    path.write_text(as_json(found, judged(found)), encoding="utf-8")
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read(written(tmp_path)) == results()


def test_the_bars_stand_in_the_json(tmp_path: Path) -> None:
    told = json.loads(written(tmp_path, fairness(0.95)).read_text())
    assert {"name", "value", "bar", "holds"} <= told["bars"][0].keys()
    assert [one["holds"] for one in told["bars"] if one["value"] is not None] == [True]


def test_medians_stand_beside_their_samples(tmp_path: Path) -> None:
    told = json.loads(written(tmp_path).read_text())["figures"][2]
    assert (told["samples"], told["value"]) == ([1999, 2000, 2002], 2000)


def test_every_figure_of_the_json_stands_on_the_page(tmp_path: Path) -> None:
    text = page(read(written(tmp_path)))
    for name, clients, value in (
        ("Open Door, PostgreSQL", 32, "2,000 appends/s"),
        ("Open Door, SQLite", 1, "200 appends/s"),
    ):
        assert f"| {name} | {clients} | {value} |" in text
    assert "Not measured: message-db, because there is no npm." in text


@pytest.mark.parametrize(("value", "said"), [(0.95, "| 0.95 | yes |"), (0.5, "| 0.5 | **no** |")])
def test_a_bar_says_on_the_page_whether_it_holds(value: float, said: str) -> None:
    assert f"at least 0.9 times {said}" in page(results(fairness(value)))


def test_a_picture_has_a_line_and_a_dot_for_each_figure() -> None:
    svg = parsed(pictures(results())["append-throughput"])
    assert [one.text for one in svg.findall(f"{SVG}title")] == ["Appends to the log: throughput"]
    assert len(svg.findall(f"{SVG}polyline")) == 2
    assert len(svg.findall(f"{SVG}circle")) == 8


def test_more_is_drawn_higher() -> None:
    low, high = drawn(Line(name="a", values=(1.0, 1000.0)))
    assert low > high


def test_what_was_not_measured_is_not_drawn() -> None:
    assert len(drawn(Line(name="a", values=(None, 10.0)))) == 1


def drawn(line: Line) -> list[float]:
    """The height of each dot, from the top."""
    picture = Picture(title="t", description="d", xs=(1, 8), lines=(line,), unit="u", log=True)
    return [float(one.attrib["cy"]) for one in parsed(picture).findall(f"{SVG}circle")]


def parsed(picture: Picture) -> ET.Element:
    return ET.fromstring(draw(picture))  # noqa: S314 - drawn a moment ago, by us


def test_the_kept_page_and_pictures_are_those_of_the_kept_figures() -> None:
    made = pages(read(ROOT / KEPT))
    assert {name: (ROOT / name).read_text(encoding="utf-8") for name in made} == made


def test_the_kept_page_shows_its_pictures() -> None:
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / PAGE).read_text(encoding="utf-8"))
    assert {f"docs/{one}" for one in shown} == set(pages(read(ROOT / KEPT))) - {PAGE}


def test_a_short_run_keeps_the_last_long_one_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.__main__.ROOT", tmp_path)
    long = Figure(row="long", name="at 10 million events", unit="ms", samples=(2,))
    (tmp_path / KEPT).parent.mkdir(parents=True)
    before = results(long)
    (tmp_path / KEPT).write_text(as_json(before, []), encoding="utf-8")
    assert together(results(fairness(1))).figures[-2:] == [fairness(1), long]


def test_a_long_run_asks_for_long_rows_alone() -> None:
    assert all(one.long for one in chosen(arguments(["--long"])))
    assert [one.name for one in chosen(arguments([]))] == [one.name for one in ROWS if not one.long]
