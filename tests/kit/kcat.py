"""kcat, a Kafka client of other people's making: an independent eye on what stands in a topic."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from tests.kit.servers.plugin import unmet

PATIENCE = 30.0
"""Seconds for one call: on a dead broker kcat waits for ever."""

NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One record as kcat shows it."""

    partition: int
    offset: int
    key: str
    headers: dict[str, bytes]
    value: bytes


async def read(bootstrap: str, topic: str) -> list[Seen]:
    """Every record of a topic from the beginning to its end, by partition and offset."""
    said = await _kcat(bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J")
    seen = [_seen(orjson.loads(line)) for line in said.splitlines()]
    return sorted(seen, key=lambda one: (one.partition, one.offset))


async def write(
    bootstrap: str, topic: str, value: bytes, *, key: str, headers: Mapping[str, str] = NONE
) -> None:
    """Puts one record on a topic, its partition chosen as the Java client would."""
    told = [f"-H{name}={text}" for name, text in headers.items()]
    await _kcat(
        bootstrap,
        *("-P", "-t", topic, "-k", key, "-X", "partitioner=murmur2_random", "-D", "\x01", *told),
        stdin=value,
    )


async def _kcat(bootstrap: str, *arguments: str, stdin: bytes = b"") -> bytes:
    if shutil.which("kcat") is None:
        unmet("kcat is not installed (Debian: apt-get install kcat).")
    process = await asyncio.create_subprocess_exec(
        "kcat",
        "-b",
        bootstrap,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, errors = await process.communicate(stdin)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return out


def _seen(shown: dict[str, object]) -> Seen:
    names_and_texts = shown.get("headers") or []
    assert isinstance(names_and_texts, list)
    pairs = zip(names_and_texts[::2], names_and_texts[1::2], strict=True)
    return Seen(
        partition=int(str(shown["partition"])),
        offset=int(str(shown["offset"])),
        key=str(shown["key"]),
        headers={name: text.encode() for name, text in pairs},
        value=str(shown["payload"]).encode(),
    )
