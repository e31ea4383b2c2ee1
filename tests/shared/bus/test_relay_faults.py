"""The relay when something fails: killed, unheard, refused, cut off, out of its lease."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiokafka.errors import RequestTimedOutError

from shared.bus import relay as relaying
from shared.bus.kafka import make_topics
from shared.bus.relay import Relay
from shared.log import leases
from tests.kit.bus import LESSONS, until
from tests.kit.mock_kafka import MockKafka, mock_kafka
from tests.kit.relaying import Teller, carrying, is_dense, numbers, records, teller_in
from tests.kit.servers.kafka import KafkaServer

REFUSALS = {
    "unknown": -1,
    "not leader": 6,
    "timed out": 7,
    "too large": 10,
    "not enough replicas": 19,
    "not allowed": 29,
    "out of order sequence": 45,
    "fenced": 47,
    "storage error": 56,
}
"""Error codes of the Kafka protocol, as a Produce request may be answered."""


@pytest.fixture
async def teller(tmp_path: Path) -> AsyncIterator[Teller]:
    async with teller_in(tmp_path / "teller.db") as made:
        yield made


@pytest.fixture
async def bootstrap(kafka_server: KafkaServer, kafka_prefix: str) -> str:
    await make_topics(kafka_server.bootstrap, (LESSONS,), replication=1, prefix=kafka_prefix)
    return kafka_server.bootstrap


async def holds_all(bootstrap: str, topic: str, count: int) -> list[int]:
    """The numbers in Kafka, of which none may be skipped or out of order; the last is `count`."""
    found = numbers(await records(bootstrap, topic, at_least=count))
    assert is_dense(found), found
    assert max(found) == count
    return found


async def sent(relay: Relay, count: int) -> bool:
    return relay.state.sent >= count


async def level(relay: Relay) -> bool:
    return relay.state.lag == {0: 0}


async def test_killed_at_any_moment_it_skips_and_reorders_nothing(
    bootstrap: str, kafka_prefix: str, teller: Teller, monkeypatch: pytest.MonkeyPatch
):
    """A kill gives no time to close anything or to hand the lease back."""
    monkeypatch.setattr(relaying, "BATCH_BYTES", 4_000)
    for life in range(6):
        await teller.tells(80)
        relay = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")
        running = asyncio.create_task(relay._carry())
        relay._until = asyncio.get_running_loop().time() + 60
        await until(partial(sent, relay, life * 11))
        running.cancel()
        await asyncio.wait((running,))
    async with carrying(Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")) as last:
        await until(lambda: level(last))
    await holds_all(bootstrap, f"{kafka_prefix}{LESSONS}", 480)


class Unheard:
    """A producer whose first acknowledgement never reaches the relay."""

    def __init__(self, real: Any) -> None:
        self._real = real

    async def send_batch(self, *told: Any, **more: Any) -> asyncio.Future[object]:
        await (await self._real.send_batch(*told, **more))
        lost: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        lost.set_exception(RequestTimedOutError())
        return lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_what_arrived_unheard_is_not_sent_again(
    bootstrap: str, kafka_prefix: str, teller: Teller, monkeypatch: pytest.MonkeyPatch
):
    """Kafka's own last record says that it arrived."""
    relay = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one")
    real = relay._producer
    made: list[Any] = []

    def producer() -> Any:
        made.append(real())
        return Unheard(made[0]) if len(made) == 1 else made[-1]

    monkeypatch.setattr(relay, "_producer", producer)
    await teller.tells(3)
    with structlog.testing.capture_logs() as said:
        async with carrying(relay):
            await until(lambda: level(relay))
            await teller.tells(2)
            await until(lambda: sent(relay, 2))
    found = await holds_all(bootstrap, f"{kafka_prefix}{LESSONS}", 5)
    assert found == [1, 2, 3, 4, 5]
    assert len(made) == 2, "a producer that met an error is thrown away"
    assert [one["event"] for one in said] == ["relay_runs", "relay_waits", "relay_runs"]


async def test_a_lease_that_cannot_be_renewed_runs_out(
    bootstrap: str, kafka_prefix: str, teller: Teller, monkeypatch: pytest.MonkeyPatch
):
    """The database neither grants nor refuses: what counts is when the last grant ends."""
    long = timedelta(minutes=1)
    relay = Relay(teller.log, LESSONS, bootstrap, kafka_prefix, "one", lease=long)
    asked_again = asyncio.Event()

    async def no_answer(*_: object) -> None:
        asked_again.set()
        await asyncio.Event().wait()

    async with carrying(relay):
        await teller.tells(1)
        await until(lambda: sent(relay, 1))
        monkeypatch.setattr(leases, "acquire", no_answer)
        relay._until = asyncio.get_running_loop().time()
        await teller.tells(1)
        await asked_again.wait()
        assert relay.state.standing == "standby"
        assert relay.state.sent == 1


@pytest.fixture
def mock() -> Any:
    with mock_kafka(LESSONS) as cluster:
        yield cluster


@pytest.mark.parametrize("code", REFUSALS.values(), ids=REFUSALS)
async def test_a_refused_batch_is_sent_again_in_its_place(
    mock: MockKafka, teller: Teller, code: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relaying, "BATCH_BYTES", 4_000)
    monkeypatch.setattr(relaying, "PATIENCE", 2.0)
    relay = Relay(teller.log, LESSONS, mock.bootstrap, "", "one")
    async with carrying(relay):
        await teller.tells(30)
        await until(lambda: sent(relay, 30))
        mock.refuse(code, code)
        await teller.tells(70)
        await until(lambda: sent(relay, 100))
    await holds_all(mock.bootstrap, LESSONS, 100)


async def test_a_broker_that_goes_and_comes_back_gets_the_rest(
    mock: MockKafka,
    teller: Teller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(relaying, "PATIENCE", 1.0)
    relay = Relay(teller.log, LESSONS, mock.bootstrap, "", "one")
    async with carrying(relay):
        for _ in range(3):
            await teller.tells(20)
            mock.down()
            await teller.tells(20)
            await until(lambda: stands(relay, "waiting"))
            mock.up()
            await until(lambda: stands(relay, "running"))
        await until(lambda: level(relay))
    await holds_all(mock.bootstrap, LESSONS, 120)
    assert "Exception in callback" not in caplog.text


async def stands(relay: Relay, standing: str) -> bool:
    return relay.state.standing == standing


async def test_a_broker_that_answers_late_is_waited_for(
    mock: MockKafka, teller: Teller, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relaying, "BATCH_BYTES", 4_000)
    mock.slow(150)
    await teller.tells(60)
    async with carrying(Relay(teller.log, LESSONS, mock.bootstrap, "", "one")) as relay:
        await until(lambda: sent(relay, 60))
    assert await holds_all(mock.bootstrap, LESSONS, 60) == list(range(1, 61))
