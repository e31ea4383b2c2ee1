"""Reference data: merged with what is there, noticed by who runs, read whole or read again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.clock import SettableClock
from shared.log.base import Store
from shared.log.opening import open_log
from shared.nhs import reference as packaged
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register, Row
from shared.runtime.preparing import prepare
from shared.runtime.reference import (
    import_adoptions,
    import_organisations,
    load_reference,
    version_of,
)
from shared.runtime.settings import Settings
from tests.runtime.boxes import service
from tests.runtime.house import NOW, House, settings_in

DAY = date(2018, 12, 19)


def organisation(code: str, name: str, *more: Row) -> tuple[Row, ...]:
    return (
        Row(code=code, attribute="open", from_=date(2000, 1, 1)),
        Row(code=code, attribute="kind", value="trust"),
        Row(code=code, attribute="name", value=name, certain=False),
        *more,
    )


REGION = Row(code="AAA", attribute="region", value="Y60", from_=DAY, to=DAY)
FIRST = Register.of((*organisation("AAA", "First", REGION), *organisation("BBB", "Second")))


@asynccontextmanager
async def reopened(settings: Settings) -> AsyncIterator[Store]:
    log = open_log(settings.database_for(service.name), SettableClock(NOW), synced=False)
    try:
        yield log.store
    finally:
        await log.close()


@pytest.fixture
def store(house: House) -> Store:
    return house.engine.log.store


async def test_what_was_imported_is_read_again(store: Store):
    assert await import_organisations(store, FIRST)
    assert (await load_reference(store)).register == FIRST


async def test_what_changes_nothing_is_not_imported(store: Store):
    await import_organisations(store, FIRST)
    before = await version_of(store)
    assert not await import_organisations(store, Register.of(organisation("BBB", "Second")))
    assert await version_of(store) == before


async def test_an_import_wins_where_it_speaks_and_leaves_the_rest(store: Store):
    await import_organisations(store, FIRST)
    assert await import_organisations(
        store, Register.of((*organisation("AAA", "Renamed"), *organisation("CCC", "Third")))
    )
    register = (await load_reference(store)).register
    assert [register.name(code, DAY) for code in register.codes] == ["Renamed", "Second", "Third"]
    assert register.region_of("AAA", DAY) == "Y60"


async def test_who_runs_notices_an_import(house: House, store: Store):
    before = house.engine.reach.reference
    await house.engine.reach.refresh()
    assert house.engine.reach.reference is before
    await import_organisations(store, FIRST)
    await house.engine.reach.refresh()
    assert house.engine.reach.register.known("AAA")


async def test_an_import_in_the_middle_of_a_reading_is_noticed_at_the_next_look(
    house: House, store: Store, monkeypatch
):
    read, begun = store.read, 0

    async def overtaken(statement: Any) -> Any:
        nonlocal begun
        rows = await read(statement)
        begun += "FROM organisations" in str(statement)
        if begun == 1:
            begun += 1
            await import_organisations(store, FIRST)
        return rows

    monkeypatch.setattr(store, "read", overtaken)
    await import_adoptions(store, ())
    await house.engine.reach.refresh()
    await house.engine.reach.refresh()
    assert house.engine.reach.register.known("AAA")


async def test_adoptions_are_added_and_a_day_s_is_replaced(house: House, store: Store):
    def adopted(provider: str, framework: Any, on: date = DAY) -> FrameworkAdoption:
        return FrameworkAdoption(provider=provider, framework=framework, from_=on)

    later = adopted("AAA", "PSIRF2022", date(2023, 9, 1))
    await import_adoptions(store, (adopted("AAA", "PSIRF2022"), adopted("BBB", "SIF2015")))
    await import_adoptions(store, (adopted("AAA", "SIF2015"), later))
    await house.engine.reach.refresh()
    held = sorted(house.engine.reach.adoptions, key=lambda one: (one.provider, one.from_))
    assert held == [adopted("AAA", "SIF2015"), later, adopted("BBB", "SIF2015")]


async def test_the_packaged_set_only_adds_what_is_missing(tmp_path: Path):
    settings = settings_in(tmp_path)
    assert await prepare(service, settings) == "0001"
    assert await prepare(service, settings) == "0001"
    async with reopened(settings) as store:
        first = await load_reference(store)
        assert first.register == packaged.register()
        known = first.register.codes[0]
        await import_organisations(store, Register.of(organisation(known, "As imported")))
    await prepare(service, settings)
    async with reopened(settings) as store:
        assert (await load_reference(store)).register.name(known, DAY) == "As imported"
