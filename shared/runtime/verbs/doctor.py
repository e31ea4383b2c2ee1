"""`doctor`: what can be said of settings, servers, logs and workers without changing anything."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from shared.bus import standing
from shared.bus.dead_letters import DeadLetters
from shared.bus.embedded import told_heads
from shared.kernel.clock import SystemClock
from shared.kernel.errors import OpenDoorError
from shared.log.base import Log
from shared.nhs.synthetic import PREFIX
from shared.runtime.ages import age
from shared.runtime.awaited import Waits, waiting
from shared.runtime.counting import counted
from shared.runtime.existing import open_existing, require_newest
from shared.runtime.migrations import newest
from shared.runtime.observing import Heads, heard_lags, own_lags
from shared.runtime.reaching import Reached, reach_all
from shared.runtime.reference import load_reference
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.showing import shown_settings, unknown_settings
from shared.runtime.standings import Told, told
from shared.runtime.verbs.parked import told as letter_told


def doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    """What is set, what answers, how far each reader is behind, what is parked or has stopped,
    and what waits for people; `lines` tells it all, `healthy` whether somebody must look."""
    return asyncio.run(_doctor(services, settings))


async def _doctor(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    reached, heads = await asyncio.gather(
        reach_all(services, settings), _all_heads(services, settings)
    )
    examined = await asyncio.gather(*(_examined(one, settings, heads) for one in services))
    found = {one.name: told_of for one, told_of in zip(services, examined, strict=True)}
    # `demo` says so to its own process alone: what the databases hold tells it to every other.
    synthetic = settings.synthetic or any(one["synthetic"] for one in examined)
    shown = shown_settings(settings.model_copy(update={"synthetic": synthetic}))
    unknown = unknown_settings(os.environ)
    return {
        "healthy": all(one.ok for one in reached) and all(map(_is_well, examined)),
        "settings": shown,
        "unknown_settings": unknown,
        "reached": [asdict(one) for one in reached],
        "services": found,
        "lines": [
            *(f"{name} = {value or '(not set)'}" for name, value in shown.items()),
            *unknown,
            "",
            *map(_reached_line, reached),
            *(line for name, one in found.items() for line in _lines(name, one)),
        ],
    }


def _is_well(found: Mapping[str, Any]) -> bool:
    """Whether nobody need look. That work waits for people is no fault of what runs."""
    return bool(found["reachable"]) and not (found["parked"] or found["tasks"] or found["bus"])


def _reached_line(one: Reached) -> str:
    state = "" if one.ok else "not reached: "
    return f"{one.what}: {state}{one.says} ({one.milliseconds} ms)"


def _lines(name: str, found: Mapping[str, Any]) -> list[str]:
    now = datetime.now(UTC)
    tasks = (
        f"  {one['task']}: {one['standing']}, {one['why']}, "
        f"for {age(now - datetime.fromisoformat(one['since']))}"
        for one in found["tasks"]
    )
    return [
        "",
        f"{name}: {found['sentence']}",
        *([f"  bus: {found['bus']}"] if found["bus"] else ()),
        *tasks,
        *(f"  parked: {one['id']} {one['error']}, {one['age']} old" for one in found["parked"]),
        *(f"  {reader}: {lag} behind" for reader, lag in found["readers"].items()),
        *(
            f"  waits for people: {one['what']}: {one['count']}, the oldest for {one['age']}"
            for one in found["waits"]
            if one["count"]
        ),
    ]


async def _all_heads(services: Sequence[Service], settings: Settings) -> dict[str, Heads]:
    """How far each topic is told, of the services that answer."""
    found: dict[str, Heads] = {}
    for service in services:
        with suppress(OpenDoorError):
            log = _reading(service, settings)
            try:
                await require_newest(service, log)
                for topic in service.topics:
                    found[topic] = await told_heads(log, (topic,))
            finally:
                await log.close()
    return found


async def _examined(
    service: Service, settings: Settings, heads: Mapping[str, Heads]
) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "reachable": False,
        "synthetic": False,
        "head": None,
        "schema": None,
        "bus": None,
        "readers": {},
        "tasks": [],
        "parked": [],
        "waits": [],
    }
    try:
        log = _reading(service, settings)
    except OpenDoorError as error:
        return {"sentence": error.detail, **nothing}
    try:
        # What an older schema lacks cannot be asked: it says so, and nothing more.
        await require_newest(service, log)
        return nothing | await _looked_at(service, settings, log, heads)
    except OpenDoorError as error:
        return {"sentence": error.detail, **nothing}
    finally:
        await log.close()


async def _looked_at(
    service: Service, settings: Settings, log: Log, heads: Mapping[str, Heads]
) -> dict[str, Any]:
    head, schema = (await log.head()).position, newest(service.migrations)
    now = SystemClock(settings.offset).now()
    register = (await load_reference(log.store)).register
    return {
        "sentence": f"reachable, {counted(head, 'event')}, schema {schema}.",
        "reachable": True,
        "synthetic": any(one.startswith(PREFIX) for one in register.codes),
        "head": head,
        "schema": schema,
        # Embedded, one process is everything: there is no bus that could be away.
        "bus": None if settings.embedded_bus else await standing.reported(log.store),
        "readers": await _lags(service, log, head, heads),
        "tasks": [_task(one) for one in await told(log.store)],
        "parked": [letter_told(one) for one in await DeadLetters(log.store).waiting()],
        "waits": [_wait(one, now) for one in await waiting(log.store, service.awaited)],
    }


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


def _wait(one: Waits, now: datetime) -> dict[str, Any]:
    """`now` is the deployment's own, which development may shift."""
    return {
        "what": one.what,
        "count": one.count,
        "since": one.oldest.isoformat() if one.oldest else None,
        "age": age(now - one.oldest) if one.oldest else None,
    }


def _reading(service: Service, settings: Settings) -> Log:
    return open_existing(service, settings, reads_only=True)
