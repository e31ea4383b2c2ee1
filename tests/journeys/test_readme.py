"""README.md: every example is run as it stands there, against a small demonstration."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit.processes import ROOT
from tests.kit.small_england import EACH_HALF, small_england
from tests.kit.together import environment, together

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
TOKENS = ("Try it", "bash")
PATIENCE = 60

Block = tuple[str, str]
"""The heading under which a block stands, and its language."""


def blocks(text: str) -> dict[Block, str]:
    """The fenced blocks that are examples; two of a language under one heading are a fault."""
    found: dict[Block, str] = {}
    parts = r"^#+ (?P<heading>[^\n]+)$|^```(?P<language>\w*)\n(?P<body>.*?)^```$"
    heading = ""
    for part in re.finditer(parts, text, re.MULTILINE | re.DOTALL):
        if part["heading"]:
            heading = part["heading"]
        elif part["language"] in ("bash", "python"):
            assert (heading, part["language"]) not in found, heading
            found[heading, part["language"]] = part["body"]
    return found


BLOCKS = blocks(README)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a reader sits: a folder in which Open Door is installed and runs, and tokens."""

    folder: Path
    url: str
    environment: dict[str, str]

    def run(self, block: Block) -> str:
        """What a block prints. Only the address is another here."""
        language, body = block[1], BLOCKS[block].replace(ADDRESS, self.url)
        command = ["bash", "-c", body] if language == "bash" else [sys.executable, "-c", body]
        return _run(command, self.folder, self.environment)


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=PATIENCE
    )
    assert not done.stderr, done.stderr
    return done.stdout


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    small_england(folder / "var" / "demo")
    _install(folder / ".venv" / "bin" / "opendoor")
    with together(folder, "demo") as running:
        shown = _run(["bash", "-c", f"{BLOCKS[TOKENS]}\nenv -0"], folder, environment())
        variables = dict(one.split("=", 1) for one in shown.split("\0") if one)
        yield Desk(folder, running.url, variables)


def _install(command: Path) -> None:
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services "$@"\n')
    command.chmod(0o755)


def answers(printed: str) -> list[Any]:
    """The JSON documents in what several commands printed, one after another."""
    found, rest = [], printed.strip()
    while rest:
        one, end = json.JSONDecoder().raw_decode(rest)
        found.append(one)
        rest = rest[end:].lstrip()
    return found


def record_system_by_curl(printed: str) -> None:
    classified, timeline = answers(printed)
    assert classified["links"]["self"] == f"/intake/events/{classified['id']}"
    kinds = [one["type"] for one in timeline["items"]]
    assert kinds[:3] == ["event_reported", "never_event_proposed", "classification_decided"]


def record_system_in_python(printed: str) -> None:
    kinds = [line.split()[1] for line in printed.splitlines()]
    assert kinds[:3] == ["event_reported", "never_event_proposed", "classification_decided"]


def portal_by_curl(printed: str) -> None:
    seen, visited, case = answers(printed)
    assert seen["id"] == case["id"] != visited["id"]
    assert case["acknowledged_on"]
    assert case["parties"]["lead"] == "DEMOB01"


def portal_in_python(printed: str) -> None:
    *waiting, case = printed.splitlines()
    assert waiting
    assert all(" days: Acknowledge the case of DEMO" in line for line in waiting)
    assert case.endswith("DEMOB01 depth 0")


def subscriber_by_curl(printed: str) -> None:
    streamed, _, documents = printed.partition('{"items":')
    told = [line.removeprefix("data: ") for line in streamed.splitlines() if line[:5] == "data:"]
    ids = [line for line in streamed.splitlines() if line.startswith("id:")]
    assert ids[0] == "id: 1"
    assert ids[len(ids) // 2 + 1 :] == ids[1 : len(ids) // 2 + 1]
    assert len(ids) == 2 * len(set(ids)) - 1
    page, now, then = answers('{"items":' + documents)
    assert [json.loads(one) for one in told[:2]] == page["items"]
    assert (now["total"], then["total"]) == (2 * EACH_HALF, EACH_HALF)


def subscriber_in_python(printed: str) -> None:
    first, items, table = printed.splitlines()
    assert first.startswith("1 opendoor.learning.lesson_published.v1 Take the air flowmeter away")
    assert items == "6 items, the newest is number 6"
    assert table == f"{2 * EACH_HALF} never events; by 1 October 2023 {EACH_HALF} were known"


CHECKS: dict[Block, Callable[[str], None]] = {
    ("The record system of a trust", "bash"): record_system_by_curl,
    ("The record system of a trust", "python"): record_system_in_python,
    ("The portal of a commissioner", "bash"): portal_by_curl,
    ("The portal of a commissioner", "python"): portal_in_python,
    ("A national subscriber", "bash"): subscriber_by_curl,
    ("A national subscriber", "python"): subscriber_in_python,
}


@pytest.mark.timeout(400)
def test_every_example_does_what_it_says(tmp_path: Path, subtests: pytest.Subtests):
    with desk(tmp_path) as made:
        for block, check in CHECKS.items():
            with subtests.test(" ".join(block)):
                check(made.run(block))


def test_no_example_is_left_out():
    assert set(BLOCKS) == {TOKENS, *CHECKS}


def test_the_two_commands_stand_in_the_first_screen():
    first = "\n".join(README.splitlines()[:24])
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in ("run", "test"):
        assert f"make {word}" in first
        assert f"\n{word}: " in made


def test_every_folder_has_its_line():
    named = set(re.findall(r"^\| `([\w/]+)` \|", README, re.MULTILINE))
    there = {
        str(one.parent.relative_to(ROOT))
        for root in ("services", "shared")
        for one in (ROOT / root).glob("*/__init__.py")
    }
    assert named == there | {"tests", "requirements", "deploy", "pages", "bench"}


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert all(link.startswith(ADDRESS) or (ROOT / link).exists() for link in links), links
