"""docs/running.md: every setting and every command stands there, as the code has it."""

import re
from pathlib import Path

import pytest

from pages.command_line import verbs
from pages.settings import faults
from tests.kit.processes import ROOT

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


def rows(start: str) -> list[list[str]]:
    """The cells of the table rows whose first cell begins so."""
    lines = (line for line in PAGE.splitlines() if line.startswith(f"| `{start}"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_setting_stands_there_with_its_default():
    assert faults(PAGE) == []


PLANTED = {
    ("`OPENDOOR_PORT` | `8000`", "`OPENDOOR_PORT` | `80`"): (
        "docs/running.md says that OPENDOOR_PORT is `80` by default; it is 8000."
    ),
    ("| `OPENDOOR_HOST` |", "| `OPENDOOR_HOSTS` |"): (
        "docs/running.md has OPENDOOR_HOSTS, which is none."
    ),
    ("| `OPENDOOR_POOL_SIZE` |", "| pool |"): (
        "docs/running.md lacks the setting OPENDOOR_POOL_SIZE."
    ),
}


@pytest.mark.parametrize("change", PLANTED)
def test_a_setting_told_otherwise_is_found(change: tuple[str, str]):
    assert change[0] in PAGE
    assert PLANTED[change] in faults(PAGE.replace(*change))


def test_every_command_stands_there():
    told = {words.split()[0] for row in rows("opendoor ") for words in commands(row[0])}
    assert told == {one.words.split()[0] for one in verbs()}


def commands(cell: str) -> list[str]:
    """Those of `opendoor`, and what stands behind one without it: the same with another word."""
    first, *more = re.findall(r"`(opendoor )?([^`]+)`", cell)
    word = first[1].split()[0]
    return [first[1], *(one for given, one in more if given or one.split()[0] == word)]


def test_every_link_of_the_pages_leads_somewhere():
    pages = (ROOT / "docs").rglob("*.md")
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not exists(page.parent, link)
    ]
    assert broken == []


def exists(folder: Path, link: str) -> bool:
    return (folder / link).exists()
