"""Each rule that a comment cites stands in docs/rules.md, said once."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, sources

PAGE = ROOT / "docs" / "rules.md"
_ID = r"[A-Z]\d{1,2}"
_CITED = re.compile(rf"\(({_ID}(?:-{_ID})?(?:, {_ID}(?:-{_ID})?)*)\)")
_SAID = re.compile(rf"^- \*\*({_ID})\*\* ", re.MULTILINE)


def cited(text: str) -> set[str]:
    """The ids that a text cites in brackets; `H4-H6` is three."""
    found = set[str]()
    for group in _CITED.findall(text):
        for part in group.split(", "):
            first, _, last = part.partition("-")
            last = last or first
            found |= {f"{first[0]}{n}" for n in range(int(first[1:]), int(last[1:]) + 1)}
    return found


def unexplained(root: Path) -> list[str]:
    """`file: ids` for each file of the product that cites a rule which the page does not have."""
    said = set(_SAID.findall((root / "docs" / "rules.md").read_text(encoding="utf-8")))
    files = sources(root, "services", "shared")
    missing = {path: cited(path.read_text(encoding="utf-8")) - said for path in files}
    return [f"{path.relative_to(root)}: {sorted(ids)}" for path, ids in missing.items() if ids]


def test_every_rule_that_is_cited_stands_on_the_page() -> None:
    assert unexplained(ROOT) == []


def test_a_rule_stands_there_once() -> None:
    counted = Counter(_SAID.findall(PAGE.read_text(encoding="utf-8")))
    assert [one for one, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("it is not there (M8).", {"M8"}),
        ("kept (H4-H6)", {"H4", "H5", "H6"}),
        ("listed fields (H24, M10)", {"H24", "M10"}),
        ("closed by default (M4-M5, H9)", {"M4", "M5", "H9"}),
        ("as of (X26) in the register RTH (RTH)", {"X26"}),
        ("nothing (see above)", set()),
    ],
)
def test_how_rules_are_cited(text: str, ids: set[str]) -> None:
    assert cited(text) == ids


def test_a_planted_citation_is_found(tmp_path: Path) -> None:
    for folder in ("docs", "services", "shared"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docs" / "rules.md").write_text("- **H1** Plain JSON.\n")
    (tmp_path / "shared" / "plain.py").write_text('"""As said (H1)."""\n')
    (tmp_path / "services" / "odd.py").write_text('"""As nobody said (H99)."""\n')
    assert unexplained(tmp_path) == ["services/odd.py: ['H99']"]
