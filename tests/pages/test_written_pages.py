"""Pages written by hand name what is there: files, symbols in them, commits, words of make."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.kit.processes import ROOT

PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/running.md", "README.md")
FOLDERS = "services|shared|tests|docs|pages|deploy|requirements"
_FILE = re.compile(rf"(?<![\w/.-])((?:{FOLDERS})/[\w./-]*\w)")
_ROAD = re.compile(rf"^  ((?:{FOLDERS})/\S+) +(async def|\w+)  ", re.MULTILINE)
_COMMIT = re.compile(r"`git show ([0-9a-f]{7,40})`")
_WORD = re.compile(r"`make ([a-z]+)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def missing(text: str) -> list[str]:
    """Files that a page names and that are not there."""
    return [name for name in _FILE.findall(text) if not (ROOT / name).exists()]


def strange(text: str) -> Iterator[str]:
    """Symbols of a road that the file beside them does not have."""
    for name, symbol in _ROAD.findall(text):
        if not re.search(rf"\b{symbol}\b", text_of(name)):
            yield f"{name}: {symbol}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_that_are_there(page: str):
    assert missing(text_of(page)) == []


def test_the_way_of_a_report_names_what_is_in_its_files():
    road = text_of("docs/architecture.md")
    assert len(_ROAD.findall(road)) > 20
    assert list(strange(road)) == []


def test_a_planted_name_is_found():
    assert missing("see `services/intake/nowhere.py` and tests/kit") == [
        "services/intake/nowhere.py"
    ]
    line = "  services/intake/commands.py   NO_COMMANDS   who may\n"
    assert list(strange(line)) == ["services/intake/commands.py: NO_COMMANDS"]


def test_every_word_of_make_is_one_and_is_told():
    made = set(re.findall(r"^([a-z]+): .*## ", text_of("Makefile"), re.MULTILINE))
    told = set(_WORD.findall(text_of("CONTRIBUTING.md")))
    assert told - {"format"} <= made
    assert made - {"help"} == told & made


def test_the_commits_are_in_the_history():
    """Of a copy without its history there is nothing to ask."""
    named = _COMMIT.findall(text_of("CONTRIBUTING.md"))
    assert len(named) >= 3
    if git("rev-parse", "--is-shallow-repository") == "false":
        assert [one for one in named if git("cat-file", "-t", one) != "commit"] == []
        assert git("cat-file", "-t", "0123456789") != "commit"


def git(*arguments: str) -> str:
    """What git answers here; nothing where it cannot."""
    said = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() if said.returncode == 0 else ""
