"""What stands still is seen: in `_status`, in `/metrics` and by `doctor`; the rest goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, insert

from services.__main__ import load_services
from services.demonstration.story_2018 import connected_to_air
from shared.bus import standing
from shared.bus.consumer import PartitionState
from shared.kernel.clock import SettableClock
from shared.kernel.errors import Unavailable
from shared.log.base import Head
from shared.log.tables import BUS_STATE, DEAD_LETTERS, TASK_STATES
from shared.runtime.health import worker_app
from shared.runtime.on_kafka import bus_check
from shared.runtime.settings import Settings, load_settings
from shared.runtime.standings import Reporter, standings_of, told, told_check
from shared.runtime.storytelling import Stage, set_stage
from shared.runtime.supervise import TaskState
from shared.runtime.verbs.doctor import doctor
from shared.telemetry.metrics import DECLARED, PREFIX
from tests.kit.bus import until

NOW = datetime(2018, 12, 19, 9, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
RED = "projection:events"


def settings_in(folder: Path) -> Settings:
    return load_settings(environment="development", data_dir=folder, synthetic=True)


async def fails(*_: Any) -> None:
    raise ValueError("quokka")


def services_with_a_fault() -> tuple[Any, ...]:
    """The three services, of which intake's projection of events cannot take any event."""
    intake, *others = load_services()
    events, *more = intake.projections
    broken = replace(events, views=dict.fromkeys(events.views, fails))
    return (replace(intake, projections=(broken, *more)), *others)


@asynccontextmanager
async def stage_in(folder: Path, services: tuple[Any, ...] | None = None) -> AsyncIterator[Stage]:
    chosen = services or load_services()
    async with set_stage(chosen, settings_in(folder), SettableClock(NOW)) as stage:
        yield stage


@asynccontextmanager
async def at_work(stage: Stage) -> AsyncIterator[None]:
    """Every worker of the stage, as `up` runs them."""
    for worker in stage.workers.values():
        worker.start()
        standings = partial(standings_of, worker)
        Reporter(worker.engine.log.store, "up", standings).add_to(worker)
    try:
        yield
    finally:
        await asyncio.gather(*(worker.stop() for worker in stage.workers.values()))


async def report_an_event(stage: Stage) -> None:
    answer = await stage.client.post(
        "/intake/events",
        json=connected_to_air("2018-12-14"),
        headers={
            "Authorization": f"Bearer {stage.token('RTH', 'trust')}",
            "Idempotency-Key": '"once"',
        },
    )
    assert answer.status_code == 201, answer.text


async def status(stage: Stage, service: str) -> dict[str, Any]:
    answer = await stage.client.get(f"/{service}/_status")
    assert answer.status_code == 200
    return dict(answer.json())


async def figures(stage: Stage, service: str) -> dict[tuple[str, ...], float]:
    """Every gauge by its name and the values of its labels."""
    answer = await stage.client.get(f"/{service}/metrics")
    assert answer.status_code == 200
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(answer.text):
        name = family.name.removeprefix(PREFIX)
        if name in DECLARED and family.type == "gauge":
            labels = DECLARED[name].labels
            found |= {
                (name, *(one.labels[label] for label in labels)): one.value
                for one in family.samples
            }
    return found


async def examined(folder: Path) -> dict[str, Any]:
    return await asyncio.to_thread(doctor, load_services(), settings_in(folder))


async def park(stage: Stage, service: str, *, n: int, at: datetime) -> None:
    def job(connection: Connection) -> None:
        connection.execute(
            insert(DEAD_LETTERS).values(
                reader=service,
                topic="opendoor.intake.v1",
                partition=3,
                n=n,
                key="incident-1",
                record=b"{}",
                error="ValueError",
                state="parked",
                attempts=0,
                at=at,
            )
        )

    await stage.workers[service].engine.log.store.write(job)


