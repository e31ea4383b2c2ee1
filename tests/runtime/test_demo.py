"""The demonstration's folder: what somebody else put there stays, whatever was left half done."""

from contextlib import closing
from dataclasses import replace
from os import fstat
from os.path import samestat
from pathlib import Path

import pytest

from shared.kernel.errors import Misconfigured
from shared.log.sqlite_files import lock
from shared.runtime.settings import load_settings
from shared.runtime.storytelling import Stage
from shared.runtime.verbs.demo import BEGUN, DONE, build
from tests.runtime.boxes import service


async def nothing(stage: Stage) -> None:
    """A script without a story."""


async def broken(stage: Stage) -> None:
    raise RuntimeError("the lights went out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "demo"
    made.mkdir()
    return made


def built(folder: Path, script=nothing) -> None:
    settings = load_settings(environment="development", data_dir=folder, synthetic=True)
    build((replace(service, reactions=()),), settings, script)


def test_an_empty_folder_is_built_in(folder: Path):
    built(folder)
    assert (folder / DONE).exists()
    assert (folder / "boxes.db").exists()


@pytest.mark.parametrize("stranger", ["thumbs.db", "notes.txt", "boxes.db"])
def test_a_folder_that_holds_anything_else_is_left_alone(folder: Path, stranger: str):
    (folder / stranger).write_text("mine")
    with pytest.raises(Misconfigured, match=f"such as {stranger}; name an empty folder"):
        built(folder)
    assert (folder / stranger).read_text() == "mine"
    assert not (folder / DONE).exists()


def test_what_a_broken_build_left_is_built_anew_and_nothing_else_is_touched(folder: Path):
    with pytest.raises(RuntimeError, match="the lights went out"):
        built(folder, broken)
    left = (folder / "boxes.db").open("rb")  # held: a number of a removed file is given again
    (folder / "documents").mkdir()
    (folder / "documents" / "thesis.txt").write_text("mine")
    (folder / "thumbs.db").write_text("mine")
    with left:
        built(folder)
        assert not samestat(fstat(left.fileno()), (folder / "boxes.db").stat())
    assert (folder / DONE).exists()
    assert (folder / "documents" / "thesis.txt").read_text() == "mine"
    assert (folder / "thumbs.db").read_text() == "mine"


@pytest.mark.parametrize("held", ["boxes.db", BEGUN])
def test_a_folder_in_use_is_left_alone(folder: Path, held: str):
    (folder / BEGUN).touch()
    (folder / "boxes.db").write_text("in use")
    with (
        closing(lock(folder / held)),
        pytest.raises(Misconfigured, match=f"{held} is in use by another Open Door process"),
    ):
        built(folder)
    assert (folder / "boxes.db").read_text() == "in use"
