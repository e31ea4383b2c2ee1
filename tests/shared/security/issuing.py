"""Tokens of a made-up issuer, each claim as a test wants it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.security.jwks import Fetched

NOW = datetime(2018, 12, 19, 12, 0, tzinfo=UTC)
ISSUER, AUDIENCE = "https://issuer.example", "urn:open-door"
EC_KEY = ECKey.generate_key("P-256", {"kid": "ec"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa"})


def jwks(*keys: ECKey | RSAKey) -> bytes:
    return orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def token(
    key: ECKey | RSAKey = EC_KEY,
    *,
    header: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
    **changed: Any,
) -> str:
    moment = int(NOW.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "person-1",
        "client_id": "epr",
        "organisation": "R0A",
        "roles": ["trust"],
        "scope": "intake/read intake/write",
        "nbf": moment,
        "exp": moment + 300,
        **changed,
    }
    algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
    head = {"alg": algorithm, "kid": key.kid, **(header or {})}
    kept = {name: one for name, one in claims.items() if name not in without}
    return jwt.encode(head, kept, key, algorithms=[str(head["alg"])])


class Issuer:
    """A key server that a test can fail, empty, hold up or rotate; it counts who asks."""

    def __init__(self, *keys: ECKey | RSAKey, life: float = 300.0) -> None:
        self.document = jwks(*keys)
        self.life = life
        self.asked = 0
        self.failing: Exception | None = None
        self.before: Callable[[], Any] | None = None

    def rotate(self, *keys: ECKey | RSAKey) -> None:
        self.document = jwks(*keys)

    async def __call__(self) -> Fetched:
        self.asked += 1
        if self.before is not None:
            await self.before()
        if self.failing is not None:
            raise self.failing
        return Fetched(self.document, self.life)


class Hand:
    """Real time as a test moves it."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at
