"""The key store's port: wrapped keys and the tombstones of destroyed ones, in their own store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it is stored: only the master secret unwraps it."""

    id: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a destroyed key, for ever: no key of this id can be made again."""

    id: str
    destroyed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSigningKey:
    """A signing key as it is stored: the public half as it is, the private half wrapped. `number`
    counts 1, 2, 3 ...; `valid_until` is None for the newest."""

    number: int
    id: str
    public: bytes
    wrapped: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime | None = None


class KeyStore(Protocol):
    """What every adapter promises; `tests/kit/cases/keystore.py` tries it.

    Every method raises Unavailable when the store cannot be reached.
    """

    async def prepare(self) -> None:
        """Makes the tables where there are none; safe in many processes at once."""
        ...

    async def require_durable(self) -> None:
        """Raises Misconfigured where an acknowledged write could be lost: a key lost is the
        narrative of a report."""
        ...

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        """Stores new keys durably, all or none. Raises Broken when an id is taken, by a living key
        or by a tombstone."""
        ...

    async def find(self, ids: Collection[str]) -> Mapping[str, WrappedKey | Tombstone]:
        """What the store holds now under these ids, never from a cache; unknown ids are absent."""
        ...

    async def destroy(self, ids: Collection[str], at: datetime) -> None:
        """Overwrites keys with tombstones, durably; the first `at` stays. An id that the store
        does not hold gets one too: an older copy of the store may be restored."""
        ...

    async def replace(self, keys: Sequence[WrappedKey]) -> None:
        """Stores living keys wrapped anew; one destroyed or unknown meanwhile is left as it is."""
        ...

    async def living(self, after: str, limit: int) -> Sequence[WrappedKey]:
        """Keys with an id > `after`, by id."""
        ...

    async def tombstones(self, after: str, limit: int) -> Sequence[Tombstone]:
        """Tombstones with an id > `after`, by id."""
        ...

    async def signing_keys(self) -> Sequence[StoredSigningKey]:
        """Every signing key there ever was, by number."""
        ...

    async def add_signing_key(self, key: StoredSigningKey, retires: datetime) -> bool:
        """Stores the key durably as the newest, and lets the one before it end at `retires`, both
        or neither. False where another key has this number already."""
        ...

    async def rewrap_signing_key(self, key: StoredSigningKey) -> None:
        """Stores the private half wrapped anew."""
        ...

    async def close(self) -> None: ...
