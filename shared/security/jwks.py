"""The issuer's public keys: fetched once for all who wait, kept while the issuer is away."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared.kernel.errors import Misconfigured, NotAuthenticated, Unavailable
from shared.security.http_client import FetchFailed, fetch

log = structlog.get_logger(__name__)

PublicKey = RSAKey | ECKey

DEFAULT_LIFE = 300.0
SHORTEST_LIFE, LONGEST_LIFE = 30.0, 86_400.0
UNKNOWN_KEY_PAUSE = 30.0
FIRST_PAUSE = 1.0
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A JWKS document and for how many seconds of real time it may be kept."""

    document: bytes
    life: float = DEFAULT_LIFE


Fetch = Callable[[], Awaitable[Fetched]]
"""Raises OSError or FetchFailed."""


def fetch_of(url: str) -> Fetch:
    """How to read `file:` or `https:` keys. Raises Misconfigured for any other URL."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return _from_file(Path(url2pathname(parts.path)))
    if parts.scheme == "https" and parts.netloc:
        return _from_issuer(url)
    raise Misconfigured("OPENDOOR_JWKS_URL: write file:/path or https://...")


def _from_file(path: Path) -> Fetch:
    async def read() -> Fetched:
        return Fetched(await asyncio.to_thread(path.read_bytes))

    return read


def _from_issuer(url: str) -> Fetch:
    async def ask() -> Fetched:
        answer = await fetch(url)
        return Fetched(answer.body, life_of(answer.headers.get("cache-control", "")))

    return ask


def life_of(cache_control: str) -> float:
    """Seconds for which the keys may be kept, between half a minute and a day."""
    found = _MAX_AGE.search(cache_control)
    return min(max(float(found[1]), SHORTEST_LIFE), LONGEST_LIFE) if found else DEFAULT_LIFE


class Keys:
    """Public keys by `kid`, in real time whatever the simulated clock says.

    An unknown `kid` leads to one refresh that all who wait share, at most every 30 seconds; keys
    past their life are refreshed while the old ones go on serving; an empty or failed answer
    never replaces good keys, and while there are good ones nobody asks again for 30 seconds, for
    whatever reason (M4).
    """

    def __init__(self, get: Fetch, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._get = get
        self._monotonic = monotonic
        self._keys: Mapping[str, PublicKey] = {}
        self._stale_at = 0.0
        self._unknown_from = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None
        self.generation = 0
        """Counts changes of the set: what was verified under another set is verified anew."""

    async def find(self, kid: str | None) -> PublicKey:
        """The key of a token's header; without `kid` the only key there is.

        Raises Unavailable while no key was ever obtained, NotAuthenticated (`token-unknown-key`).
        """
        await self._have_some()
        found = self._known(kid)
        if found is None and self._may_look_again():
            await asyncio.shield(self._refresh())
            found = self._known(kid)
        if found is None:
            raise NotAuthenticated("token-unknown-key", "The issuer has no key of that name.")
        return found

    async def close(self) -> None:
        """Ends a refresh that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait((self._refreshing,))

    async def _have_some(self) -> None:
        now = self._monotonic()
        if self._keys:
            if now >= self._stale_at:
                self._refresh()
            return
        if now >= self._stale_at or self._refreshing is not None:
            await asyncio.shield(self._refresh())
        if not self._keys:
            raise Unavailable("The issuer's keys have not been obtained yet.", retry_after=5)

    def _known(self, kid: str | None) -> PublicKey | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _may_look_again(self) -> bool:
        """Whether it is time; a refresh under way is shared in any case."""
        if self._refreshing is not None:
            return True
        now = self._monotonic()
        if now - self._unknown_from < UNKNOWN_KEY_PAUSE:
            return False
        self._unknown_from = now
        return True

    def _refresh(self) -> "asyncio.Task[None]":
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._replace(), name="issuer-keys")
            self._refreshing.add_done_callback(self._refreshed)
        return self._refreshing

    def _refreshed(self, task: "asyncio.Task[None]") -> None:
        self._refreshing = None

    async def _replace(self) -> None:
        pause = UNKNOWN_KEY_PAUSE if self._keys else FIRST_PAUSE
        try:
            fetched = await self._get()
            keys = read_keys(fetched.document)
        except (OSError, FetchFailed, ValueError) as error:
            log.warning("issuer_keys_not_read", kind=type(error).__name__)
            now = self._monotonic()
            self._stale_at = now + pause
            if self._keys:
                self._unknown_from = now
            return
        self._stale_at = self._monotonic() + fetched.life
        if {kid: key.as_dict() for kid, key in keys.items()} != {
            kid: key.as_dict() for kid, key in self._keys.items()
        }:
            self._keys, self.generation = keys, self.generation + 1


def read_keys(document: bytes) -> Mapping[str, PublicKey]:
    """The signing keys of a JWKS document by `kid` (else by thumbprint).

    Keys of other types or for encryption are passed over. Raises ValueError where none is left.
    """
    listed = orjson.loads(document)
    entries = listed.get("keys") if isinstance(listed, dict) else None
    keys: dict[str, PublicKey] = {}
    for entry in entries if isinstance(entries, list) else ():
        key = _key(entry)
        if key is not None:
            keys[str(entry.get("kid") or key.thumbprint())] = key
    if not keys:
        raise ValueError("no signing key in the document")
    return keys


def _key(entry: object) -> PublicKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    if entry.get("kty") not in ("RSA", "EC"):
        return None
    public = {name: text for name, text in entry.items() if name not in _PRIVATE_PARTS}
    try:
        key = KeySet.import_key_set({"keys": [public]}).keys[0]
    except (JoseError, ValueError, TypeError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None


_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
