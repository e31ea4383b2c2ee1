"""`projections`: how read models stand, and filling them anew while everybody reads."""

import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from shared.log.base import Log
from shared.projections.base import Projection
from shared.runtime.building import Builder, Built
from shared.runtime.existing import on_existing
from shared.runtime.progress import progress_bar
from shared.runtime.read_models import ReadModel, read_models
from shared.runtime.service import Service
from shared.runtime.settings import Settings

T = TypeVar("T")


def status(services: Sequence[Service], settings: Settings) -> dict[str, Any]:
    """Every read model: what is shown, what fills, how far both are; `built` says that all of
    them have this version's form."""
    found = {
        one.name: on_existing(one, settings, _standing(one), reads_only=True) for one in services
    }
    rows = [row for rows in found.values() for row in rows]
    return {
        "built": all(row["built"] or row["superseded"] for row in rows),
        "projections": rows,
        "lines": [_line(row) for row in rows],
    }


def _standing(service: Service) -> Callable[[Log], Awaitable[list[dict[str, Any]]]]:
    async def look(log: Log) -> list[dict[str, Any]]:
        head = (await log.head()).position
        return [_row(service, one, head) for one in await read_models(service, log)]

    return look


def _row(service: Service, one: ReadModel, head: int) -> dict[str, Any]:
    shown, filling = one.current, one.building
    return {
        "service": service.name,
        "name": one.projection.name,
        "shape": one.projection.shape,
        "built": one.built,
        "superseded": one.superseded,
        "current": _figures(shown, head),
        "building": _figures(filling, head),
        "retired": [two.generation for two in one.retired],
    }


def _figures(one: Any, head: int) -> dict[str, Any] | None:
    if one is None:
        return None
    applied = one.applied or 0
    return {
        "generation": one.generation,
        "shape": one.shape,
        "applied": applied,
        "behind": max(head - applied, 0),
        "since": one.since,
    }


def _line(row: dict[str, Any]) -> str:
    name = f"{row['service']} {row['name']}"
    shown, filling = row["current"], row["building"]
    said = "nothing is shown"
    if shown is not None:
        said = f"generation {shown['generation']} is shown, {_far(shown)}, shape {shown['shape']}"
    if filling is not None:
        said += f"; generation {filling['generation']} fills, {_far(filling)}"
    if row["superseded"]:
        said += "; a newer version's"
    elif not row["built"]:
        said += f"; this version's shape {row['shape']} is not built"
    return f"{name}: {said}."


def _far(one: dict[str, Any]) -> str:
    return f"applied {one['applied']}, {one['behind']} behind"


def build(
    services: Sequence[Service], settings: Settings, *, leave_swap: bool, others_stopped: bool
) -> list[dict[str, Any]]:
    """Fills what has not this version's form, and shows it; what became of each."""
    return [
        _told(service, one)
        for service in services
        for one in _built(
            service,
            settings,
            lambda builder: builder.build(),
            leave_swap=leave_swap,
            others_stopped=others_stopped,
        )
    ]


def rebuild(service: Service, settings: Settings, name: str) -> dict[str, Any]:
    """Fills one from the first event and shows it; what became of it. Raises KeyError for a name
    that the service has not."""
    chosen = projection_of(service, name)

    async def work(builder: Builder) -> list[Built]:
        return [await builder.rebuild(chosen)]

    (one,) = _built(service, settings, work)
    return _told(service, one)


def projection_of(service: Service, name: str) -> Projection:
    """The projection of that name. Raises KeyError."""
    return {one.name: one for one in service.projections}[name]


def _built(
    service: Service,
    settings: Settings,
    work: Callable[[Builder], Awaitable[list[Built]]],
    **how: bool,
) -> list[Built]:
    async def run(log: Log) -> list[Built]:
        with progress_bar(f"Building {service.name}") as show:
            owner = None if log.store.dialect == "sqlite" else _own_name()
            return await work(Builder(service=service, log=log, owner=owner, show=show, **how))

    return on_existing(service, settings, run)


def _told(service: Service, one: Built) -> dict[str, Any]:
    sentence = f"{service.name} {one.name}: generation {one.generation}, {one.done}."
    return {
        "service": service.name,
        "name": one.name,
        "generation": one.generation,
        "done": one.done,
        "sentence": sentence,
    }


def _own_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"
