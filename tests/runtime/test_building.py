"""An upgrade from one version's read models to another's, while both run and everybody reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Broken, NotNow
from shared.kernel.ids import CountedIds
from shared.log.opening import open_log
from shared.projections.base import Rows, Seen
from shared.projections.generations import applied_now, generations
from shared.projections.projector import Projector
from shared.projections.swapping import begin, drop, found
from shared.runtime import building, supervise, worker
from shared.runtime.building import Builder
from shared.runtime.engine import Engine, open_engine, settle_projections
from shared.runtime.migrations import upgrade
from shared.runtime.observing import own_lags
from shared.runtime.reacting import Reactor
from shared.runtime.read_models import read_models, read_models_check
from shared.runtime.service import Service
from shared.runtime.settings import load_settings
from shared.runtime.worker import Worker
from tests.runtime.boxes import BoxFilled
from tests.runtime.heaps import COUNTED_VIEW, HEAPS_VIEW, NEW, OLD, counted, engine_of, heaps
from tests.runtime.house import NOW, PATIENCE, House, until

BOXES = 4


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """The older version's, with some boxes filled and nothing projected yet."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings = load_settings(environment="development", data_dir=tmp_path, database_url=url)
    log = open_log(settings.database_for(OLD.name), SettableClock(NOW), synced=False)
    await log.store.write(lambda connection: upgrade(connection, OLD.migrations))
    await log.store.write(partial(found, projections=OLD.projections))
    await log.close()
    clock = SettableClock(NOW)
    engine = await open_engine(OLD, settings, clock, CountedIds(settings.secret()), synced=False)
    made = House(engine=engine, clock=clock, reactor=Reactor(engine.desk))
    try:
        for _ in range(BOXES):
            await made.filled(await made.made())
        yield made
    finally:
        await engine.close()


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(building, "LOOK", 0.005)


@asynccontextmanager
async def working(house: House, version: Service, name: str) -> AsyncIterator[Worker]:
    """A worker of one version, beside others."""
    one = Worker(engine_of(house.engine, version), (), shared=True, name=name)
    one.start()
    try:
        yield one
    finally:
        await one.stop(PATIENCE)


def builder(house: House, name: str = "build", version: Service = NEW) -> Builder:
    return Builder(service=version, log=house.engine.log, owner=name)


async def stands(house: House) -> dict[int, str]:
    held = await generations(house.engine.log.store, "heaps")
    return {one.generation: one.state for one in held}


async def applied(house: House, engine: Engine) -> None:
    """Returns once this process has applied everything to the heaps."""
    head = await house.position()

    async def so() -> bool:
        return engine.projectors[0].state.applied >= head

    await until(so)


async def ready(house: House, version: Service) -> bool:
    return (await read_models_check(engine_of(house.engine, version)).run()).ok


