"""`doctor`: what can be said of logs and processes without changing anything."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.bus.dead_letters import DeadLetters
from shared.bus.embedded import told_heads
from shared.kernel.errors import OpenDoorError
from shared.log.base import Log
from shared.runtime.existing import open_existing, require_known
from shared.runtime.observing import Heads, heard_lags, own_lags
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.standings import Told, told


def doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    """What is set, what answers, how far each reader is behind, what is parked."""
    return asyncio.run(_doctor(services, settings))


async def _doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    heads = await _all_heads(services, settings)
    found = {one.name: await _examined(one, settings, heads) for one in services}
    lines = [f"{name} = {value}" for name, value in _settings(settings).items()]
    for name, one in found.items():
        lines += ["", f"{name}: {one['sentence']}"]
        lines += [f"  {reader}: {lag} behind" for reader, lag in one["readers"].items()]
        lines += [f"  {task['task']}: {task['standing']}, {task['why']}" for task in one["tasks"]]
        lines += [f"  parked: {parked}" for parked in one["parked"]]
    healthy = all(
        one["reachable"] and not one["parked"] and not one["tasks"] for one in found.values()
    )
    return {
        "healthy": healthy,
        "settings": _settings(settings),
        "services": found,
        "lines": lines,
    }


async def _all_heads(services: Sequence[Service], settings: Settings) -> dict[str, Heads]:
    """How far each topic is told, of the services that answer."""
    found: dict[str, Heads] = {}
    for service in services:
        with suppress(OpenDoorError):
            log = _reading(service, settings)
            try:
                for topic in service.topics:
                    found[topic] = await told_heads(log, (topic,))
            finally:
                await log.close()
    return found


async def _examined(
    service: Service, settings: Settings, heads: Mapping[str, Heads]
) -> dict[str, Any]:
    nothing: dict[str, Any] = {"reachable": False, "readers": {}, "tasks": [], "parked": []}
    try:
        log = _reading(service, settings)
    except OpenDoorError as error:
        return {**nothing, "sentence": error.detail}
    try:
        await require_known(service, log)
        head = (await log.head()).position
        return {
            "reachable": True,
            "head": head,
            "sentence": f"reachable, {head} events.",
            "readers": await _lags(service, log, head, heads),
            "tasks": [_task(one) for one in await told(log.store)],
            "parked": await _parked(log),
        }
    except OpenDoorError as error:
        return {**nothing, "sentence": error.detail}
    finally:
        await log.close()


async def _lags(
    service: Service, log: Log, head: int, heads: Mapping[str, Heads]
) -> dict[str, int]:
    """By reader; foreign series, all partitions of a topic together, as `hears:<topic>`: how far
    their teller's database is ahead, whatever lies between."""
    found = {one.reader: one.behind for one in await own_lags(service, log, head)}
    for topic in service.hears:
        if topic in heads:
            lags = await heard_lags(log, service.name, heads[topic])
            found[f"hears:{topic}"] = sum(one.behind for one in lags)
    return found


def _task(one: Told) -> dict[str, str]:
    return {
        "task": one.task,
        "standing": one.standing,
        "why": one.why,
        "since": one.since.isoformat(),
    }


async def _parked(log: Log) -> list[str]:
    now = datetime.now(UTC)
    return [
        f"{one.place} {one.error}, {_age(now - one.at)} old"
        for one in await DeadLetters(log.store).waiting()
    ]


def _age(lasting: timedelta) -> str:
    """In the largest unit that it fills."""
    seconds = max(int(lasting.total_seconds()), 0)
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


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
    return open_existing(service, settings, reads_only=True)
