"""The full national reference files, which the project does not carry, for comparisons."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
VARIABLE = "OPENDOOR_REFERENCE_DATA"


def reference_folder() -> Path:
    return Path(os.environ.get(VARIABLE) or PROJECT.parent / "shared" / "data")


@pytest.fixture(scope="session")
def reference_file() -> Callable[[str], str]:
    """Text of a national reference file, by its name."""

    def read(name: str) -> str:
        return (reference_folder() / name).read_text(encoding="utf-8")

    return read


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests that want the files where these are not at hand."""
    if reference_folder().is_dir():
        return
    wanting = [item for item in items if "reference_file" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in wanting]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not reference_folder().is_dir():
        terminalreporter.section("national reference files")
        terminalreporter.write_line(
            "They are not at hand, so tests against them were left out: "
            f"set {VARIABLE} to their folder.",
            yellow=True,
        )
