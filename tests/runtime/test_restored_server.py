"""A base backup of PostgreSQL, taken under load and started elsewhere: whole, with every answer
that was given before it began, and without what was erased since."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import delete, select

from shared.kernel.clock import SettableClock
from shared.kernel.ids import CountedIds
from shared.kernel.words import ERASED
from shared.log.chain import verify
from shared.log.opening import open_log
from shared.log.tables import CURSORS
from shared.projections.swapping import found
from shared.runtime.building import Builder
from shared.runtime.engine import open_engine, settle_projections
from shared.runtime.erasing import READER, Eraser
from shared.runtime.migrations import upgrade
from shared.runtime.reacting import Reactor
from shared.runtime.settings import Settings, load_settings
from tests.kit.servers.postgres import copy_of
from tests.kit.servers.postgres_process import OwnPostgres
from tests.runtime.boxes import EraseSubject
from tests.runtime.heaps import HEAPS, HEAPS_VIEW, OLD
from tests.runtime.house import NOW, House

WRITERS = 4
BEFORE = 40
"""Boxes made before the backup begins."""


async def test_a_base_backup_under_load_goes_on_elsewhere(
    own_postgres: OwnPostgres, tmp_path: Path
):
    async with house_on(own_postgres, tmp_path) as live:
        secret = await live.made(label="sealed")
        async with writing(live) as made:
            while len(made) < BEFORE:  # noqa: ASYNC110 - a list that others fill has no event
                await asyncio.sleep(0)
            before = tuple(made)
            with ExitStack() as stack:
                copied = await asyncio.to_thread(stack.enter_context, copy_of(own_postgres))
                assert len(made) > len(before)
                await live.ask(EraseSubject(scope="record"), secret)
                await erased_all(live)
                async with house_on(copied, tmp_path) as restored:
                    await is_whole(restored, before)
                    assert (await restored.box(secret)).label is ERASED


async def is_whole(house: House, boxes: tuple[str, ...]) -> None:
    """The chain holds, every box is there, and read models are as a rebuild makes them."""
    await verify(house.engine.log)
    assert [one for one in boxes if not (await house.box(one)).owner] == []
    await house.engine.log.store.write(
        lambda connection: connection.execute(delete(CURSORS).where(CURSORS.c.reader == READER))
    )
    await erased_all(house)
    await settle_projections(house.engine)
    shown = await rows(house)
    assert {one for one, _ in shown} >= set(boxes)
    builder = Builder(service=OLD, log=house.engine.log, owner="test")
    await builder.rebuild(HEAPS_VIEW)
    assert await rows(house) == shown


async def rows(house: House) -> list[tuple[str, int]]:
    held = await house.engine.log.store.read(select(HEAPS).order_by(HEAPS.c.id))
    return [(row.id, row.held) for row in held]


async def erased_all(house: House) -> None:
    eraser = Eraser(house.engine)
    while await eraser.step():
        continue


@asynccontextmanager
async def house_on(server: OwnPostgres, folder: Path) -> AsyncIterator[House]:
    """The service on a server's database; its keys lie in `folder`, apart."""
    settings = load_settings(environment="development", data_dir=folder, database_url=server.url)
    await _migrated(settings)
    clock = SettableClock(NOW)
    ids = CountedIds(settings.secret())
    engine = await open_engine(OLD, settings, clock, ids)
    try:
        yield House(engine=engine, clock=clock, reactor=Reactor(engine.desk))
    finally:
        await engine.close()


async def _migrated(settings: Settings) -> None:
    log = open_log(settings.database_for(OLD.name), SettableClock(NOW))
    try:
        await log.store.write(lambda connection: upgrade(connection, OLD.migrations))
        await log.store.write(partial(found, projections=OLD.projections))
    finally:
        await log.close()


@asynccontextmanager
async def writing(house: House) -> AsyncIterator[list[str]]:
    """Boxes that are made and filled all the while; each is in the list once it is answered."""
    made: list[str] = []

    async def write() -> None:
        while True:
            box = await house.made()
            await house.filled(box)
            made.append(box)

    tasks = [asyncio.create_task(write()) for _ in range(WRITERS)]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
