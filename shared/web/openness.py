"""Who may call a route, read from its dependencies: closed unless it says otherwise (M7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

PERMISSION = "open_door_permission"
"""The attribute of a dependency or an endpoint that names the permission it asks for."""

OPEN = "open_door_open"
"""The attribute that says that the table grants the permission to everybody."""


async def open_to_anyone() -> None:
    """Says of a route that it needs no token."""


ANYONE: Any = Depends(open_to_anyone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One operation and who may call it: `permission`, or `open`, or (a fault) neither."""

    method: str
    path: str
    operation: str
    permission: str | None
    open: bool

    @property
    def undecided(self) -> bool:
        return self.permission is None and not self.open


def accesses(routes: Sequence[BaseRoute]) -> list[Access]:
    """Every operation of FastAPI among `routes`, included routers within; mounts of files and the
    OpenAPI page, which hold no case data, are none."""
    return [
        access
        for context in iter_route_contexts(routes)
        if getattr(context, "dependant", None) is not None
        for access in _of(context)
    ]


def undecided(routes: Sequence[BaseRoute]) -> list[str]:
    """Operations that name no permission and are not said to be open: the list must be empty."""
    return [f"{one.method} {one.path}" for one in accesses(routes) if one.undecided]


def _of(context: RouteContext) -> Iterator[Access]:
    calls = [context.endpoint, *(one.call for one in _dependencies(context.dependant))]
    permissions = [getattr(call, PERMISSION) for call in calls if hasattr(call, PERMISSION)]
    for method in sorted(context.methods or ()):
        yield Access(
            method=method,
            path=context.path_format or "",
            operation=context.operation_id or context.name or "",
            permission=permissions[0] if permissions else None,
            open=open_to_anyone in calls or any(getattr(call, OPEN, False) for call in calls),
        )


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for one in dependant.dependencies:
        yield one
        yield from _dependencies(one)