async def test_a_new_version_takes_over_while_everybody_reads(house: House, monkeypatch):
    log, stop = house.engine.log, asyncio.Event()
    monkeypatch.setattr(worker, "TIDY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "ROLL_BACK", timedelta())

    async def reads() -> int:
        looks, held = 0, 0
        while not stop.is_set():
            rows = await heaps(log)
            assert len(rows) == BOXES
            now = sum(one.held for one in rows)
            assert now >= held
            looks, held = looks + 1, now
        return looks

    async with working(house, OLD, "old") as old:
        await applied(house, old.engine)
        boxes = [one.id for one in await heaps(log)]
        readers = [asyncio.create_task(reads()) for _ in range(2)]
        built = {one.name: one.done for one in await builder(house).build()}
        assert built == {"heaps": "built", "owners": "as it was"}
        async with working(house, NEW, "new") as new:
            for box in boxes:
                await house.filled(box)
            await applied(house, new.engine)
            await applied(house, old.engine)
            assert [(one.held, one.fillings) for one in await counted(log)] == [(2, 2)] * BOXES
            assert await stands(house) == {1: "retired", 2: "current"}
            assert old.supervisor.states["projection:heaps"].standing == "running"
            await old.stop(PATIENCE)

            async def gone() -> bool:
                return (await stands(house))[1] == "dropped"

            await until(gone)
            stop.set()
            assert min(await asyncio.gather(*readers)) > 5


async def test_built_equals_what_the_new_version_would_have_followed(house: House):
    await builder(house).build()
    built = list(await counted(house.engine.log))
    (one,) = [one for one in NEW.projections if one.name == "heaps"]
    assert (await builder(house).rebuild(one)).done == "built"
    assert list(await counted(house.engine.log)) == built
    assert [(one.held, one.fillings) for one in built] == [(1, 1)] * BOXES


async def test_what_is_left_to_the_workers_is_shown_by_them(house: House):
    await settle_projections(house.engine)
    assert (await ready(house, OLD), await ready(house, NEW)) == (True, False)
    async with working(house, NEW, "new") as new:

        async def waits() -> bool:
            state = new.supervisor.states["projection:heaps"]
            return state.standing == "waiting" and "opendoor projections build" in state.why

        await until(waits)
        filler = replace(builder(house), leave_swap=True)
        assert {one.done for one in await filler.build()} <= {
            "filled",
            "built by another process",
            "as it was",
        }

        async def shown() -> bool:
            return await ready(house, NEW)

        await until(shown)
    assert await stands(house) == {1: "retired", 2: "current"}
    assert (await ready(house, OLD), await ready(house, NEW)) == (True, True)
    (old, *_), (newer, *_) = [
        await read_models(version, house.engine.log) for version in (OLD, NEW)
    ]
    assert (old.superseded, newer.built) == (True, True)


async def test_filled_and_left_is_not_shown(house: House):
    await settle_projections(house.engine)
    filler = replace(builder(house), leave_swap=True)
    assert [one.done for one in await filler.build()] == ["filled", "as it was"]
    assert await stands(house) == {1: "current", 2: "building"}
    assert not await ready(house, NEW)
    log, head = house.engine.log, await house.position()
    await house.made()
    lags = {one.reader: one.behind for one in await own_lags(NEW, log, head + 1)}
    assert lags == {
        "projection:heaps": 1,
        "projection:heaps:g2": 1,
        "projection:owners": 1,
        "eraser": head + 1,
    }


async def _never_at_the_head(house: House, planted: pytest.MonkeyPatch) -> None:
    """At each step of a projector something more happens."""
    box, step = (await heaps(house.engine.log))[0].id, Projector.step

    async def behind_again(self: Projector) -> int:
        moved = await step(self)
        await house.filled(box)
        return moved

    planted.setattr(Projector, "step", behind_again)


@pytest.mark.parametrize("leave", [False, True])
async def test_a_build_ends_although_something_happens_at_each_of_its_steps(
    house: House, monkeypatch, leave: bool
):
    await settle_projections(house.engine)
    with monkeypatch.context() as planted:
        await _never_at_the_head(house, planted)
        async with asyncio.timeout(PATIENCE):
            built = await replace(builder(house), leave_swap=leave).build()
    assert built[0].done == ("filled" if leave else "built")


async def test_a_follower_shows_what_it_fills_although_something_happens_at_each_step(
    house: House, monkeypatch
):
    await settle_projections(house.engine)
    await house.engine.log.store.write(partial(begin, projection=COUNTED_VIEW))
    with monkeypatch.context() as planted:
        await _never_at_the_head(house, planted)
        async with working(house, NEW, "new"):

            async def shown() -> bool:
                return (await stands(house))[2] == "current"

            await until(shown)


async def test_of_two_builds_at_once_one_waits_for_the_other(house: House):
    both = await asyncio.gather(*(builder(house, name).build() for name in ("one", "two")))
    done = sorted(one.done for built in both for one in built if one.name == "heaps")
    assert done == ["built", "built by another process"]
    assert await stands(house) == {1: "retired", 2: "current"}


async def test_a_build_that_dies_is_carried_on_by_the_next(house: House, monkeypatch):
    await settle_projections(house.engine)
    shown = list(await heaps(house.engine.log))
    step = Projector.step

    async def dies(self: Projector) -> int:
        moved = await step(self)
        if self.state.applied > 2:
            raise RuntimeError("the process is gone")
        return moved

    with monkeypatch.context() as planted:
        planted.setattr(Projector, "step", dies)
        planted.setattr(building, "Projector", partial(Projector, batch=3))
        with pytest.raises(RuntimeError):
            await builder(house).build()
    assert list(await heaps(house.engine.log)) == shown
    (begun,) = [one for one in await generations(house.engine.log.store) if one.state == "building"]
    assert begun.applied == 3
    assert [one.generation for one in await builder(house).build()] == [2, 1]
    assert list(await heaps(house.engine.log)) == shown
    assert await stands(house) == {1: "retired", 2: "current"}


async def test_what_another_version_began_and_left_is_removed(house: House):
    other = replace(COUNTED_VIEW, version=9)
    await house.engine.log.store.write(partial(begin, projection=other))
    await builder(house).build()
    assert await stands(house) == {1: "retired", 2: "current"}


async def test_a_worker_follows_what_was_rebuilt_beside_it(house: House):
    async with working(house, OLD, "old") as old:
        await applied(house, old.engine)
        before = list(await heaps(house.engine.log))
        assert (await builder(house, version=OLD).rebuild(HEAPS_VIEW)).generation == 2
        assert list(await heaps(house.engine.log)) == before
        box = before[0].id
        done = await house.filled(box, 5)

        async def followed() -> bool:
            return await applied_now(house.engine.log.store, "heaps") >= done.position

        await until(followed)
        assert [one.held for one in await heaps(house.engine.log) if one.id == box] == [6]
    assert await stands(house) == {1: "dropped", 2: "current"}


async def test_a_worker_whose_read_model_is_gone_says_so_and_does_the_rest(house: House):
    await settle_projections(house.engine)
    await builder(house).build()
    store = house.engine.log.store
    (former,) = [one for one in await generations(store) if one.state == "retired"]
    await store.write(partial(drop, gone=former))
    async with working(house, OLD, "old") as old:

        async def over() -> bool:
            return old.supervisor.states["projection:heaps"].standing == "stopped"

        await until(over)
        assert "newer form" in old.supervisor.states["projection:heaps"].why
        await house.made()
        head = await house.position()

        async def others() -> bool:
            return old.engine.projectors[1].state.applied >= head

        await until(others)
        assert old.supervisor.states["projection:owners"].standing == "running"
    assert await ready(house, OLD)


async def test_a_view_that_fails_keeps_what_was_shown(house: House):
    async def refuses(rows: Rows, happened: BoxFilled, seen: Seen) -> None:
        raise KeyError("a person's words")

    await settle_projections(house.engine)
    faulty = replace(COUNTED_VIEW, views={**COUNTED_VIEW.views, BoxFilled: refuses})
    version = replace(NEW, projections=(faulty,))
    with pytest.raises(Broken, match=r"heaps halted at position \d+ \(box_filled\): KeyError"):
        await builder(house, version=version).build()
    assert len(await heaps(house.engine.log)) == BOXES
    assert await stands(house) == {1: "current", 2: "building"}


async def test_a_column_that_an_older_version_reads_is_kept_till_a_person_says(house: House):
    await settle_projections(house.engine)
    await builder(house).build()
    narrow = builder(house, version=OLD)
    owners = replace(OLD.projections[1], version=2)
    with pytest.raises(NotNow, match="heaps would lose fillings"):
        await replace(narrow, service=replace(OLD, projections=(owners, HEAPS_VIEW))).build()
    assert await stands(house) == {1: "retired", 2: "current"}
    assert len(await generations(house.engine.log.store, "owners")) == 1
    assert len(await counted(house.engine.log)) == BOXES
    await replace(narrow, others_stopped=True).build()
    assert await stands(house) == {1: "current", 2: "retired"}
