"""Kafka's own ProducerPerformance, on records of the relay's size out of memory."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.contestants.base import Run
from bench.contestants.payload import TOPIC
from bench.sampling import Sample
from shared.bus.kafka import make_topics
from tests.kit.servers.kafka_jars import java_command

MAIN = "org.apache.kafka.tools.ProducerPerformance"
LAST = re.compile(
    r"(?P<done>\d+) records sent, (?P<rate>[\d.]+) records/sec .*?"
    r"(?P<p50>\d+) ms 50th, \d+ ms 95th, (?P<p99>\d+) ms 99th"
)
LATEST = 120.0


@asynccontextmanager
async def performing(told: Mapping[str, Any]) -> AsyncIterator[Run]:
    """`bootstrap`, how many `records`, and the `bytes` of each."""

    async def run(clients: int, seconds: float) -> Sample:
        prefix = f"p{secrets.token_hex(6)}."
        await make_topics(told["bootstrap"], (TOPIC,), replication=1, prefix=prefix)
        said = await _run(_command(told, f"{prefix}{TOPIC}"))
        found = LAST.search(said.splitlines()[-1] if said else "")
        if found is None:
            raise RuntimeError(f"ProducerPerformance said: {said[-600:]}")
        done, rate = int(found["done"]), float(found["rate"])
        return Sample(
            clients=1,
            done=done,
            seconds=done / rate,
            p50=int(found["p50"]) / 1_000,
            p99=int(found["p99"]) / 1_000,
            cpu=0.0,
        )

    yield run


def _command(told: Mapping[str, Any], topic: str) -> list[str]:
    properties = [
        f"bootstrap.servers={told['bootstrap']}",
        "acks=all",
        "enable.idempotence=true",
    ]
    return java_command(
        MAIN,
        *("--topic", topic),
        *("--num-records", str(told["records"])),
        *("--record-size", str(told["bytes"])),
        *("--throughput", "-1"),
        *("--producer-props", *properties),
        options=("-Xmx512m",),
    )


async def _run(command: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LATEST):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode(errors="replace").strip()
