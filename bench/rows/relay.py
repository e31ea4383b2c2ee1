"""What is published, carried to Kafka; and the chain of the same log, verified."""

from contextlib import AsyncExitStack

from bench.contestant import contestant
from bench.contestants.relaying import fill, record_bytes
from bench.context import Bench
from bench.names import KAFKA_PERFORMANCE, POSTGRES, RELAY, VERIFY
from bench.results import Figure
from bench.rows.houses import migrated
from shared.kernel.clock import SystemClock
from shared.log.opening import open_log

RECORDS = 60_000


async def relay(bench: Bench) -> None:
    """As many records of the same size by the relay and by Kafka's own tool."""
    async with AsyncExitStack() as stack:
        folder = bench.servers.folder("relay")
        url = (await migrated(bench, stack, folder)).database_url
        told = {"bootstrap": bench.servers.kafka().bootstrap, "records": RECORDS}
        log = open_log(url, SystemClock())
        stack.push_async_callback(log.close)
        await fill(log, RECORDS)
        size = await record_bytes(log)
        carrying = await stack.enter_async_context(
            contestant("relay", POSTGRES, {"url": url, **told}, folder)
        )
        performing = await stack.enter_async_context(
            contestant("kafka-performance", KAFKA_PERFORMANCE, {"bytes": size, **told}, folder)
        )
        found = await bench.in_turn((carrying, performing), 2, (1,))
        for (name, _), samples in found.items():
            rates = tuple(round(one.rate, 1) for one in samples)
            bench.add(Figure(row=RELAY, name=name, unit="records/s", samples=rates))
        bench.results.settings["bytes of a record to Kafka"] = str(size)
        verifying = await stack.enter_async_context(
            contestant("verify", f"{POSTGRES}, verified", {"url": url}, folder)
        )
        for (_, _), samples in (await bench.in_turn((verifying,), 2, (1,))).items():
            rates = tuple(round(one.rate, 1) for one in samples)
            bench.add(Figure(row=VERIFY, name=POSTGRES, unit="events/s", samples=rates))
