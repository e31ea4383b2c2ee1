"""From the Authorization header to the Actor: closed by default (M4-M8, H9)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from shared.kernel.decider import Actor
from shared.kernel.errors import NotAllowed, NotAuthenticated
from shared.security.permissions import may_ask, open_to_all
from shared.security.principal import PUBLIC, Principal
from shared.web.openness import ANYONE, OPEN, PERMISSION

ORGANISATION = "NHSD-End-User-Organisation-ODS"
PRINCIPAL = "open_door.principal"
READING = frozenset({"GET", "HEAD"})

Verify = Callable[[str, str | None], Awaitable[Principal]]
"""The principal of a token that acts for the organisation named, if one is. Raises
NotAuthenticated, NotAllowed, or Unavailable while no keys are known."""


class Guard:
    """The door of one service."""

    def __init__(self, service: str, verify: Verify) -> None:
        self._service = service
        self._verify = verify

    @property
    def anyone(self) -> Any:
        """The dependency of an open route."""
        return ANYONE

    def actor(self, permission: str) -> Any:
        """The dependency that lets in who may ask by the row `permission` at all, and gives the
        Actor; the public, where the row is open to all and no token came. Raises
        NotAuthenticated, NotAllowed."""

        optional = open_to_all(permission)

        async def acting(
            request: Request,
            organisation: Annotated[
                str | None,
                Header(
                    alias=ORGANISATION,
                    description="The acting organisation, where the token has several.",
                ),
            ] = None,
        ) -> Actor:
            header = request.headers.get("authorization")
            if header is None and optional:
                return PUBLIC
            principal = await self._verify(bearer(header), organisation)
            request.scope[PRINCIPAL] = principal
            verb = "read" if request.method in READING else "write"
            principal.require_scope(f"{self._service}/{verb}")
            actor = principal.actor()
            if not may_ask(permission, actor):
                raise NotAllowed("Your role does not include this.")
            return actor

        setattr(acting, PERMISSION, permission)
        setattr(acting, OPEN, optional)
        return Depends(acting)


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
