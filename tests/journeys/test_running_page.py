"""docs/running.md: every setting and every command stands there, as the code has it."""

import re
from pathlib import Path

from shared.runtime.settings import Settings
from tests.kit.processes import ROOT
from tests.kit.verbs import verbs

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
DESCRIBED = re.compile(r"^\(.+\)$")
"""A default that is said in words, where the value itself is empty."""


def rows(start: str) -> list[list[str]]:
    """The cells of the table rows whose first cell begins so."""
    lines = (line for line in PAGE.splitlines() if line.startswith(f"| `{start}"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_setting_stands_there_with_its_default():
    told = {variable.strip("`"): default for variable, default, _ in rows("OPENDOOR_")}
    assert set(told) == {f"OPENDOOR_{name.upper()}" for name in Settings.model_fields}
    for name, one in Settings.model_fields.items():
        default = told[f"OPENDOOR_{name.upper()}"]
        if one.default in ("", None):
            assert DESCRIBED.match(default), name
        else:
            assert default == f"`{shown(one.default)}`", name


def shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_every_command_stands_there():
    told = {words.split()[0] for row in rows("opendoor ") for words in commands(row[0])}
    assert told == {one.words.split()[0] for one in verbs()}


def commands(cell: str) -> list[str]:
    first, *more = re.findall(r"`(?:opendoor )?([^`]+)`", cell)
    return [first, *(one for one in more if one.split()[0] == first.split()[0])]


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
