"""A backup taken under load, restored elsewhere: nothing that was acknowledged is missing, no
reader is ahead of what it reads, what was erased stays erased, and who is ahead is told so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.__main__ import load_services
from services.demonstration import story_2018 as story
from shared.kernel.errors import Broken
from shared.runtime.engine import Engine, settle_projections
from shared.runtime.heads import sign_head
from shared.runtime.settings import load_settings
from shared.runtime.verbs.backup import backup, copy_keys
from shared.runtime.verbs.projections import rebuild
from shared.runtime.verbs.restore import restore
from tests.journeys.conftest import NOW
from tests.journeys.naming_journey import Naming
from tests.kit.world import World, embedded_world

POSTERS = 6
BEFORE = 60
"""Reports acknowledged before the backup begins."""


class Load:
    """People who report all the while, and everything that follows from it."""

    def __init__(self, world: World) -> None:
        self.acknowledged: list[str] = []
        self.enough = asyncio.Event()
        self._world = world

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        tasks = [asyncio.create_task(self._post()) for _ in range(POSTERS)]
        tasks.append(asyncio.create_task(self._settle()))
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _post(self) -> None:
        trust = self._world.person("RTH", "trust")
        while True:
            told = await trust.does("/intake/events", story.connected_to_air("2018-12-14"))
            self.acknowledged.append(told.id)
            if len(self.acknowledged) == BEFORE:
                self.enough.set()

    async def _settle(self) -> None:
        while True:
            await self._world.settle()
            await asyncio.sleep(0)


@pytest.mark.timeout(300)
async def test_a_backup_under_load_is_whole_when_it_is_restored(tmp_path: Path):
    home, copied, keys = tmp_path / "home", tmp_path / "copied", tmp_path / "keys"
    elsewhere = tmp_path / "elsewhere"
    services = load_services()
    async with embedded_world(home, NOW) as world:
        naming = Naming(world)
        await story.relate(naming.cast)
        case = await naming.case()
        kept = await head_kept(world, tmp_path / "kept.json")
        async with Load(world).running() as load:
            await load.enough.wait()
            before = tuple(load.acknowledged)
            await asyncio.to_thread(backup, services, world.settings, copied, keys=None)
        await world.settle()
        told = await head_of_lessons(world)
        later = await head_kept(world, tmp_path / "later.json")
        # After the copy was made: the key store's newest copy must not bring it back.
        await naming.cast.at_trust().does(
            f"/intake/events/{case}/erasure", {"scope": "record", "ground": "court_order"}
        )
        await world.settle()
        await asyncio.to_thread(copy_keys, services, world.settings, keys)

    settings = load_settings(environment="development", data_dir=elsewhere, synthetic=True)
    elsewhere.mkdir()
    put_back = partial(restore, services, settings, copied, keys=keys)
    with pytest.raises(Broken, match="its end was cut off"):
        await asyncio.to_thread(put_back, against=later)
    done = await asyncio.to_thread(put_back, against=kept)
    assert "1 of intake, none of assurance, none of learning" in done["sentence"]
    assert [one["service"] for one in done["logs"]] == ["intake", "assurance", "learning"]
    no_reader_is_ahead(elsewhere)

    async with embedded_world(elsewhere, NOW) as world:
        await world.settle()
        trust = world.person("RTH", "trust")
        found = [(await trust.get(f"/intake/events/{one}")).status for one in before]
        assert found == [200] * len(before)
        shown = await trust.get(f"/intake/events/{case}")
        assert list(naming.planted.places(shown.body)) == []
        subscriber = world.person("X26", "national")
        for path in ("/learning/events", "/learning/stream"):
            ahead = await subscriber.get(f"{path}?after={told + 1}")
            assert (ahead.status, ahead.body["type"]) == (409, "/problems/series-rewound")
        live = {name: await rows(one.engine) for name, one in world.stage.workers.items()}

    for service in services:
        for projection in service.projections:
            await asyncio.to_thread(rebuild, service, settings, projection.name)
    async with embedded_world(elsewhere, NOW) as world:
        for name, worker in world.stage.workers.items():
            await settle_projections(worker.engine)
            assert await rows(worker.engine) == live[name]


async def head_kept(world: World, file: Path) -> Path:
    """What a regulator keeps of intake alone: its newest signed head."""
    await sign_head(world.stage.workers["intake"].engine)
    answer = await world.client.get("/intake/heads?limit=1")
    await asyncio.to_thread(file.write_bytes, answer.content)
    return file


async def head_of_lessons(world: World) -> int:
    page = await world.person("X26", "national").get("/learning/events?after=0")
    return int(page.body["head"])


def no_reader_is_ahead(folder: Path) -> None:
    """Each cursor over a foreign series stands within what its teller's own copy tells."""
    heads: dict[tuple[str, int], int] = {}
    cursors: list[tuple[str, str, int, int]] = []
    for service in ("intake", "assurance", "learning"):
        with closing(sqlite3.connect(folder / f"{service}.db")) as database:
            told = "SELECT topic, partition, max(n) FROM published GROUP BY topic, partition"
            heads |= {(topic, number): n for topic, number, n in database.execute(told)}
            read = "SELECT reader, topic, partition, n FROM cursors WHERE topic LIKE 'opendoor.%'"
            cursors += database.execute(read).fetchall()
    assert cursors
    assert [one for one in cursors if one[3] > heads.get((one[1], one[2]), 0)] == []


async def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read model."""
    found = {}
    for projection in engine.service.projections:
        for table in projection.tables:
            held = await engine.log.store.read(select(table))
            found[table.name] = sorted((tuple(row) for row in held), key=repr)
    return found