async def test_a_projection_that_fails_is_red_everywhere_and_the_others_go_on(tmp_path: Path):
    async with stage_in(tmp_path, services_with_a_fault()) as stage, at_work(stage):
        store = stage.workers["intake"].engine.log.store
        await report_an_event(stage)

        async def seen() -> bool:
            shown = await figures(stage, "intake")
            others = ("projection:commissioning", "eraser")
            return shown.get(("reader_red", RED)) == 1 and all(
                shown["reader_lag", one, "log", "0"] == 0 for one in others
            )

        async def reported() -> bool:
            return bool(await told(store))

        await until(seen)
        await until(reported)
        shown = await figures(stage, "intake")
        assert shown["reader_lag", RED, "log", "0"] == shown["log_position",] > 0
        assert shown["reader_red", "projection:commissioning"] == 0

        said = await status(stage, "intake")
        assert said["status"] == "degraded"
        assert said["checks"]["tasks"]["detail"] == f"Not running: {RED}."
        assert said["checks"]["tasks"]["figures"][RED]["standing"] == "red"
        assert (await stage.client.get("/intake/readyz")).status_code == 200
        assert (await status(stage, "learning"))["status"] == "ok"

        found = await examined(tmp_path)
        assert not found["healthy"]
        assert [one["task"] for one in found["services"]["intake"]["tasks"]] == [RED]
        assert found["services"]["intake"]["readers"][RED] > 0
        assert found["services"]["intake"]["readers"]["projection:commissioning"] == 0
        assert found["services"]["learning"]["tasks"] == []
        assert any(line.startswith(f"  {RED}: red, ") for line in found["lines"])
        assert "quokka" not in str(found)
    # Whoever ends in order leaves no word behind.
    assert (await examined(tmp_path))["services"]["intake"]["tasks"] == []


FOREIGN = ("reader_lag", "assurance")


