"""A worker: what is due is carried out each on its own, and leases go from hand to hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.kernel.errors import Contended, Unavailable
from shared.kernel.words import ERASED
from shared.log import leases
from shared.projections.base import LOG_TOPIC
from shared.projections.reach import Reach
from shared.runtime.erasing import READER
from shared.runtime.service import Timer, To
from shared.runtime.worker import LEASE, Worker, carry_out, run_timer
from tests.runtime.boxes import CloseBox, EraseSubject, FillBox
from tests.runtime.house import PATIENCE, House, until


def timer(*due: To) -> Timer:
    async def ask(reach: Reach) -> Sequence[To]:
        return due

    return Timer("clocks", 3600, ask)


def worker(house: House, name: str, *timers: Timer) -> Worker:
    engine = replace(house.engine, service=replace(house.engine.service, timers=timers))
    return Worker(engine, (), shared=True, name=name)


async def until_held(house: House, lease: str, owner: str) -> None:
    async def so() -> bool:
        return await leases.holder(house.engine.log.store, lease) == owner

    await until(so)


async def test_what_is_due_is_done_and_counted(house: House):
    box = await house.made()
    due = timer(To(box, FillBox(by=1)), To(box, FillBox(by=0)), To(box, FillBox(by=2)))
    assert await run_timer(house.engine, due) == 2
    assert (await house.box(box)).held == 3


async def test_what_holds_no_longer_is_passed_by(house: House):
    box = await house.made()
    await house.ask(CloseBox(), box)
    assert await run_timer(house.engine, timer(To(box, FillBox(by=1)))) == 0


async def test_one_thing_that_fails_keeps_no_other_waiting(house: House):
    first, second = await house.made(), await house.made()
    due = timer(To(first, FillBox(by=-1)), To(second, FillBox(by=1)))
    with pytest.raises(ExceptionGroup) as failed:
        await run_timer(house.engine, due)
    assert [type(one) for one in failed.value.exceptions] == [ValueError]
    assert (await house.box(second)).held == 1


async def test_what_is_away_stops_the_round(house: House, monkeypatch):
    async def away(stream: str, after: int = 0) -> None:
        raise Unavailable("Away.")

    monkeypatch.setattr(house.engine.log, "stream", away)
    with pytest.raises(Unavailable):
        await run_timer(house.engine, timer(To("b", FillBox(by=1))))


async def test_what_others_overtook_is_decided_again(house: House):
    box = await house.made()
    done = [carry_out(house.engine, To(box, FillBox(by=1))) for _ in range(3)]
    assert await asyncio.gather(*done) == [True] * 3
    assert (await house.box(box)).held == 3


async def test_what_is_overtaken_every_time_is_given_up(house: House, monkeypatch):
    box = await house.made()
    append = house.engine.appender.append

    async def overtaken(entry):
        if entry.key is None:
            await house.filled(box)
        return await append(entry)

    monkeypatch.setattr(house.engine.appender, "append", overtaken)
    with pytest.raises(Contended):
        await carry_out(house.engine, To(box, FillBox(by=100)))


async def test_a_worker_ticks_and_erases_until_it_is_stopped(house: House):
    box = await house.made(label="tools")
    await house.ask(EraseSubject(scope="record"), box)
    one = worker(house, "one", timer(To(box, FillBox(by=1))))
    one.start()

    async def done() -> bool:
        state = await house.box(box)
        return state.held == 1 and state.label is ERASED

    await until(done)
    await one.stop(PATIENCE)
    assert {state.standing for state in one.supervisor.states.values()} == {"stopped"}
    assert await house.engine.log.cursor(READER, LOG_TOPIC, 0) >= 2


async def test_a_further_task_is_told_when_to_stop(house: House):
    one, begun = worker(house, "one"), asyncio.Event()

    async def relay(stop: asyncio.Event) -> None:
        begun.set()
        await stop.wait()

    one.also("relay", relay)
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        await one.stop(PATIENCE)
    assert one.supervisor.states["relay"].standing == "stopped"


async def test_who_stops_lets_the_next_take_over_at_once(house: House):
    first, second = worker(house, "first"), worker(house, "second")
    first.start()
    await until_held(house, "eraser", "first")
    second.start()
    await first.stop(PATIENCE)
    await until_held(house, "eraser", "second")
    await second.stop(PATIENCE)
    assert await leases.holder(house.engine.log.store, "eraser") is None


async def test_what_another_holds_is_left_to_it(house: House):
    store = house.engine.log.store
    assert await leases.acquire(store, "eraser", "other", LEASE)
    one = worker(house, "one")
    assert not await one._lease("eraser")()
    await leases.release(store, "eraser", "other")
    held = one._lease("eraser")
    assert [await held(), await held()] == [True, True]
    await one.stop(PATIENCE)
    assert await leases.holder(store, "eraser") is None


async def test_a_worker_stops_also_without_its_database(house: House, monkeypatch):
    one = worker(house, "one")
    assert await one._lease("eraser")()

    async def away(*given: object) -> None:
        raise Unavailable("Away.")

    monkeypatch.setattr(leases, "release", away)
    await one.stop(PATIENCE)
