"""`doctor` of what is not well: a sentence for each thing, nothing changed, and no traceback."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.__main__ import load_services
from shared.kernel.clock import SettableClock, SystemClock
from shared.kernel.errors import Misconfigured
from shared.log.sqlite import SqliteLog
from shared.runtime.migrations import newest, upgrade
from shared.runtime.preparing import prepare
from shared.runtime.service import Service
from shared.runtime.settings import Settings, load_settings
from shared.runtime.showing import unknown_settings
from shared.runtime.storytelling import set_stage
from shared.runtime.verbs.doctor import doctor
from shared.runtime.verbs.parked import listed
from tests.kit.servers.process import free_port
from tests.runtime.test_observing import report_an_event

SERVICES = load_services()
OLDER = "0002"


def settings_in(folder: Path, **given: Any) -> Settings:
    return load_settings(environment="development", data_dir=folder, **given)


def reached(found: dict[str, Any]) -> dict[str, bool]:
    return {one["what"]: one["ok"] for one in found["reached"]}


async def migrated(service: Service, settings: Settings, to: str) -> None:
    path = Path(settings.database_for(service.name).removeprefix("sqlite:///"))
    log = SqliteLog(path, SystemClock())
    try:
        await log.store.write(lambda connection: upgrade(connection, service.migrations, to))
    finally:
        await log.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: str(one.name))
def test_an_older_schema_is_said_in_a_sentence(service: Service, tmp_path: Path):
    settings = settings_in(tmp_path)
    asyncio.run(migrated(service, settings, OLDER))
    found = doctor(SERVICES, settings)
    assert not found["healthy"]
    told = found["services"][service.name]
    assert not told["reachable"]
    assert told["sentence"] == (
        f"The database of {service.name} has schema {OLDER}, not {newest(service.migrations)}: "
        f"run `opendoor migrate {service.name}`."
    )
    assert f"{service.name}: {told['sentence']}" in found["lines"]
    assert reached(found)[f"database of {service.name}"]


def test_parked_records_of_an_older_schema_are_left_to_its_own_version(tmp_path: Path):
    settings, intake = settings_in(tmp_path), SERVICES[0]
    asyncio.run(migrated(intake, settings, OLDER))
    with pytest.raises(Misconfigured, match=f"has schema {OLDER}, not "):
        listed(intake, settings)


def test_nothing_that_is_away_is_a_traceback(tmp_path: Path):
    nobody = f"quokka:wombat@127.0.0.1:{free_port()}"
    settings = settings_in(
        tmp_path,
        database_url=f"postgresql+asyncpg://{nobody}/{{service}}",
        keys_url=f"postgresql+asyncpg://{nobody}/{{service}}_keys?password=wombat",
        bus_url=f"kafka://127.0.0.1:{free_port()}",
        master_secret="wombat" * 8,
    )
    found = doctor(SERVICES, settings)
    assert not found["healthy"]
    assert set(reached(found).values()) == {False}
    assert set(reached(found)) >= {"database of intake", "keys of intake", "Kafka"}
    for told in found["services"].values():
        assert told["sentence"] == "The database cannot be reached or is too busy; try again."
    for one in found["reached"]:
        assert one["says"].endswith("."), one
        assert one["milliseconds"] >= 0
    assert "wombat" not in str(found)
    assert "quokka" not in str(found)
    assert found["settings"]["OPENDOOR_KEYS_URL"].endswith("_keys?password=***")
    assert "://***@127.0.0.1:" in found["settings"]["OPENDOOR_DATABASE_URL"]


def test_settings_are_told_as_a_variable_would_have_them(tmp_path: Path):
    found = doctor(SERVICES, settings_in(tmp_path, heads_seconds=0.5 + 1))
    assert "OPENDOOR_HEADS_SECONDS = 1.5" in found["lines"]
    found = doctor(SERVICES, settings_in(tmp_path))
    assert {
        "OPENDOOR_BUS_URL = embedded:",
        "OPENDOOR_CLOCK_OFFSET = (not set)",
        "OPENDOOR_HEADS_SECONDS = 60",
        "OPENDOOR_MASTER_SECRET = (not set)",
        "OPENDOOR_STATEMENT_CACHE = true",
        "OPENDOOR_SYNTHETIC = false",
    } <= set(found["lines"])
    assert found["settings"]["OPENDOOR_MASTER_SECRET"] is None


def test_a_variable_that_is_no_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENDOOR_HOSTS", "127.0.0.1")
    monkeypatch.setenv("OPENDOOR_QUOKKA", "secret")
    found = doctor(SERVICES, settings_in(tmp_path))
    assert {
        "OPENDOOR_HOSTS is no setting: is OPENDOOR_HOST meant?",
        "OPENDOOR_QUOKKA is no setting.",
    } <= set(found["lines"])
    assert unknown_settings(["OPENDOOR_PORT", "opendoor_port", "OTHER"]) == []


async def test_what_the_databases_hold_says_whether_they_are_synthetic(tmp_path: Path):
    for synthetic in (False, True):
        await prepare(SERVICES[2], settings_in(tmp_path, synthetic=synthetic))
        found = await asyncio.to_thread(doctor, SERVICES, settings_in(tmp_path))
        assert found["settings"]["OPENDOOR_SYNTHETIC"] == str(synthetic).lower()


def test_a_folder_without_anything_stays_so(tmp_path: Path):
    folder = tmp_path / "none"
    found = doctor(SERVICES, settings_in(folder))
    assert not found["healthy"]
    assert set(reached(found).values()) == {False}
    assert not folder.exists()


async def test_what_waits_for_people_is_counted_and_is_no_fault(tmp_path: Path):
    settings = settings_in(tmp_path, synthetic=True)
    clock = SettableClock(datetime(2018, 12, 19, 9, tzinfo=UTC))
    async with set_stage(SERVICES, settings, clock) as stage:
        await report_an_event(stage)
        await stage.settle()
        found = await asyncio.to_thread(doctor, SERVICES, settings)
    assert found["healthy"], found["lines"]
    assert set(reached(found).values()) == {True}
    (database,) = (one for one in found["reached"] if one["what"] == "database of intake")
    assert database["says"].startswith("SQLite 3.")
    (proposal,) = found["services"]["intake"]["waits"]
    assert proposal["what"] == "Decide on a proposed never event"
    assert proposal["count"] == 1
    assert proposal["since"].startswith("2018-12-19T")
    waits = f"  waits for people: {proposal['what']}: 1, the oldest for {proposal['age']}"
    assert waits in found["lines"]
    assert {one["count"] for one in found["services"]["learning"]["waits"]} == {0}
