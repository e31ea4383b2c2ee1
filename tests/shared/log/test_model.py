"""Both logs against one small model, over scenes that nobody thought of."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.kernel.clock import SystemClock
from shared.log import schema
from shared.log.base import Log
from shared.log.postgres import PostgresLog
from shared.log.sqlite import SqliteLog
from tests.kit.cases.log_model import LogMachine

BOUNDS = settings(
    max_examples=20,
    stateful_step_count=8,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)


def compare(open_log: Callable[[], Log]) -> None:
    with asyncio.Runner() as runner:
        log = runner.run(_opened(open_log))
        machine = type("Machine", (LogMachine,), {"runner": runner, "log": log})
        try:
            run_state_machine_as_test(machine, settings=BOUNDS)
        finally:
            runner.run(log.close())


async def _opened(open_log: Callable[[], Log]) -> Log:
    log = open_log()
    await log.store.write(schema.create)
    return log


def test_sqlite_is_as_the_model(tmp_path: Path):
    compare(lambda: SqliteLog(tmp_path / "log.db", SystemClock()))


def test_postgres_is_as_the_model(postgres_url: str):
    compare(lambda: PostgresLog(postgres_url, SystemClock()))
