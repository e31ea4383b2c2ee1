"""Finds the national reference files, which the project does not carry, or says they are absent."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
VARIABLE = "OPENDOOR_REFERENCE_DATA"


@pytest.fixture(scope="session")
def reference_file() -> Callable[[str], str]:
    """Text of a national reference file; skips the test where the folder is not at hand."""
    folder = Path(os.environ.get(VARIABLE) or PROJECT.parent / "shared" / "data")

    def read(name: str) -> str:
        path = folder / name
        if not path.is_file():
            pytest.skip(f"{name} is not at hand: set {VARIABLE} to the reference data folder")
        return path.read_text(encoding="utf-8")

    return read
