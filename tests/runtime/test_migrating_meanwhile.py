"""`migrate` on PostgreSQL while another one runs, and while an older version works and reads."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.intake.projections.tables import METADATA, RELATIONS
from services.intake.projections.views import COMMISSIONING
from services.intake.service import service
from shared.kernel.clock import SystemClock
from shared.log.base import Appended, Entry, NewEvent
from shared.log.opening import open_log
from shared.log.postgres import PostgresLog
from shared.projections.base import reader_of
from shared.projections.cursors import move_cursor
from shared.projections.generations import generations
from shared.projections.rows import BufferedRows
from shared.runtime.migrations import newest, upgrade
from shared.runtime.preparing import prepare
from shared.runtime.reference import ORGANISATIONS
from shared.runtime.settings import Settings, load_settings

PATIENCE = 30
NEWEST = newest(service.migrations)
EVENT = NewEvent(stream="heard-x", version=1, type="heard", schema=1, data=b"{}", meta=b"{}")


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str) -> Settings:
    return load_settings(environment="development", data_dir=tmp_path, database_url=postgres_url)


async def counted(settings: Settings) -> int:
    log = open_log(settings.database_for(service.name), SystemClock())
    try:
        return int((await log.store.read(select(func.count()).select_from(ORGANISATIONS)))[0][0])
    finally:
        await log.close()


async def test_of_two_at_once_one_does_it(settings: Settings):
    assert await asyncio.gather(*(prepare(service, settings) for _ in range(3))) == [NEWEST] * 3
    together = await counted(settings)
    assert await prepare(service, settings) == NEWEST
    assert await counted(settings) == together


async def test_an_older_version_works_and_is_read_while_its_tables_become_generations(
    settings: Settings,
):
    """Before schema 0004 rows lay under the plain names; a worker of that time goes on."""
    log = open_log(settings.database_for(service.name), SystemClock())
    assert isinstance(log, PostgresLog)
    await log.store.write(lambda connection: upgrade(connection, service.migrations, "0003"))
    await log.store.write(METADATA.create_all)
    stop, worked = asyncio.Event(), asyncio.Event()
    written, looks = 0, 0

    async def works() -> None:
        nonlocal written
        while not stop.is_set():
            event = NewEvent(
                stream="heard-x",
                version=written + 1,
                type="heard",
                schema=1,
                data=b"{}",
                meta=b"{}",
            )
            (appended,) = await log.append([Entry(events=(event,))])
            assert isinstance(appended, Appended)
            await log.store.write(partial(_applied, log=log, n=written + 1))
            written += 1
            if written > 20:
                worked.set()

    async def reads() -> None:
        nonlocal looks
        seen = 0
        while not stop.is_set():
            found = len(await log.store.read(select(RELATIONS)))
            assert found >= seen
            seen, looks = found, looks + 1

    tasks = [asyncio.create_task(one) for one in (works(), reads(), reads())]
    async with asyncio.timeout(PATIENCE):
        await worked.wait()
        assert await prepare(service, settings) == NEWEST
        until = written + 20
        while written < until:
            await asyncio.wait(tasks, timeout=0.01)
            assert not any(one.done() for one in tasks)
    stop.set()
    await asyncio.gather(*tasks)
    held = {one.name: one for one in await generations(log.store)}
    shown = held[COMMISSIONING.name]
    assert (shown.state, shown.shape, shown.generation) == ("current", COMMISSIONING.shape, 1)
    assert shown.applied == written == len(await log.store.read(select(RELATIONS)))
    assert looks > 20
    await log.close()


def _applied(connection, log: PostgresLog, n: int) -> None:
    """One step as such a worker took it: the cursor, then rows under the plain name."""
    assert move_cursor(connection, reader_of(COMMISSIONING.name), n - 1, n)
    rows = BufferedRows(log.store)
    rows.put(
        RELATIONS,
        provider="RTH",
        commissioner=f"{n}",
        role="lead",
        scope="",
        since=SystemClock().now().date(),
        until=None,
    )
    rows.write(connection)
