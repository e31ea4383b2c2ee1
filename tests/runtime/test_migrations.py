"""Migrations: safe to repeat, refused where the database is newer, needed before a start."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Misconfigured
from shared.log.opening import open_log
from shared.runtime.engine import open_engine
from shared.runtime.migrations import newest
from shared.runtime.settings import Settings, load_settings
from tests.runtime.boxes import service
from tests.runtime.house import NOW, migrate, open_house, settings_in


async def mark(settings: Settings, revision: str) -> None:
    """Lets the database be of another schema."""
    log = open_log(settings.database_for(service.name), SettableClock(NOW), synced=False)
    said = text("UPDATE alembic_version SET version_num = :to").bindparams(to=revision)
    await log.store.write(lambda connection: connection.execute(said))
    await log.close()


async def test_migrating_twice_is_migrating_once(tmp_path: Path):
    settings = settings_in(tmp_path)
    assert await migrate(settings) == await migrate(settings) == newest(service.migrations)


async def test_what_was_recorded_stays(tmp_path: Path):
    async with open_house(tmp_path) as house:
        box = await house.made(label="tools")
    async with open_house(tmp_path) as house:
        assert (await house.box(box)).label == "tools"


async def test_a_database_that_is_newer_is_left_alone(tmp_path: Path):
    settings = settings_in(tmp_path)
    await migrate(settings)
    await mark(settings, "9999")
    with pytest.raises(Misconfigured, match=r"9999.*newer"):
        await migrate(settings)
    with pytest.raises(Misconfigured, match="9999"):
        await open_engine(service, settings, synced=False)


async def test_a_service_does_not_start_without_its_schema(tmp_path: Path):
    settings = settings_in(tmp_path)
    for _ in range(2):  # the first refusal has let go of the file
        with pytest.raises(Misconfigured, match="opendoor migrate boxes"):
            await open_engine(service, settings, synced=False)


async def test_a_start_that_fails_lets_go_of_everything(tmp_path: Path):
    async with open_house(tmp_path) as house:
        await house.made(label="tools")
    secret = "another secret of a deployment, long enough"
    wrong = load_settings(environment="development", data_dir=tmp_path, master_secret=secret)
    with pytest.raises(Misconfigured, match="master secret"):
        await open_engine(service, wrong, synced=False)
    twice = replace(service, aggregates=(*service.aggregates, *service.aggregates))
    engine = await open_engine(twice, settings_in(tmp_path), synced=False)
    await engine.close()
