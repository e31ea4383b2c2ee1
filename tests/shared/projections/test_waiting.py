"""Tests of shared/projections/waiting.py and waking.py."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from shared.log.base import Log
from shared.log.waking import Signal
from shared.projections.generations import applied_now
from shared.projections.projector import Projector
from shared.projections.waiting import Waiting
from tests.shared.projections.boxes import BOXES_VIEW, CODEC, BoxMade, record


def shown(log: Log) -> Callable[[], Awaitable[int]]:
    return partial(applied_now, log.store, BOXES_VIEW.name)


async def test_answers_at_once_what_has_been_applied(log: Log):
    position = await record(log, ("a", BoxMade(owner="north")))
    one = Projector(BOXES_VIEW, log, CODEC.decode_known)
    await one.step()
    waiting = Waiting(shown(log), one.applied)
    assert await waiting.until(position, 0) == position


async def test_says_how_far_it_is_when_time_is_over(log: Log):
    waiting = Waiting(shown(log), Signal())
    assert await waiting.until(5, 0.01) == 0


async def test_everyone_who_waits_is_woken_by_a_projector_here_or_elsewhere(log: Log):
    one = Projector(BOXES_VIEW, log, CODEC.decode_known)
    here = Waiting(shown(log), one.applied)
    elsewhere = Waiting(shown(log), Signal())
    waits = [
        asyncio.create_task(where.until(1, 30)) for where in (here, elsewhere) for _ in range(5)
    ]
    await asyncio.sleep(0)
    await record(log, ("a", BoxMade(owner="north")))
    await one.step()
    assert await asyncio.gather(*waits) == [1] * 10


async def test_a_signal_between_looking_and_waiting_is_not_missed():
    signal = Signal()
    seen = signal.count
    signal.set()
    assert await signal.wait(seen, 3600)
    assert not await signal.wait(signal.count, 0.001)
