"""Bearer tokens: verified against the issuer's keys, remembered until they expire."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import InvalidPayloadError, JoseError

from shared.kernel.clock import Clock, london_day
from shared.kernel.errors import NotAllowed, NotAuthenticated
from shared.security.claims import ClaimNames, Claims, audiences, read_claims
from shared.security.jwks import Keys, PublicKey
from shared.security.principal import Principal

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
SKEW_SECONDS = 30
REMEMBERED = 10_000
_TOKEN_LIMIT = 16_384

KindOf = Callable[[str, date], str | None]
"""(ODS code, London day) -> the organisation's kind that day, None where the register has none."""


class TokenVerifier:
    """Turns tokens into principals.

    `exp` and `nbf` are judged by the Clock port, as the issuer's are made by it, so that simulated
    time moves both alike; the keys live in real time. Claims of a verified token are kept by the
    token's hash, since verifying each time halves the rate; kind and organisation are looked up
    at every use.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        issuer: str,
        audience: str,
        clock: Clock,
        kind_of: KindOf,
        names: ClaimNames | None = None,
        algorithms: Collection[str] = ALGORITHMS,
        remembered: int = REMEMBERED,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._kind_of = kind_of
        self._names = names or ClaimNames()
        self._algorithms = frozenset(algorithms) & ALGORITHMS
        self._verified = _Remembered(remembered)

    async def principal(self, token: str, acting_for: str | None = None) -> Principal:
        """Who asks; `acting_for` is the header NHSD-End-User-Organisation-ODS (H9).

        Raises NotAuthenticated with a slug of M5, NotAllowed (`organisation-not-allowed`),
        Unavailable while the issuer's keys have never been obtained.
        """
        claims = await self._claims(token)
        now = self._clock.now()
        _require_time(claims, now)
        organisation = _acting_organisation(claims.organisations, acting_for)
        kind = self._kind_of(organisation, london_day(now))
        if kind is None:
            raise _not_allowed("The token's organisation is in no register today.")
        return Principal(
            client=claims.client,
            person=claims.person,
            organisation=organisation,
            organisations=claims.organisations,
            kind=kind,
            roles=claims.roles,
            scopes=claims.scopes,
            expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
        )

    async def _claims(self, token: str) -> Claims:
        known = self._verified.get(token, self._keys.generation)
        if known is not None:
            return known
        raw = await self._verify(token)
        if raw.get("iss") != self._issuer:
            raise NotAuthenticated("token-wrong-issuer", "The token is of another issuer.")
        if self._audience not in audiences(raw):
            raise NotAuthenticated("token-wrong-audience", "The token is for another audience.")
        claims = read_claims(raw, self._names)
        _require_time(claims, self._clock.now())
        self._verified.put(token, self._keys.generation, claims)
        return claims

    async def _verify(self, token: str) -> dict[str, Any]:
        header = _header(token)
        if header.get("alg") not in self._algorithms:
            raise NotAuthenticated("token-bad-signature", "The token's algorithm is not accepted.")
        kid = header.get("kid")
        key = await self._keys.find(kid if isinstance(kid, str) else None)
        return _decoded(token, key, self._algorithms)


class _Remembered:
    """Claims by the token's hash, bounded; the token itself is kept nowhere (M10)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[bytes, tuple[int, Claims]] = OrderedDict()

    def get(self, token: str, generation: int) -> Claims | None:
        held = self._held.get(_hash(token))
        if held is None or held[0] != generation:
            return None
        self._held.move_to_end(_hash(token))
        return held[1]

    def put(self, token: str, generation: int, claims: Claims) -> None:
        self._held[_hash(token)] = generation, claims
        if len(self._held) > self._limit:
            self._held.popitem(last=False)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _header(token: str) -> dict[str, Any]:
    if len(token) > _TOKEN_LIMIT or not token.isascii():
        raise _malformed()
    try:
        header = dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError, RecursionError):
        raise _malformed() from None
    if not isinstance(header.get("alg"), str):
        raise _malformed()
    return header


def _decoded(token: str, key: PublicKey, algorithms: Collection[str]) -> dict[str, Any]:
    try:
        return jwt.decode(token, key, algorithms=algorithms).claims
    except (InvalidPayloadError, ValueError, TypeError, RecursionError):
        raise _malformed() from None
    except JoseError:
        raise NotAuthenticated(
            "token-bad-signature", "The token's signature does not hold."
        ) from None


def _require_time(claims: Claims, now: datetime) -> None:
    moment = now.timestamp()
    if moment >= claims.expires_at + SKEW_SECONDS:
        raise NotAuthenticated("token-expired", "The token has expired.")
    if moment < claims.not_before - SKEW_SECONDS:
        raise NotAuthenticated("token-not-yet-valid", "The token is not valid yet.")


def _acting_organisation(organisations: tuple[str, ...], acting_for: str | None) -> str:
    if acting_for is not None:
        if acting_for not in organisations:
            raise _not_allowed("The token does not name the organisation you act for.")
        return acting_for
    if len(organisations) != 1:
        raise _not_allowed(
            "Say in NHSD-End-User-Organisation-ODS for which of the token's organisations you act."
            if organisations
            else "The token names no organisation."
        )
    return organisations[0]


def _not_allowed(detail: str) -> NotAllowed:
    return NotAllowed(detail, slug="organisation-not-allowed")


def _malformed() -> NotAuthenticated:
    return NotAuthenticated("token-malformed", "The token cannot be read.")
