"""Tasks of a worker: one that waits, one that stays down, one that rises again; and the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from structlog.testing import capture_logs

from shared.kernel.errors import Broken, Unavailable
from shared.runtime import supervise
from shared.runtime.supervise import Ended, Standing, Supervisor
from tests.runtime.house import PATIENCE, until


@pytest.fixture
async def supervisor(monkeypatch) -> AsyncIterator[Supervisor]:
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.004)
    monkeypatch.setattr(supervise, "STEADY", 0.05)
    monkeypatch.setattr(supervise, "CUT", 0.1)
    made = Supervisor()
    yield made
    await made.stop(0.01)


def failing(
    supervisor: Supervisor, *errors: Exception, then: asyncio.Event | None = None
) -> Callable[[], Awaitable[None]]:
    """Raises each error in its turn, then sets `then` and runs until it is told to stop."""
    left: Iterator[Exception] = iter(errors)

    async def run() -> None:
        for error in left:
            raise error
        if then is not None:
            then.set()
        await supervisor.stopping.wait()

    return run


async def stands(supervisor: Supervisor, name: str, standing: Standing) -> None:
    async def so() -> bool:
        return supervisor.states[name].standing == standing

    await until(so)


async def test_a_task_runs_until_it_is_told_to_stop(supervisor: Supervisor):
    supervisor.start("one", failing(supervisor))
    await stands(supervisor, "one", "running")
    await supervisor.stop(PATIENCE)
    assert supervisor.states["one"].standing == "stopped"


async def test_what_is_away_is_waited_for(supervisor: Supervisor, monkeypatch):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.1)
    supervisor.start("one", failing(supervisor, Unavailable("The database is away.")))
    await stands(supervisor, "one", "waiting")
    assert supervisor.states["one"].why == "The database is away."
    await stands(supervisor, "one", "running")
    assert supervisor.states["one"].why == ""


async def test_it_is_waited_for_as_often_as_it_takes(supervisor: Supervisor):
    there = asyncio.Event()
    away = [Unavailable("Away.") for _ in range(6)]
    supervisor.start("one", failing(supervisor, *away, then=there))
    async with asyncio.timeout(PATIENCE):
        await there.wait()
    await stands(supervisor, "one", "running")


async def test_what_cannot_be_trusted_stays_red(supervisor: Supervisor):
    """Also when everything stops: the last look shows it."""
    supervisor.start("bad", failing(supervisor, Broken("The log is damaged.")))
    supervisor.start("good", failing(supervisor))
    await stands(supervisor, "bad", "red")
    await stands(supervisor, "good", "running")
    await supervisor.stop(PATIENCE)
    assert supervisor.states["bad"].standing == "red"
    assert supervisor.states["bad"].why == "The log is damaged."
    assert supervisor.states["good"].standing == "stopped"


async def test_an_error_that_nobody_foresaw_is_red_and_tried_again(
    supervisor: Supervisor, monkeypatch
):
    monkeypatch.setattr(supervise, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.1)
    supervisor.start("one", failing(supervisor, ZeroDivisionError("a submitted value")))
    await stands(supervisor, "one", "red")
    assert supervisor.states["one"].why == "ZeroDivisionError"
    await stands(supervisor, "one", "running")


async def test_a_task_that_ends_by_itself_is_started_again_and_starves_nobody(
    supervisor: Supervisor,
):
    runs = 0
    thrice = asyncio.Event()

    async def short() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            thrice.set()

    supervisor.start("short", short)
    async with asyncio.timeout(PATIENCE):
        await thrice.wait()


async def test_who_does_not_stop_is_cut_off(supervisor: Supervisor):
    cut = asyncio.Event()

    async def deaf() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut.set()
            raise

    supervisor.start("deaf", deaf)
    await stands(supervisor, "deaf", "running")
    async with asyncio.timeout(PATIENCE):
        await supervisor.stop(0.01)
    assert cut.is_set()
    assert supervisor.states["deaf"].standing == "stopped"


async def test_nothing_to_stop_is_stopped_at_once():
    await Supervisor().stop(PATIENCE)


async def test_a_pause_ends_with_everything(supervisor: Supervisor):
    pause = asyncio.create_task(supervisor.pause(3600))
    supervisor.stopping.set()
    async with asyncio.timeout(PATIENCE):
        await pause


async def test_a_pause_ends_by_itself(supervisor: Supervisor):
    await supervisor.pause(0.001)
    assert not supervisor.stopping.is_set()


async def test_a_task_that_is_over_stays_down_and_is_no_fault(supervisor: Supervisor):
    runs: list[int] = []

    async def run() -> None:
        runs.append(1)
        raise Ended("Another has taken over.")

    with capture_logs() as said:
        supervisor.start("one", run)
        await stands(supervisor, "one", "stopped")
    assert supervisor.states["one"].why == "Another has taken over."
    assert [(one["event"], one["log_level"]) for one in said] == [("task_over", "info")]
    assert runs == [1]


async def test_what_many_wait_for_is_said_once_and_once_more_when_it_is_back(
    supervisor: Supervisor,
):
    """A database that is gone stops a dozen tasks, each of which tries every few seconds."""
    back = asyncio.Event()

    async def run() -> None:
        if not back.is_set():
            raise Unavailable("The database is away.")
        await supervisor.stopping.wait()

    tries = 0

    async def counting() -> None:
        nonlocal tries
        tries += 1
        await run()

    with capture_logs() as said:
        for name in ("one", "two", "three"):
            supervisor.start(name, run)
        supervisor.start("four", counting)

        async def tried() -> bool:
            return tries > 5

        await until(tried)
        assert {one.standing for one in supervisor.states.values()} == {"waiting"}
        back.set()
        for name in supervisor.states:
            await stands(supervisor, name, "running")
    lines = [(one["event"], one["log_level"], one["reason"]) for one in said]
    assert lines == [
        ("task_waits", "warning", "The database is away."),
        ("task_runs", "info", "The database is away."),
    ]


async def test_an_error_that_nobody_foresaw_is_told_once_not_at_each_try(supervisor: Supervisor):
    there = asyncio.Event()
    errors = [ValueError("a value") for _ in range(4)]
    with capture_logs() as said:
        supervisor.start("one", failing(supervisor, *errors, then=there))
        async with asyncio.timeout(PATIENCE):
            await there.wait()
    assert [one["event"] for one in said] == ["task_failed"]


async def test_a_task_that_cannot_be_cut_off_is_left_behind(supervisor: Supervisor):
    """What it holds may be a server that does not answer."""
    free = asyncio.Event()

    async def deaf() -> None:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue

    with capture_logs() as said:
        supervisor.start("deaf", deaf)
        await stands(supervisor, "deaf", "running")
        async with asyncio.timeout(PATIENCE):
            await supervisor.stop(0.01)
    assert [(one["event"], one["task"]) for one in said] == [("task_not_ended", "deaf")]
    free.set()


async def test_what_may_come_at_any_moment_is_asked_for_without_longer_pauses(
    supervisor: Supervisor, monkeypatch
):
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 3600.0)
    there = asyncio.Event()
    absent = [Unavailable("Not yet.", retry_after=0) for _ in range(20)]
    supervisor.start("one", failing(supervisor, *absent, then=there))
    async with asyncio.timeout(PATIENCE):
        await there.wait()
