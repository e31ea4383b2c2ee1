"""Signing keys of one service: made here, kept wrapped, their public halves kept for ever."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from shared.kernel.clock import Clock
from shared.privacy.keystore import KeyStore, StoredSigningKey
from shared.privacy.wrapping import Wrapping

OVERLAP = timedelta(minutes=10)
"""How long a key that was replaced may still sign: until every process has seen the next one."""

_ID_BYTES = 15
"""Another length than a sealing key's id has, so that neither unwraps in the other's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An Ed25519 key: `number` counts 1, 2, 3 ... in its service, `public` and `private` are the
    raw 32 bytes. It signs from `valid_from` until `valid_until` (None: until it is replaced)."""

    number: int
    id: str
    public: bytes
    private: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime | None


class SigningKeys:
    """The signing keys of one service, over its key store."""

    def __init__(self, store: KeyStore, wrapping: Wrapping, clock: Clock) -> None:
        self._store = store
        self._wrapping = wrapping
        self._clock = clock

    async def all(self) -> Sequence[SigningKey]:
        """Every key there ever was, the newest last. Raises Unavailable; Broken for a key that
        does not unwrap."""
        return [self._opened(one) for one in await self._store.signing_keys()]

    async def have_one(self) -> Sequence[SigningKey]:
        """As `all`, with a first key made where there was none."""
        found = await self.all()
        if not found:
            await self._add(1)
            found = await self.all()
        return found

    async def rotate(self) -> Sequence[SigningKey]:
        """A new key signs from now on; the earlier one stays valid for OVERLAP. As `all`."""
        while not await self._add(len(await self._store.signing_keys()) + 1):
            continue
        return await self.all()

    async def _add(self, number: int) -> bool:
        now = self._clock.now()
        new = self._made(number, now)
        return await self._store.add_signing_key(new, retires=now + OVERLAP)

    def _made(self, number: int, now: datetime) -> StoredSigningKey:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        id_ = key_id_of(public)
        return StoredSigningKey(
            number=number,
            id=id_,
            public=public,
            wrapped=self._wrapping.wrap(id_, private),
            valid_from=now,
        )

    def _opened(self, stored: StoredSigningKey) -> SigningKey:
        return SigningKey(
            number=stored.number,
            id=stored.id,
            public=stored.public,
            private=self._wrapping.unwrap(stored.id, stored.wrapped),
            valid_from=stored.valid_from,
            valid_until=stored.valid_until,
        )


def key_id_of(public: bytes) -> str:
    """The id of a public key: the beginning of its SHA-256, 20 characters of base64url; anybody
    can tell whether a key has the name that it should have."""
    return urlsafe_b64encode(hashlib.sha256(public).digest()[:_ID_BYTES]).decode("ascii")
