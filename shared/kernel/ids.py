"""Identifiers: derived under the deployment's secret from what identifies a thing, or new."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Protocol

ID_LENGTH = 26
_ENOUGH = 17
"""Bytes that 26 characters of base32 can hold, rounded up: the rest of a digest is not encoded."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)
_PLACES = tuple(range(120, -1, -10))


class Ids(Protocol):
    """Makes new identifiers and derives stable ones."""

    def new(self) -> str: ...

    def derive(self, *parts: str) -> str: ...


def _base32(raw: bytes) -> str:
    """RFC 4648 in small letters, two at a time: a request derives five ids, and Python's own is
    written for long texts."""
    bits = int.from_bytes(raw[:_ENOUGH], "big") >> 6
    return "".join([_PAIRS[bits >> place & 1023] for place in _PLACES])


def length_prefixed(parts: Iterable[bytes]) -> bytes:
    """Joins parts so that no two different lists give the same bytes."""
    joined: list[bytes] = []
    for part in parts:
        joined += (len(part).to_bytes(4, "big"), part)
    return b"".join(joined)


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
