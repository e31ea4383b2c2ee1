"""An upgrade on real servers: the older version's processes work and are read while the newer one
fills a changed read model, shows it, and takes over."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from services.demonstration.player import Person
from services.demonstration.story_2018 import connected_to_air
from services.intake.projections.tables import CHANGES, INCIDENTS
from services.intake.projections.views import COMMISSIONING, EVENTS
from services.intake.service import service
from shared.projections.base import Projection, Row, Rows, Seen, View
from shared.projections.generations import generations
from shared.projections.tidying import drop_unused
from shared.runtime.building import Builder
from shared.runtime.engine import Engine, open_engine
from shared.runtime.read_models import read_models_check
from shared.runtime.settings import load_settings
from shared.runtime.worker import Worker
from tests.kit.bus import until
from tests.kit.processes import ProcessWorld, process_world
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer

STEPPED = INCIDENTS.to_metadata(MetaData())
STEPPED.append_column(Column("steps", Integer))


class _Turned:
    """The older version's steps, on the newer one's table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, table: Table, **key: Any) -> Row | None:
        return await self._rows.get(_turned(table), **key)

    def put(self, table: Table, **row: Any) -> None:
        self._rows.put(_turned(table), **row)

    def delete(self, table: Table, **key: Any) -> None:
        self._rows.delete(_turned(table), **key)


def _turned(table: Table) -> Table:
    return STEPPED if table is INCIDENTS else table


def _counting(view: View) -> View:
    async def step(rows: Rows, event: Any, seen: Seen) -> None:
        await view(_Turned(rows), event, seen)
        row = await rows.get(STEPPED, id=seen.id)
        assert row is not None
        rows.put(STEPPED, id=seen.id, steps=(row["steps"] or 0) + 1)

    return step


NEWER_EVENTS = Projection(
    name=EVENTS.name,
    tables=(STEPPED, CHANGES),
    views={cls: _counting(view) for cls, view in EVENTS.views.items()},
)
NEW = replace(service, projections=(NEWER_EVENTS, COMMISSIONING), timers=())


@asynccontextmanager
async def newer(world: ProcessWorld) -> AsyncIterator[Engine]:
    """The newer version, opened on the same database."""
    given = {
        name: world.environment[f"OPENDOOR_{name.upper()}"]
        for name in ("environment", "data_dir", "database_url", "keys_url", "clock_offset")
    }
    engine = await open_engine(NEW, load_settings(**given))
    try:
        yield engine
    finally:
        await engine.close()


async def reports(trust: Person, told: list[str], stop: asyncio.Event) -> int:
    """Reports one after another, and reads each back at once; how many."""
    while not stop.is_set():
        done = await trust.does("/intake/events", connected_to_air("2018-12-14"))
        told.append(done.id)
        patient = {"Open-Door-After": done.position, "Prefer": "wait=10"}
        found = await trust.player.client.get(
            "/intake/events?limit=1", headers=trust.headers() | patient
        )
        assert found.status_code == 200, found.text
        assert [one["id"] for one in found.json()["items"]] == [done.id]
    return len(told)


async def reads(trust: Person, told: list[str], stop: asyncio.Event) -> int:
    """Reads what was told at least; how often."""
    looks, least = 0, 0
    while not stop.is_set():
        found = await trust.get("/intake/events?limit=100")
        assert found.status == 200, found.body
        count = len(found.body["items"])
        assert count >= least
        looks, least = looks + 1, max(count, min(1, len(told)))
    return looks


async def goes_on(told: list[str], people: Sequence[asyncio.Task[int]]) -> None:
    """Returns once three more reports were read back; raises what any of the people met."""
    enough = len(told) + 3

    async def so() -> bool:
        for one in people:
            if one.done():
                await one
        return len(told) >= enough

    await until(so)


@pytest.mark.timeout(600)
async def test_no_read_fails_and_none_is_empty_while_a_newer_version_takes_over(
    tmp_path: Path, postgres_server: PostgresServer, kafka_server: KafkaServer, kafka_prefix: str
) -> None:
    async with process_world(
        tmp_path,
        datetime(2018, 12, 19, 9, tzinfo=UTC),
        postgres=postgres_server,
        kafka=kafka_server,
        prefix=kafka_prefix,
        services=("intake",),
    ) as world:
        trust = world.player.person("RTH", "trust")
        told: list[str] = []
        stop = asyncio.Event()
        people: list[asyncio.Task[int]] = [asyncio.create_task(reports(trust, told, stop))]
        await goes_on(told, people)
        people += [asyncio.create_task(reads(trust, told, stop)) for _ in range(2)]
        async with newer(world) as engine:
            ready = read_models_check(engine)
            assert not (await ready.run()).ok
            worker = Worker(engine, (), shared=True, name="newer")
            worker.start()
            try:
                built = await Builder(service=NEW, log=engine.log, owner="build").build()
                assert {one.name: one.generation for one in built} == {
                    "events": 2,
                    "commissioning": 1,
                }
                assert (await ready.run()).ok
                await goes_on(told, people)
                assert await world.end("work intake") == 0
                await goes_on(told, people)
                dropped = await drop_unused(engine.log.store, NEW.projections)
                assert [one.tables for one in dropped] == [("incidents_g1", "incident_changes_g1")]
                await goes_on(told, people)
                stop.set()
                assert min(await asyncio.gather(*people)) > 10
                rows = await engine.log.store.read(select(STEPPED))
                assert {row.id for row in rows} == set(told)
                assert all(row.steps == row.version for row in rows)
                held = await generations(engine.log.store, "events")
                assert [one.state for one in held] == ["dropped", "current"]
            finally:
                stop.set()
                await worker.stop()
