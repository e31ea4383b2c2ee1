"""Opening a service: with the key store that belongs to its log, or not at all."""

from pathlib import Path

import pytest

from shared.kernel.errors import Misconfigured
from tests.runtime.house import open_house


def lose_keys(folder: Path) -> None:
    for one in folder.rglob("boxes-keys.db*"):
        one.unlink()


async def test_a_log_without_its_key_store_is_not_opened(tmp_path: Path):
    async with open_house(tmp_path) as house:
        await house.made(label="sealed")
    lose_keys(tmp_path)
    with pytest.raises(Misconfigured, match="holds 1 events and its key store holds no key"):
        async with open_house(tmp_path):
            pass


async def test_an_empty_log_begins_with_a_key_store_of_its_own(tmp_path: Path):
    async with open_house(tmp_path):
        pass
    lose_keys(tmp_path)
    async with open_house(tmp_path) as house:
        await house.made(label="sealed")
