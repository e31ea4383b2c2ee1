"""Identifiers: derived under the deployment's secret from what identifies a thing, or new."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable
from typing import Protocol

ID_LENGTH = 26
_ENOUGH = 17
"""Bytes that 26 characters of base32 can hold, rounded up: the rest of a digest is not encoded."""


class Ids(Protocol):
    """Makes new identifiers and derives stable ones."""

    def new(self) -> str: ...

    def derive(self, *parts: str) -> str: ...


def _base32(raw: bytes) -> str:
    return b32encode(raw[:_ENOUGH])[:ID_LENGTH].decode("ascii").lower()


def length_prefixed(parts: Iterable[bytes]) -> bytes:
    """Joins parts so that no two different lists give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class SecretIds:
    """HMAC-SHA-256 under the deployment's secret: references can hold NHS numbers, and a plain
    hash of those is reversible by trying all of them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def new(self) -> str:
        """26 characters of base32, 130 bits drawn at random."""
        return _base32(secrets.token_bytes(17))

    def derive(self, *parts: str) -> str:
        """The same 26 characters for the same parts; parts are trimmed."""
        text = length_prefixed(part.strip().encode() for part in parts)
        return _base32(hmac.digest(self._secret, text, hashlib.sha256))


class CountedIds(SecretIds):
    """Ids that repeat from run to run: for tests and the demonstration."""

    def __init__(self, secret: bytes, seed: str = "") -> None:
        super().__init__(secret)
        self._seed = seed
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return self.derive("counted", self._seed, str(self._count))
