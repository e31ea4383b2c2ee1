"""What the trials of projection_crash.py rest on: every await is met, and a fault is found."""

import asyncio

import pytest
from sqlalchemy import Connection

from shared.projections.cursors import step_cursor
from shared.projections.projector import Projector
from tests.faults.checker import Class
from tests.faults.projection_crash import HOW, Crashing, Fault, crashing
from tests.faults.suspending import WHENS, Suspending, When


async def three_waits(done: list[int]) -> str:
    for n in range(3):
        await asyncio.sleep(0)
        done.append(n)
    return "done"


async def test_counts_what_it_lets_pass():
    counting = Suspending(three_waits([]))
    assert await counting == "done"
    assert counting.count == 3


@pytest.mark.parametrize("when", WHENS)
async def test_strikes_at_the_await_that_is_named(when: When):
    done: list[int] = []
    struck: list[int] = []
    await Suspending(three_waits(done), at=2, when=when, fault=lambda: struck.extend(done))
    assert struck == [0]
    assert done == [0, 1, 2]


async def test_a_cursor_apart_from_its_rows_is_found(tmp_path, monkeypatch):
    """Rows in one transaction and the cursor in the next: what an outbox reader must never do."""

    async def apart(self: Projector, source: int, target: int) -> bool:
        await self._log.store.write(self._rows.write)
        reader = self._followed.reader

        def job(connection: Connection) -> bool:
            return step_cursor(connection, reader, source, target)

        return await self._log.store.write(job)

    async with crashing(f"sqlite:///{tmp_path / 'boxes.db'}") as trial:
        monkeypatch.setattr(Projector, "_commit", apart)
        await _cancelled_until_found(trial)
    assert Class.DUPLICATE in {one.kind for one in trial.tally.findings}


async def test_a_cursor_ahead_of_its_rows_is_found(tmp_path, monkeypatch):
    """The cursor first, in a transaction of its own: an end between them loses rows."""

    async def apart(self: Projector, source: int, target: int) -> bool:
        reader = self._followed.reader

        def job(connection: Connection) -> bool:
            return step_cursor(connection, reader, source, target)

        moved = await self._log.store.write(job)
        await self._log.store.write(self._rows.write)
        return moved

    async with crashing(f"sqlite:///{tmp_path / 'boxes.db'}") as trial:
        monkeypatch.setattr(Projector, "_commit", apart)
        await _cancelled_until_found(trial)
    assert {one.kind for one in trial.tally.findings} & {Class.UNSEEN, Class.POLL_SKIP}


async def _cancelled_until_found(trial: Crashing) -> None:
    for at in range(1, 20):
        if not trial.tally.findings:
            await trial.meets(Fault("cancelled", "follow", at, "woken"))


async def test_every_await_is_among_the_faults(tmp_path):
    async with crashing(f"sqlite:///{tmp_path / 'boxes.db'}") as trial:
        faults = await trial.faults()
    for how in HOW:
        for work in ("follow", "rebuild"):
            met = {(one.at, one.when) for one in faults if (one.how, one.work) == (how, work)}
            last = int(trial.tally.remarks[f"awaits of {work}, {how}"])
            assert len(met) == 2 * last > 6
            assert (last, "woken") in met
    assert len(set(faults)) == len(faults)