async def test_readers_that_did_not_run_are_behind_by_all_there_is(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        await report_an_event(stage)
        intake = await figures(stage, "intake")
        position = intake["log_position",]
        assert position > 0
        for reader in (RED, "projection:commissioning", "eraser"):
            assert intake["reader_lag", reader, "log", "0"] == position
        heard = await figures(stage, "assurance")
        behind = {name[2:]: lag for name, lag in heard.items() if name[:2] == FOREIGN}
        assert sum(behind.values()) > 0

        readers = (await examined(tmp_path))["services"]["assurance"]["readers"]
        assert readers["hears:opendoor.intake.v1"] == sum(behind.values())

        await stage.settle()
        heard = await figures(stage, "assurance")
        assert {heard[*FOREIGN, *place] for place in behind} == {0}
        assert (await figures(stage, "intake"))["reader_lag", RED, "log", "0"] == 0
        assert (await examined(tmp_path))["healthy"]


async def test_parked_records_are_counted_with_the_age_of_the_oldest(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        assert (await figures(stage, "assurance"))["records_parked", "assurance"] == 0
        await park(stage, "assurance", n=1, at=LONG_AGO)
        await park(stage, "assurance", n=2, at=datetime.now(UTC))
        shown = await figures(stage, "assurance")
        assert shown["records_parked", "assurance"] == 2
        year = 365 * 86_400
        assert shown["parked_oldest_seconds", "assurance"] > year
        found = await examined(tmp_path)
        assert not found["healthy"]
        first, second = found["services"]["assurance"]["parked"]
        assert (first["id"], first["error"]) == ("opendoor.intake.v1/3#1", "ValueError")
        assert first["age"].endswith(" days")
        assert " second" in second["age"]  # one of them, or some
        line = f"  parked: {first['id']} ValueError, {first['age']} old"
        assert line in found["lines"]


async def test_an_api_without_a_client_of_the_bus_says_what_its_workers_said(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        log = stage.workers["intake"].engine.log
        check = bus_check(log)
        assert not (await check.run()).ok  # nobody has been heard of
        await standing.report(log.store, "one", ())
        assert (await check.run()).ok
        await standing.report(log.store, "two", ("Kafka: gone.",))
        assert (await check.run()).detail == "Kafka: gone."

        await log.store.write(lambda held: held.execute(BUS_STATE.update().values(until=LONG_AGO)))
        assert (await check.run()).detail == "No worker of this service is running."
        assert not check.needed


async def test_what_stands_still_in_a_worker_is_told_while_its_word_holds(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        log = stage.workers["intake"].engine.log
        states = [TaskState("hear:0", "waiting", "Kafka is gone."), TaskState("eraser", "running")]
        reporter = Reporter(log.store, "one", lambda: states)
        await reporter.step()
        (word,) = await told(log.store)
        assert (word.owner, word.task, word.standing) == ("one", "hear:0", "waiting")
        assert (await told_check(log).run()).detail == "Not running: hear:0."

        states[1] = TaskState("eraser", "red", "ValueError")
        await reporter.step()
        eraser, hear = await told(log.store)
        assert (eraser.task, hear.since) == ("eraser", word.since)

        await log.store.write(
            lambda held: held.execute(TASK_STATES.update().values(until=LONG_AGO))
        )
        assert (await told_check(log).run()).ok
        states.clear()
        await reporter.step()
        assert await told(log.store) == []


async def test_metrics_answer_while_the_database_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def gone() -> Head:
        raise Unavailable("The database is gone.")

    async with stage_in(tmp_path) as stage:
        monkeypatch.setattr(stage.workers["learning"].engine.log, "head", gone)
        shown = await figures(stage, "learning")
        assert ("streams_open",) in shown
        assert not [name for name in shown if name[0] == "reader_lag"]
        assert (await stage.client.get("/learning/readyz")).status_code == 503
        assert (await status(stage, "learning"))["status"] == "unavailable"


async def test_appends_and_what_reactions_were_refused_are_counted(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        await report_an_event(stage)
        await report_an_event(stage)
        worker = stage.workers["intake"]
        worker.reactor.refused["not-now"] += 2
        shown = await counted(stage, "intake")
        assert shown["opendoor_append_outcomes_total", "appended"] == 1
        assert shown["opendoor_append_seconds_count",] == shown["opendoor_append_entries_sum",] > 0
        assert shown["opendoor_reactions_refused_total", "not-now"] == 2
        worker.reactor.refused["not-now"] += 1
        again = await counted(stage, "intake")
        assert again["opendoor_reactions_refused_total", "not-now"] == 3


async def counted(stage: Stage, service: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    answer = await stage.client.get(f"/{service}/metrics")
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


async def test_a_partition_that_stands_still_is_named_with_its_reason(tmp_path: Path):
    async with stage_in(tmp_path) as stage:
        worker = stage.workers["assurance"]
        worker.consumer.states["opendoor.intake.v1", 3] = PartitionState(
            topic="opendoor.intake.v1", partition=3, standing="red", why="A gap.", fault="gap"
        )
        shown = await figures(stage, "assurance")
        assert shown["series_stopped", "opendoor.intake.v1", "3", "gap"] == 1
        assert shown["reader_red", "opendoor.intake.v1/3"] == 1
        del worker.consumer.states["opendoor.intake.v1", 3]
        shown = await figures(stage, "assurance")
        assert not [name for name in shown if name[0] == "series_stopped"]


async def test_a_workers_probe_is_a_plain_503_while_the_database_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def gone() -> Head:
        raise Unavailable("The database is gone.")

    async with stage_in(tmp_path) as stage:
        worker = stage.workers["learning"]
        app = worker_app(worker, partial(standings_of, worker))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            assert (await client.get("/readyz")).status_code == 200
            monkeypatch.setattr(worker.engine.log, "head", gone)
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/_status")).json()["status"] == "unavailable"
            assert (await client.get("/elsewhere")).status_code == 404
