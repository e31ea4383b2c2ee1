"""The principal: who asks, as a verified token and the register of organisations say."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.decider import Actor
from shared.kernel.errors import NotAllowed

PUBLIC = Actor(client="public", person="", organisation="", kind="public")
"""Who asks without a token, where a route is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`organisation` is the ODS code for which this request acts, one of `organisations`; `kind`
    is its kind today; `expires_at` ends the token, in UTC."""

    client: str
    person: str
    organisation: str
    organisations: tuple[str, ...]
    kind: str
    roles: frozenset[str]
    scopes: frozenset[str]
    expires_at: datetime

    def actor(self) -> Actor:
        """Who acts, as deciders and permissions know it."""
        return Actor(
            client=self.client,
            person=self.person,
            organisation=self.organisation,
            kind=self.kind,
            roles=self.roles,
        )

    def require_scope(self, scope: str) -> None:
        """Raises NotAllowed (`scope-missing`) for a scope, such as `intake/read`, not granted."""
        if scope not in self.scopes:
            raise NotAllowed(f"The token lacks the scope {scope}.", slug="scope-missing")
