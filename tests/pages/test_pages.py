"""Pages made from the code: a change of the code, or of a page, makes the check fail."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pages import api, events
from pages.__main__ import ROOT, main, stale
from pages.served import served
from services.__main__ import load_services
from services.learning.service import service as learning
from shared.contracts.asyncapi import document
from shared.contracts.base import REGISTRY
from shared.security.permissions import PERMISSIONS

GOLDENS = "tests/contracts/goldens"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with what the pages take from files."""
    shutil.copytree(ROOT / GOLDENS, tmp_path / GOLDENS)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "running.md", tmp_path / "docs")
    return tmp_path


def test_what_was_written_passes_until_something_is_changed(
    house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert main(house, ("--check",)) == 1
    missing = capsys.readouterr().err.splitlines()
    assert main(house, ()) == 0
    made = {one: (house / one).read_text() for one in (line.split()[0] for line in missing)}
    assert set(made) == {
        "docs/api.md",
        "docs/asyncapi.json",
        "docs/events.md",
        "docs/verbs.md",
        *(f"docs/openapi/{name}.json" for name in ("intake", "assurance", "learning")),
    }
    # From here on they need not be made again: only what is compared changes.
    monkeypatch.setattr("pages.__main__.every", lambda root: made)
    assert main(house, ("--check",)) == 0
    (house / "docs" / "api.md").write_text(made["docs/api.md"].replace("ReportEvent", "Report"))
    (house / "docs" / "verbs.md").unlink()
    running = house / "docs" / "running.md"
    running.write_text(running.read_text().replace("| `8000` |", "| `80` |"))
    assert main(house, ("--check",)) == 1
    assert capsys.readouterr().err.splitlines() == [
        "docs/api.md is not as the code has it: `make docs` writes it.",
        "docs/verbs.md is not as the code has it: `make docs` writes it.",
        "docs/running.md says that OPENDOOR_PORT is `80` by default; it is 8000.",
    ]


async def test_another_route_right_or_problem_is_another_page(monkeypatch: pytest.MonkeyPatch):
    (before,) = await served((learning,))
    page = api.page((before,))
    rest = tuple(row for row in learning.commands if row.type.__name__ != "Dismiss")
    (after,) = await served((replace(learning, commands=rest),))
    assert before.openapi != after.openapi
    assert page != api.page((after,))
    row = next(one for one in page.splitlines() if "**MarkSeen**" in one)
    assert "`record_adoption`: trust; commissioner" in row
    assert "| 200, 201 |" in row or "| 200, 202 |" in row
    assert row.endswith("| any, closed, command, `not-found` |")
    grants = {**PERMISSIONS, "record_adoption": PERMISSIONS["publish"]}
    monkeypatch.setattr("pages.api.PERMISSIONS", grants)
    assert page != api.page((before,))


def test_another_word_example_or_reaction_is_another_page(
    house: Path, monkeypatch: pytest.MonkeyPatch
):
    type_ = "opendoor.learning.lesson_withdrawn.v1"
    page = events.page((learning,), house / GOLDENS)
    deaf = replace(learning, reactions=learning.reactions[1:])
    assert events.page((deaf,), house / GOLDENS) == page  # it hears others, who are not asked here
    golden = house / GOLDENS / f"{type_}.json"
    golden.write_text(golden.read_text().replace('"version":', '"versions":'))
    assert events.page((learning,), house / GOLDENS) != page
    whole = document("1")
    monkeypatch.setattr(REGISTRY[type_].cls, "__doc__", "A lesson is no more.")
    assert document("1") != whole
    assert stale(house, {"docs/events.md": page}) == ["docs/events.md"]


def test_who_reacts_is_said():
    page = events.page(load_services(), ROOT / GOLDENS)
    row = next(one for one in page.splitlines() if one.startswith("| [CaseClosedV1]"))
    assert row.endswith("| restricted | intake acts on it, learning acts on it |")
