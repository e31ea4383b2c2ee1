"""What a worker shows of assurance to those who run it: its clocks, and what waits for people."""

from datetime import UTC, date, datetime

from prometheus_client.parser import text_string_to_metric_families

from services.assurance.service import service
from shared.runtime.awaited import waiting
from shared.runtime.watching import Watch
from shared.runtime.worker import Worker
from shared.telemetry.metrics import Metrics
from tests.assurance.world import World, declared

Shown = dict[tuple[str, ...], float]


async def clocks(watch: Watch) -> Shown:
    """The gauges of clocks, by the end of their name and their labels."""
    body, _ = await watch.page()
    return {
        (one.name.removeprefix("opendoor_clocks_"), *one.labels.values()): one.value
        for family in text_string_to_metric_families(body.decode())
        for one in family.samples
        if one.name.startswith("opendoor_clocks_")
    }


def watched(world: World) -> Watch:
    worker = Worker(world.engine, (), shared=False, name="test")
    return Watch(world.engine, Metrics("assurance"), worker=worker)


async def test_clocks_are_counted_by_rule_and_by_how_soon_they_end(world: World) -> None:
    await world.hear(declared())
    await world.settle()
    watch = watched(world)
    none_late = {("breached", rule): 0.0 for rule in ("SIF-INITIAL", "SIF-REPORT-2")}
    assert await clocks(watch) == none_late | {
        ("due", "SIF-INITIAL", "10 days"): 1,
        ("due", "SIF-REPORT-2", "longer"): 1,
    }
    await world.tick(date(2018, 12, 28))
    await world.settle()
    assert await clocks(watch) == none_late | {
        ("breached", "SIF-INITIAL"): 1,
        ("due", "SIF-REPORT-2", "longer"): 1,
    }


async def test_only_a_worker_shows_them(world: World) -> None:
    await world.hear(declared())
    await world.settle()
    assert await clocks(Watch(world.engine, Metrics("assurance"))) == {}


async def test_what_waits_is_counted_with_its_oldest(world: World) -> None:
    await world.hear(declared())
    await world.hear(declared("c2"))
    await world.settle()
    found = {one.what: one for one in await waiting(world.engine.log.store, service.awaited)}
    assert found["Acknowledge the case"].count == 2
    assert found["Acknowledge the case"].oldest == datetime(2018, 12, 19, tzinfo=UTC)
    assert found["Close the case"].count == 0
    assert found["Close the case"].oldest is None
