"""`make faults`: every trial in its long form, and the page docs/fault-report.md."""

import argparse
import asyncio
import os
import platform
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared.runtime.progress import progress_bar
from tests.faults.checker import Class, Finding
from tests.faults.report import Result, Run, page, with_soak
from tests.faults.trial import Plan, Tally, Trial
from tests.faults.trials import TRIALS
from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import Controller

PAGE = Path(__file__).parents[2] / "docs" / "fault-report.md"
SOAKED = PAGE.with_name("soak.md")


def main() -> int:
    """Runs what was asked for; status 1 where a promise did not hold."""
    asked = _arguments()
    trials = [one for one in TRIALS if not asked.only or asked.only in one.name]
    if not trials:
        sys.stderr.write(f"No trial is called {asked.only}.\n")
        return 2
    began = time.monotonic()
    controller = Controller.begin()
    try:
        with progress_bar("faults") as show:
            results = _all(trials, asked.rounds, asked.seed, show)
        servers = tuple(str(found) for found in controller.run.found())
    finally:
        controller.end()
    run = Run(
        command=f"make faults ROUNDS={asked.rounds} SEED={asked.seed}",
        seed=asked.seed,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=_machine(),
        servers=servers,
        minutes=(time.monotonic() - began) / 60,
    )
    written = page(run, results)
    if SOAKED.exists():
        written = with_soak(written, SOAKED.read_text())
    sys.stdout.write(written)
    if not asked.only:
        PAGE.write_text(written)
    return int(any(one.tally.findings for one in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="rounds of the log's trials")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--only", default="", help="only trials whose name holds this; no page")
    return parser.parse_args()


def _all(
    trials: Sequence[Trial], rounds: int, seed: int, show: Callable[[int, int, str], None]
) -> list[Result]:
    total = sum(one.rounds(rounds) for one in trials)
    done = 0
    results = []
    for trial in trials:

        def step(name: str = trial.name) -> None:
            nonlocal done
            done += 1
            show(done, total, name)

        results.append(_one(trial, rounds, seed, step))
    return results


def _one(trial: Trial, rounds: int, seed: int, step: Callable[[], None]) -> Result:
    with tempfile.TemporaryDirectory(prefix="open-door-faults-") as folder:
        plan = Plan(
            trial=trial.name,
            seed=seed,
            rounds=trial.rounds(rounds),
            folder=Path(folder),
            step=step,
            long=True,
        )
        try:
            return Result(trial=trial, tally=asyncio.run(_tally(trial, plan)))
        except UnavailableError as no:
            return Result(trial=trial, tally=Tally(), missing=str(no))
        except Exception as error:  # the other trials go on, and the page says that this one broke
            traceback.print_exc()
            broken = Finding(Class.UNSEEN, f"the trial broke off: {type(error).__name__}: {error}")
            return Result(trial=trial, tally=Tally(findings=[broken]))


async def _tally(trial: Trial, plan: Plan) -> Tally:
    return await trial.run(plan)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    sys.exit(main())
