"""Every trial in its short form; `make faults` runs the long one. FAULTS_SEED replays a plan."""

import os
import secrets

import pytest

from tests.faults.trial import Plan, Tally, Trial
from tests.faults.trials import TRIALS
from tests.kit.servers.plugin import unmet
from tests.kit.servers.process import UnavailableError

SEED = "FAULTS_SEED"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trial", [one for one in TRIALS if one.short], ids=lambda one: one.name)
async def test_the_promise_holds(trial: Trial, tmp_path):
    seed = int(os.environ.get(SEED) or secrets.randbelow(2**31))
    print(f"{SEED}={seed} replays this plan")  # noqa: T201 - shown where the test fails
    plan = Plan(trial=trial.name, seed=seed, rounds=trial.short, folder=tmp_path)
    tally = await _run(trial, plan)
    assert tally.findings == []
    assert tally.rounds == trial.short
    assert tally.acknowledged > 0


async def _run(trial: Trial, plan: Plan) -> Tally:
    try:
        return await trial.run(plan)
    except UnavailableError as no:
        unmet(str(no))
