"""Each trial of a hop finds the fault that is planted for it."""

import random
from pathlib import Path

import pytest

from tests.faults import hop_embedded, relay_faults
from tests.faults.checker import Class
from tests.faults.hop import Hop
from tests.faults.hop_child import Child
from tests.faults.trial import Plan, Tally
from tests.kit.servers.kafka import KafkaServer
from tests.kit.servers.postgres import PostgresServer


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(trial="planted", seed=1, rounds=1, folder=tmp_path)


def kinds(tally: Tally) -> set[str]:
    return {one.kind for one in tally.findings}


@pytest.mark.timeout(300)
async def test_a_send_that_never_left_and_counts_as_acknowledged_is_found(
    plan: Plan,
    postgres_server: PostgresServer,
    kafka_server: KafkaServer,
    monkeypatch: pytest.MonkeyPatch,
):
    async def pretended(way: Hop, chance: random.Random) -> None:
        await way.running[await way.holder()].order("fail", "pretended", 3)
        await way.recovers("pretended", way.carried)

    monkeypatch.setattr(relay_faults, "FAULTS", (pretended,))
    assert {Class.POLL_SKIP, Class.UNSEEN} <= kinds(await relay_faults.run(plan))


@pytest.mark.timeout(300)
async def test_an_effect_that_happens_twice_is_found(plan: Plan, monkeypatch: pytest.MonkeyPatch):
    async def doubled(one: Child, chance: random.Random) -> None:
        await one.order("double")
        await one.killed(2 * hop_embedded.STEPS)

    monkeypatch.setattr(hop_embedded, "FAULTS", {"planted": doubled})
    assert kinds(await hop_embedded.run(plan)) == {Class.DUPLICATE, Class.NON_MONOTONIC}
