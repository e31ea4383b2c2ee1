"""What no file may say: an address in a lock file, a path of the machine it was written on."""

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

ADDRESS = re.compile(
    r"\w+://|\bwww\.|--(?:extra-)?index-url|--find-links|\b\w+\.(?:org|com|net|io)\b"
)
HOMES = ("/home/[a-z]", "/Users/[A-Za-z]")
LOCKS = ("requirements/*.txt", "package-lock.json")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def machine_paths() -> re.Pattern[str]:
    """People's homes, and this machine's home, scratch folder and checkout."""
    here = [Path.home(), Path(tempfile.gettempdir())]
    if len(ROOT.parts) > 2:
        here.append(ROOT)
    folders = [*HOMES, *(f"{re.escape(str(path))}/[^/\\s]" for path in here if path.parent != path)]
    return re.compile(rf"(?<![\w.}}>-])(?:{'|'.join(folders)})")


MACHINE = machine_paths()


def committed() -> list[Path]:
    """Every file that git keeps, or, without git, every file of the known folders."""
    said = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if said.returncode:
        return [path for path in ROOT.glob("[!.]*/**/*") if path.is_file()]
    return [ROOT / name for name in said.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str], paths: Iterable[Path], root: Path = ROOT) -> list[str]:
    """`file:line: text`, for each line of the text files in which `pattern` is found."""
    found = []
    for path in paths:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {line.strip()[:120]}")
    return found


def test_lock_files_hold_no_address() -> None:
    locks = [path for pattern in LOCKS for path in ROOT.glob(pattern)]
    assert locks
    assert lines_with(ADDRESS, locks) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_every_pinned_package_has_its_hashes(path: Path) -> None:
    for entry in re.split(r"\n(?=\S)", path.read_text().strip()):
        assert re.match(r"[\w.-]+(?:\[[\w,-]+\])?==\S+", entry), entry
        assert HASH.search(entry), entry


def test_no_file_names_a_path_of_a_machine() -> None:
    here = Path(__file__)
    others = [path for path in committed() if path != here]
    assert lines_with(MACHINE, others) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (ADDRESS, "--index-url https://index.example/simple"),
        (ADDRESS, "  # via files.example.org"),
        (ADDRESS, '"resolved": "http://registry.example/a.tgz"'),
        (MACHINE, "data = '/home/somebody/data'"),
        (MACHINE, "see /Users/somebody/notes"),
        (MACHINE, f"cd {Path.home()}/open-door"),
        (MACHINE, f"log = '{tempfile.gettempdir()}/trace.log'"),
        (MACHINE, f"read {ROOT}/README.md"),
    ],
)
def test_a_planted_line_is_found(tmp_path: Path, pattern: re.Pattern[str], line: str) -> None:
    planted = tmp_path / "file.txt"
    planted.write_text(f"fine\n{line}\n")
    assert lines_with(pattern, [planted], tmp_path) == [f"file.txt:2: {line.strip()}"]


@pytest.mark.parametrize(
    "line",
    ["GET /intake/home/7", "href='/assurance/Users/x'", "COPY --from=build /opt/app /opt/app"],
)
def test_what_is_no_machine_path_passes(tmp_path: Path, line: str) -> None:
    fine = tmp_path / "file.txt"
    fine.write_text(line)
    assert lines_with(MACHINE, [fine], tmp_path) == []
