"""What tests of the runtime share: the made-up service, and the command in a scratch folder."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.__main__ import load_services, main
from shared.runtime.preparing import prepare
from shared.runtime.settings import load_settings
from tests.kit.logging import logging_put_back
from tests.runtime.command_line import Ended, OpenDoor
from tests.runtime.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as made:
        yield made


@pytest.fixture
def opendoor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[OpenDoor]:
    """Runs the command in a scratch folder, with the given settings and no others."""
    for name in [name for name in os.environ if name.startswith("OPENDOOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Ended:
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["opendoor", *arguments])
            for name, one in settings.items():
                here.setenv(f"OPENDOOR_{name.upper()}", one)
            with pytest.raises(SystemExit) as end:
                main()
        said = capsys.readouterr()
        return Ended(int(end.value.code or 0), said.out, said.err)

    with logging_put_back():
        yield run


@pytest.fixture(scope="session")
def all_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every service's database, as the product makes it; to be copied."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    for service in load_services():
        asyncio.run(prepare(service, load_settings(environment="development", data_dir=folder)))
    return folder
