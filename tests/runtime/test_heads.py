"""Signed heads: when one is appended, what it is about, and who hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.learning.service import service
from shared.bus.embedded import EmbeddedSource
from shared.contracts.base import PARTITIONS, decode
from shared.contracts.envelope import instant
from shared.contracts.heads import HEADS, topic_of
from shared.kernel.clock import SettableClock
from shared.log.base import Entry
from shared.log.chain import verify
from shared.runtime.engine import Engine, open_engine
from shared.runtime.heads import STREAM, sign_head, told
from shared.runtime.preparing import prepare
from shared.runtime.settings import load_settings
from shared.runtime.signing import series_of
from shared.runtime.worker import Worker
from shared.security.evidence import SignedHead, fault_of
from shared.security.evidence_files import read_evidence
from tests.kit.goldens import assert_golden
from tests.kit.log_entries import event
from tests.runtime.house import until

NOW = datetime(2018, 12, 19, 12, tzinfo=UTC)
TOPIC = topic_of("learning")


@asynccontextmanager
async def engine_at(folder: Path, **more: object) -> AsyncIterator[Engine]:
    settings = load_settings(environment="development", data_dir=folder, **more)
    await prepare(service, settings, build=True)
    engine = await open_engine(service, settings, SettableClock(NOW), synced=False)
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    more = {}
    if request.param == "postgres":
        more = {"database_url": request.getfixturevalue("postgres_url")}
    async with engine_at(tmp_path, **more) as engine:
        yield engine


async def append(engine: Engine, version: int) -> None:
    await engine.appender.append(Entry(events=(event("thing-1", version),)))


async def heads_of(engine: Engine) -> list[Any]:
    rows = await engine.log.published(TOPIC, 0, 0, 100)
    return [decode(row.type, row.data) for row in rows]


async def test_a_head_is_about_the_position_before_its_own(engine: Engine):
    await append(engine, 1)
    stood = await engine.log.head()
    assert await sign_head(engine)
    (head,) = await heads_of(engine)
    assert (head.position, head.hash) == (stood.position, stood.hash.hex())
    assert stood.recorded_at is not None
    assert head.time == instant(stood.recorded_at)
    (row,) = await engine.log.stream(STREAM)
    assert (row.position, row.type) == (stood.position + 1, "head_signed")
    assert orjson.loads(row.data)["hash"] == head.hash
    (evidence,) = read_evidence((await engine.log.published(TOPIC, 0, 0, 1))[0].data)
    series = series_of("learning", await engine.signer.keys())
    assert fault_of(evidence, (series,)) is None
    assert await verify(engine.log) == await engine.log.head()


async def test_nothing_is_signed_where_nothing_else_was_appended(engine: Engine):
    assert not await sign_head(engine)
    await append(engine, 1)
    assert [await sign_head(engine) for _ in range(3)] == [True, False, False]
    await append(engine, 2)
    assert [await sign_head(engine) for _ in range(2)] == [True, False]
    assert [one.position for one in await heads_of(engine)] == [1, 3]


async def test_of_two_that_sign_at_once_the_log_stays_whole(engine: Engine):
    await append(engine, 1)
    await asyncio.gather(*(sign_head(engine) for _ in range(4)))
    versions = [row.version for row in await engine.log.stream(STREAM)]
    assert versions == list(range(1, len(versions) + 1))
    while await sign_head(engine):
        pass
    assert await verify(engine.log) == await engine.log.head()


async def test_what_came_between_is_covered_by_the_next(tmp_path: Path):
    async with engine_at(tmp_path) as engine:
        await append(engine, 1)
        head = await engine.signer.head(await engine.log.head())
        await append(engine, 2)
        assert await sign_head(engine)
        (signed,) = await heads_of(engine)
        assert head.position < signed.position == 2


async def test_the_worker_signs_and_the_embedded_bus_relays(tmp_path: Path):
    async with engine_at(tmp_path, heads_seconds=1) as engine:
        await append(engine, 1)
        worker = Worker(engine, (), shared=True, name="a")
        worker.start()
        source = EmbeddedSource(engine.log, (TOPIC,), engine.appended)
        (partition,) = source.partitions()

        async def heard() -> bool:
            return bool(await partition.read(0, 10))

        await until(heard)
        (record,) = await partition.read(0, 10)
        await worker.stop()
    assert record.event is not None
    assert record.event.attributes["source"] == "urn:open-door:learning:heads"
    assert record.event.id == "heads/1"
    (head,) = read_evidence(record.event.structured())
    assert isinstance(head, SignedHead)
    assert head.position == 1


async def test_a_new_key_signs_the_next_head_and_the_old_one_still_holds(tmp_path: Path):
    async with engine_at(tmp_path) as engine:
        await append(engine, 1)
        await sign_head(engine)
        await engine.vault.signing.rotate()
        await engine.signer.prepare()
        await append(engine, 2)
        await sign_head(engine)
        before, after = await heads_of(engine)
        keys = await engine.signer.keys()
        assert [before.key, after.key] == [one.id for one in keys]
        assert before.deployment == after.deployment == keys[0].id
        series = series_of("learning", keys)
        rows = await engine.log.published(TOPIC, 0, 0, 9)
        kept = [one for row in rows for one in read_evidence(row.data)]
        assert [fault_of(one, (series,)) for one in kept] == [None, None]
        late = replace(series.keys[before.key], valid_until=NOW - timedelta(days=1))
        ended = replace(series, keys={**series.keys, before.key: late})
        assert fault_of(kept[0], (ended,)) is not None


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_told_as_it_always_was(name: str):
    head = SignedHead(
        service=name,
        deployment="AAAAAAAAAAAAAAAAAAAA",
        position=12,
        hash="0a" * 32,
        time="2018-12-19T12:00:00.000001Z",
        key="BBBBBBBBBBBBBBBBBBBB",
        signature="c" * 86 + "==",
    )
    assert_golden(told(head))


def test_every_service_tells_its_heads_in_one_order():
    assert {PARTITIONS[topic_of(name)] for name in HEADS} == {1}
