"""Backups: what is refused, in one sentence and with nothing changed."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from shared.kernel.errors import Broken, Malformed, Misconfigured
from shared.log.sqlite_files import lock
from shared.runtime.backup import ERASED, LIST
from shared.runtime.settings import Settings, load_settings
from shared.runtime.verbs.backup import backup
from shared.runtime.verbs.restore import BUSY, restore
from tests.runtime import boxes
from tests.runtime.boxes import MakeBox
from tests.runtime.house import open_house

SERVICES = (replace(boxes.service, reactions=()),)


def settings_in(folder: Path, **more: object) -> Settings:
    return load_settings(environment="development", data_dir=folder, **more)


async def _filled(folder: Path) -> str:
    async with open_house(folder) as house:
        return await house.made(label="sealed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose log holds one event with a sealed text."""
    asyncio.run(_filled(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def copied(home: Path, tmp_path: Path) -> Path:
    """Its backup, with the keys in `keys` beside it."""
    backup(SERVICES, settings_in(home), tmp_path / "copied", keys=tmp_path / "keys")
    return tmp_path / "copied"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    made = tmp_path / "elsewhere"
    made.mkdir()
    return made


def restored(copied: Path, target: Path) -> None:
    keys = copied.with_name("keys")
    restore(SERVICES, settings_in(target), copied, keys=keys, against=None)


def test_what_is_restored_goes_on(copied: Path, empty: Path):
    restored(copied, empty)

    async def again() -> int:
        async with open_house(empty) as house:
            await house.ask(MakeBox(label="another"), key="another")
            return await house.position()

    assert asyncio.run(again()) == 2
    assert [one.name for one in empty.iterdir() if "restoring" in one.name] == []


def test_what_was_copied_is_said_with_both_folders(home: Path, tmp_path: Path):
    copy = tmp_path / "copied"
    done = backup(SERVICES, settings_in(home), copy, keys=None)
    assert done["sentence"].startswith(f"Copied {home} to {copy}: boxes at position ")


def test_a_backup_gets_a_folder_of_its_own(home: Path, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    with pytest.raises(Misconfigured, match=r"is not empty \(it holds thesis.txt\)"):
        backup(SERVICES, settings_in(home), taken, keys=None)
    assert [one.name for one in taken.iterdir()] == ["thesis.txt"]


def test_keys_do_not_lie_in_a_backup(home: Path, tmp_path: Path):
    folder = tmp_path / "copied"
    with pytest.raises(Misconfigured, match="Keys never lie in a backup"):
        backup(SERVICES, settings_in(home), folder, keys=folder / "keys")


def test_other_databases_are_backed_up_otherwise(copied: Path, tmp_path: Path):
    settings = settings_in(tmp_path, database_url="postgresql+asyncpg://127.0.0.1/{service}")
    with pytest.raises(Misconfigured, match="under Backups"):
        backup(SERVICES, settings, tmp_path / "new", keys=None)
    with pytest.raises(Misconfigured, match="under Backups"):
        restore(SERVICES, settings, copied, keys=None, against=None)


def test_there_must_be_something_to_copy(tmp_path: Path):
    with pytest.raises(Misconfigured, match=r"There is no .*boxes\.db to copy"):
        backup(SERVICES, settings_in(tmp_path / "nowhere"), tmp_path / "new", keys=None)


def test_a_key_store_that_is_not_there_is_said_before_anything_is_copied(
    home: Path, tmp_path: Path
):
    (home / "boxes-keys.db").unlink()
    with pytest.raises(Misconfigured, match=r"There is no .*boxes-keys\.db to copy"):
        backup(SERVICES, settings_in(home), tmp_path / "new", keys=tmp_path / "keys")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "keys").exists()


def _without_list(copied: Path) -> None:
    (copied / LIST).unlink()


def _list_cut(copied: Path) -> None:
    (copied / LIST).write_bytes((copied / LIST).read_bytes()[:40])


def _list_of_the_future(copied: Path) -> None:
    told = orjson.loads((copied / LIST).read_bytes())
    (copied / LIST).write_bytes(orjson.dumps({**told, "format": 2}))


def _log_cut(copied: Path) -> None:
    log = copied / "boxes.db"
    log.write_bytes(log.read_bytes()[:-4096])


def _log_changed(copied: Path) -> None:
    held = bytearray((copied / "boxes.db").read_bytes())
    held[-1] ^= 1
    (copied / "boxes.db").write_bytes(held)


def _log_missing(copied: Path) -> None:
    (copied / "boxes.db").unlink()


def _erased_missing(copied: Path) -> None:
    (copied.with_name("keys") / ERASED).unlink()


def _keys_missing(copied: Path) -> None:
    (copied.with_name("keys") / "boxes-keys.db").unlink()


DAMAGED: dict[str, tuple[Callable[[Path], None], str]] = {
    "no list": (_without_list, "is no backup, or one that did not end"),
    "half a list": (_list_cut, "is truncated or changed"),
    "a later form": (_list_of_the_future, "a form that this version does not know"),
    "half a log": (_log_cut, "boxes.db is truncated or changed"),
    "a bit": (_log_changed, "its bytes changed"),
    "no log": (_log_missing, "boxes.db is missing"),
    "no list of what was erased": (_erased_missing, "has no list of what was erased"),
    "no keys": (_keys_missing, "holds no boxes-keys.db"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_backup_is_refused_and_changes_nothing(copied: Path, empty: Path, name: str):
    damage, sentence = DAMAGED[name]
    damage(copied)
    with pytest.raises(Malformed, match=sentence):
        restored(copied, empty)
    assert [one.name for one in empty.iterdir() if one.suffix == ".db"] == []


def test_a_log_that_ends_elsewhere_than_the_list_says_is_refused(copied: Path, empty: Path):
    told = orjson.loads((copied / LIST).read_bytes())
    told["logs"][0]["position"] += 1
    (copied / LIST).write_bytes(orjson.dumps(told))
    with pytest.raises(Broken, match="ends elsewhere than its list says"):
        restored(copied, empty)


def test_a_log_that_is_there_is_never_overwritten(copied: Path, home: Path):
    before = (home / "boxes.db").read_bytes()
    with pytest.raises(Misconfigured, match=r"holds boxes\.db already"):
        restored(copied, home)
    assert (home / "boxes.db").read_bytes() == before


def test_a_service_that_runs_is_never_restored_over(copied: Path, empty: Path):
    with (
        closing(lock(empty / "boxes.db")),
        pytest.raises(Misconfigured, match="in use by another Open Door process"),
    ):
        restored(copied, empty)


def test_two_restores_at_once_do_not_meet(copied: Path, empty: Path):
    with (
        closing(lock(empty / BUSY)),
        pytest.raises(Misconfigured, match=r"Another restore into .* is running"),
    ):
        restored(copied, empty)


def test_without_its_keys_a_log_is_not_restored(copied: Path, empty: Path):
    with pytest.raises(Misconfigured, match="There is no key store"):
        restore(SERVICES, settings_in(empty), copied, keys=None, against=None)


def test_keys_that_are_there_are_kept(copied: Path, home: Path):
    (home / "boxes.db").unlink()
    with pytest.raises(Misconfigured, match="may be newer than a copy"):
        restored(copied, home)
    restore(SERVICES, settings_in(home), copied, keys=None, against=None)
