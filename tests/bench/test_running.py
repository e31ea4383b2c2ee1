"""A run ends by itself: a row that fails is told and the others go on, a contestant ends with its
input, and what it says besides is no answer."""

import asyncio
from pathlib import Path

import pytest

from bench.__main__ import run_row
from bench.contestant import Failed, contestant
from bench.context import Bench, Steps
from bench.rows.every import Row
from bench.rows.houses import migrated_files
from bench.servers import Servers
from services.intake.service import service
from tests.bench.examples import results
from tests.kit.servers.run import current_run
from tests.kit.waiting import alive


@pytest.fixture
def bench() -> Bench:
    found = results()
    found.unmeasured.clear()
    return Bench(servers=Servers(current_run()), results=found, steps=Steps(1), rounds=1)


async def test_a_row_that_fails_is_told_by_its_last_line(bench: Bench) -> None:
    async def fails(bench: Bench) -> None:
        raise Failed("it ended; it said last:\n  somewhere\nOSError: no room")

    assert not await run_row(Row("post", "A report, posted", 1, fails), bench, 5)
    assert [(one.row, one.why) for one in bench.results.unmeasured] == [
        ("post", "OSError: no room")
    ]


async def test_a_row_without_time_is_told(bench: Bench) -> None:
    async def waits(bench: Bench) -> None:
        await asyncio.Event().wait()

    assert not await run_row(Row("road", "The road", 1, waits), bench, 0.01)
    assert [one.why for one in bench.results.unmeasured] == [
        "no time was left for it: it was cut off"
    ]


async def test_a_row_that_went_well_says_nothing(bench: Bench) -> None:
    async def goes_well(bench: Bench) -> None:
        return

    assert await run_row(Row("road", "The road", 1, goes_well), bench, 5)
    assert bench.results.unmeasured == []


async def test_a_contestant_answers_and_ends_with_its_input(tmp_path: Path) -> None:
    url = (await migrated_files(tmp_path)).database_for(service.name)
    async with contestant("append", "one", {"url": url, "name": "a"}, tmp_path) as one:
        sample = await one.sample(2, 0.01)
        assert (sample.clients, sample.done > 1) == (2, True)
        pid = one.pid
    assert not alive(pid)


async def test_a_contestant_that_cannot_begin_says_why(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"one ended; it said last:(.|\n)*OPENDOOR_DATABASE_URL"):
        async with contestant("append", "one", {"url": "mysql://", "name": "a"}, tmp_path):
            raise AssertionError("it began")
