"""From the Authorization header to the Actor: closed by default (M4-M8, H9)."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Depends, Request

from shared.kernel.decider import Actor
from shared.kernel.errors import NotAllowed, NotAuthenticated
from shared.security.permissions import may_ask, open_to_all
from shared.security.principal import PUBLIC, Principal
from shared.web.openness import ANYONE, OPEN, PERMISSION

ORGANISATION = "NHSD-End-User-Organisation-ODS"
PRINCIPAL = "open_door.principal"
Call = TypeVar("Call", bound=Callable[..., Any])
READING = frozenset({"GET", "HEAD"})

Verify = Callable[[str, str | None], Awaitable[Principal]]
"""The principal of a token that acts for the organisation named, if one is. Raises
NotAuthenticated, NotAllowed, or Unavailable while no keys are known."""


class Guard:
    """The door of one service."""

    def __init__(self, service: str, verify: Verify) -> None:
        self._reading, self._writing = f"{service}/read", f"{service}/write"
        self._verify = verify

    @property
    def anyone(self) -> Any:
        """The dependency of an open route."""
        return ANYONE

    def actor(self, permission: str) -> Any:
        """The dependency that lets in who may ask by the row `permission` at all, and gives the
        Actor, as `admit` says."""

        async def acting(request: Request) -> Actor:
            return await self.admit(request, permission)

        return Depends(marked(acting, permission))

    async def admit(self, request: Request, permission: str) -> Actor:
        """The actor of a request; the public, where the row is open to all and no token came.
        Raises NotAuthenticated, NotAllowed, Unavailable."""
        headers = request.headers
        header = headers.get("authorization")
        if header is None and open_to_all(permission):
            return PUBLIC
        principal = await self._verify(bearer(header), headers.get(ORGANISATION))
        request.scope[PRINCIPAL] = principal
        principal.require_scope(self._reading if request.method in READING else self._writing)
        actor = principal.actor()
        if not may_ask(permission, actor):
            raise NotAllowed("Your role does not include this.")
        return actor


def marked(call: Call, permission: str) -> Call:
    """Notes on a dependency or an endpoint which permission it asks for, for `openness`. Raises
    KeyError for a word that the table does not hold."""
    setattr(call, OPEN, open_to_all(permission))
    setattr(call, PERMISSION, permission)
    return call


def bearer(header: str | None) -> str:
    """The token of an Authorization header. Raises NotAuthenticated."""
    scheme, _, token = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("token-missing", "Send Authorization: Bearer and an access token.")
    return token.strip()


def principal_of(request: Request) -> Principal | None:
    """The principal of a guarded route's request, for what outlives the request, such as a
    stream that ends with its token; None where nobody sent one."""
    found = request.scope.get(PRINCIPAL)
    return found if isinstance(found, Principal) else None
