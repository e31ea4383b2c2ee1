"""The demonstration, built once: every figure is what was told, and nothing is half done."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from services.__main__ import load_services
from services.assurance.projections.tables import CLOCKS
from services.demonstration.england import plan
from shared.kernel.clock import LONDON, SettableClock
from shared.log.base import Log
from shared.nhs import reference, synthetic
from shared.nhs.published_figures import LIST_2023_24, NEVER_EVENTS_2023_24, TOTAL_2023_24
from shared.runtime.settings import load_settings
from shared.runtime.storytelling import Stage, set_stage
from tests.kit.processes import ROOT
from tests.kit.together import environment, together

LATER = datetime(2024, 9, 2, 9, tzinfo=UTC)
"""Some morning after the demonstration's last day."""
MIDDLE = date(2023, 10, 1)
BUILDING = 400
PAGE = 1000


@pytest.mark.timeout(600)
async def test_the_demonstration_is_whole(tmp_path: Path, subtests: pytest.Subtests):
    folder = tmp_path / "demo"
    built(folder)
    async with stage_on(folder) as stage:
        before = await heads(stage)
        for check in (
            the_table_is_the_published_one,
            the_table_of_a_day_is_what_was_told_by_then,
            the_lesson_of_the_story_is_published,
            no_clock_runs,
            nothing_waits_to_be_carried_on,
            every_organisation_is_synthetic,
        ):
            with subtests.test(check.__name__):
                await check(stage)
        assert await heads(stage) == before
    with subtests.test("the next start loses nothing"):
        served_again(tmp_path, folder, before)


def built(folder: Path) -> None:
    command = [sys.executable, "-m", "services", "demo", "--build-only", "--data", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=BUILDING,
    )
    assert done.returncode == 0, done.stderr


@asynccontextmanager
async def stage_on(folder: Path) -> AsyncIterator[Stage]:
    settings = load_settings(environment="development", data_dir=folder, synthetic=True)
    async with set_stage(load_services(), settings, SettableClock(LATER)) as stage:
        yield stage


async def heads(stage: Stage) -> dict[str, int]:
    """How many events each log holds."""
    return {
        name: (await worker.engine.log.head()).position for name, worker in stage.workers.items()
    }


async def table(stage: Stage, **asked: str) -> dict[str, Any]:
    token = stage.token(synthetic.national(1), "national")
    answer = await stage.client.get(
        "/learning/national/never-events",
        params={"year": "2023/24", **asked},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    (only,) = found["lists"]
    assert only["list"] == LIST_2023_24
    return {row["type"]: row["count"] for row in only["rows"] if row["count"]}


async def the_table_is_the_published_one(stage: Stage) -> None:
    found = await table(stage)
    assert counts(found) == {one.code: one.count for one in NEVER_EVENTS_2023_24}
    assert found["total"] == sum(counts(found).values()) == TOTAL_2023_24 == 370


async def the_table_of_a_day_is_what_was_told_by_then(stage: Stage) -> None:
    next_day = datetime.combine(MIDDLE + timedelta(days=1), time(), LONDON)
    planned = Counter(one.code for one in plan() if one.recorded_at < next_day)
    assert counts(await table(stage, as_at=MIDDLE.isoformat())) == planned
    assert 0 < planned.total() < TOTAL_2023_24


async def the_lesson_of_the_story_is_published(stage: Stage) -> None:
    token = stage.token(synthetic.trust(3), "trust")
    answer = await stage.client.get(
        "/learning/lessons", headers={"Authorization": f"Bearer {token}"}
    )
    (lesson,) = answer.json()["items"]
    assert lesson["number"] == "OD-LESSON-2019-1"
    assert lesson["title"].startswith("Take the air flowmeter away")


async def no_clock_runs(stage: Stage) -> None:
    store = stage.workers["assurance"].engine.log.store
    assert await store.read(select(CLOCKS).where(CLOCKS.c.running)) == []


async def nothing_waits_to_be_carried_on(stage: Stage) -> None:
    before = await heads(stage)
    await stage.settle()
    assert await heads(stage) == before


async def every_organisation_is_synthetic(stage: Stage) -> None:
    real = set(reference.register().codes)
    for worker in stage.workers.values():
        met = set[str]()
        async for held in everything(worker.engine.log):
            met.update(words(held))
        assert any(synthetic.is_synthetic(one) for one in met)
        assert met & real == set()


async def everything(log: Log) -> AsyncIterator[Any]:
    """The content of every event, with what the log notes beside it."""
    after = 0
    while events := await log.events(after, PAGE):
        for one in events:
            yield orjson.loads(one.data)
            yield orjson.loads(one.meta)
            yield one.stream.split("-")
        after = events[-1].position


def words(held: Any) -> Iterator[str]:
    """Every text in a document, keys included."""
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        for key, one in held.items():
            yield key
            yield from words(one)
    elif isinstance(held, list):
        for one in held:
            yield from words(one)


def served_again(folder: Path, demo: Path, before: dict[str, int]) -> None:
    with together(folder, "demo", "--data", str(demo)) as running:
        page = httpx.get(running.url).text
        rows = re.findall(r'<td class="n">(\d+)</td><td><a href="/(\w+)/docs">', page)
        assert {service: int(events) for events, service in rows} == before
        assert "Synthetic data" in page
        assert "Building" not in running.said()
        assert running.interrupt() == 0
