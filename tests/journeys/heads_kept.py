"""A stranger who keeps what the topic of signed heads tells, and holds the log against it."""

from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer

from shared.contracts.heads import topic_of
from shared.kernel.clock import SystemClock
from shared.log.opening import open_log
from tests.kit.processes import ProcessWorld
from tests.kit.rewriting import cut

SERVICE = "learning"
OFTEN = "1"


async def heads_are_kept_elsewhere(world: ProcessWorld) -> None:
    """A head from Kafka, kept in a file, is one that `verify` accepts, until the log's end is cut
    off. It ends this service's worker, whose log is spoilt by that."""
    world.environment["OPENDOOR_HEADS_SECONDS"] = OFTEN
    assert await world.end(f"work {SERVICE}") == 0
    await world.start("work", SERVICE)
    kept, keys = world.folder / "heads.ndjson", world.folder / "keys.json"
    position = await _keep(world, kept)
    keys.write_bytes((await world.player.client.get(f"/{SERVICE}/keys")).content)
    assert await world.end(f"work {SERVICE}") == 0
    status, said = await _verified(world, kept, keys)
    assert status == 0, said
    log = open_log(world.databases[SERVICE], SystemClock())
    try:
        await cut(log, after=position - 1)
    finally:
        await log.close()
    status, said = await _verified(world, kept, keys)
    assert status == 1
    assert f"The log ends at {position - 1}, the head says {position}: its end was cut off." in said


async def _keep(world: ProcessWorld, file: Path) -> int:
    """Keeps every head that is told, until one covers the log's newest report; its position."""
    consumer = AIOKafkaConsumer(
        f"{world.prefix}{topic_of(SERVICE)}",
        bootstrap_servers=world.kafka.bootstrap,
        auto_offset_reset="earliest",
    )
    log = open_log(world.databases[SERVICE], SystemClock())
    await consumer.start()
    try:
        with file.open("wb") as out:
            while True:
                value = (await consumer.getone()).value
                out.write(value + b"\n")
                position: int = orjson.loads(value)["position"]
                # Behind it stands at least the event by which it was signed.
                if position >= (await log.head()).position - 1:
                    return position
    finally:
        await consumer.stop()
        await log.close()


async def _verified(world: ProcessWorld, kept: Path, keys: Path) -> tuple[int, str]:
    arguments = ("verify", SERVICE, "--against", str(kept), "--keys", str(keys))
    one = await world._launch(f"verify {SERVICE}", *arguments)
    status = await one.process.wait()
    return status, one.log.read_text()
