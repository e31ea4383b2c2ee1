"""The development issuer: signs tokens with a generated key that every process reads as a file."""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.kernel.clock import Clock
from shared.kernel.errors import Misconfigured
from shared.security.roles import ROLES

ALGORITHM = "ES256"
LIFETIME = timedelta(hours=12)
KEY_FILE, JWKS_FILE = "key.json", "jwks.json"
SERVICES = ("intake", "assurance", "learning")
SCOPES = tuple(f"{service}/{right}" for service in SERVICES for right in ("read", "write"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentIssuer:
    """Issues tokens for anybody who asks: `open_issuer` refuses to make one elsewhere (M9)."""

    key: ECKey
    jwks: Path
    issuer: str
    audience: str
    clock: Clock

    def issue(
        self,
        organisation: str,
        roles: str | Collection[str],
        *,
        person: str = "dev",
        client: str = "opendoor-token",
        scopes: Collection[str] = SCOPES,
        lifetime: timedelta = LIFETIME,
        further_organisations: Collection[str] = (),
    ) -> str:
        """A signed token, valid from now by the Clock port. Raises Misconfigured for a role that
        does not exist."""
        named = {roles} if isinstance(roles, str) else set(roles)
        if not named or not named <= ROLES.keys():
            raise Misconfigured(f"A role is one of {', '.join(ROLES)}.")
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": person,
            "client_id": client,
            "organisation": organisation,
            "organisations": [organisation, *further_organisations],
            "roles": sorted(named),
            "scope": " ".join(scopes),
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": ALGORITHM, "kid": self.key.thumbprint()}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])


def open_issuer(
    folder: Path, *, environment: str, issuer: str, audience: str, clock: Clock
) -> DevelopmentIssuer:
    """The issuer whose key lies in `folder`, made where there is none; its JWKS file stands beside
    it. Safe in many processes at once. Raises Misconfigured unless `environment` is development.
    """
    if environment != "development":
        raise Misconfigured("The development issuer runs in OPENDOOR_ENVIRONMENT=development only.")
    folder.mkdir(parents=True, exist_ok=True)
    key = _kept_key(folder / KEY_FILE)
    public = {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}
    draft = _draft(folder / JWKS_FILE, orjson.dumps({"keys": [public]}), 0o644)
    draft.replace(folder / JWKS_FILE)
    return DevelopmentIssuer(
        key=key, jwks=folder / JWKS_FILE, issuer=issuer, audience=audience, clock=clock
    )


def _kept_key(path: Path) -> ECKey:
    """The key of the file; of several processes that make one, the first wins."""
    if not path.exists():
        made = ECKey.generate_key("P-256").as_dict(private=True)
        draft = _draft(path, orjson.dumps(made), 0o600)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    try:
        return ECKey.import_key(orjson.loads(path.read_bytes()))
    except ValueError:
        raise Misconfigured(
            "The development issuer's key file is damaged: remove it and start again."
        ) from None


def _draft(path: Path, content: bytes, mode: int) -> Path:
    """A whole file beside `path`, to be put in its place at once: nobody reads half of one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return draft
