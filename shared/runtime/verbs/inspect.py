"""`verify` and `doctor`: what can be said of logs and processes without changing anything."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from shared.bus.dead_letters import DeadLetters
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Broken, OpenDoorError
from shared.log.base import Log
from shared.log.chain import verify as verify_chain
from shared.log.opening import open_log
from shared.log.tables import CURSORS
from shared.projections.base import LOG_TOPIC
from shared.runtime.progress import progress_bar
from shared.runtime.service import Service
from shared.runtime.settings import Settings


def verify(service: Service, settings: Settings) -> dict[str, Any]:
    """Reads the whole log and checks its chain: `intact`, `position`, `hash`, and a `sentence`."""
    return asyncio.run(_verify(service, settings))


async def _verify(service: Service, settings: Settings) -> dict[str, Any]:
    log = _reading(service, settings)
    try:
        total = (await log.head()).position
        with progress_bar(f"Verifying {service.name}") as progress:
            head = await verify_chain(
                log, lambda position: progress(position, total, f"position {position}")
            )
    except Broken as error:
        sentence = f"{service.name}: {error.detail}"
        return {"service": service.name, "intact": False, "sentence": sentence}
    finally:
        await log.close()
    return {
        "service": service.name,
        "intact": True,
        "position": head.position,
        "hash": head.hash.hex(),
        "sentence": f"{service.name}: {head.position} events, the chain is whole.",
    }


def doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    """What is set, what answers, how far each reader is behind, what is parked."""
    return asyncio.run(_doctor(services, settings))


async def _doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    found = {one.name: await _examined(one, settings) for one in services}
    lines = [f"{name} = {value}" for name, value in _settings(settings).items()]
    for name, one in found.items():
        lines += ["", f"{name}: {one['sentence']}"]
        lines += [f"  {reader}: {lag} behind" for reader, lag in one["readers"].items()]
        lines += [f"  parked: {parked}" for parked in one["parked"]]
    healthy = all(one["reachable"] and not one["parked"] for one in found.values())
    return {
        "healthy": healthy,
        "settings": _settings(settings),
        "services": found,
        "lines": lines,
    }


async def _examined(service: Service, settings: Settings) -> dict[str, Any]:
    nothing: dict[str, Any] = {"reachable": False, "readers": {}, "parked": []}
    try:
        log = _reading(service, settings)
    except OpenDoorError as error:
        return {**nothing, "sentence": error.detail}
    try:
        head = (await log.head()).position
        return {
            "reachable": True,
            "head": head,
            "sentence": f"reachable, {head} events.",
            "readers": await _lags(log, head),
            "parked": await _parked(log),
        }
    except OpenDoorError as error:
        return {**nothing, "sentence": error.detail}
    finally:
        await log.close()


async def _lags(log: Log, head: int) -> dict[str, int]:
    rows = await log.store.read(select(CURSORS).where(CURSORS.c.topic == LOG_TOPIC))
    return {row.reader: head - row.n for row in rows}


async def _parked(log: Log) -> list[str]:
    now = datetime.now(UTC)
    return [
        f"{one.topic}/{one.partition}#{one.n} {one.error}, {(now - one.at).days} days old"
        for one in await DeadLetters(log.store).waiting()
    ]


def _settings(settings: Settings) -> dict[str, str]:
    """Every setting as it was read; secrets are masked, and passwords in URLs."""
    shown = {}
    for name, value in settings.model_dump().items():
        text = str(value)
        if "://" in text and "@" in text:
            scheme, _, rest = text.partition("://")
            text = f"{scheme}://***@{rest.rpartition('@')[2]}"
        shown[f"OPENDOOR_{name.upper()}"] = text
    return shown


def _reading(service: Service, settings: Settings) -> Log:
    return open_log(settings.database_for(service.name), SystemClock(), reads_only=True)
