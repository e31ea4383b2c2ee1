"""Upkeep of a key store: keys wrapped under a new master secret, and a list of what was erased."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.privacy.keystore import KeyStore, Tombstone, WrappedKey
from shared.privacy.wrapping import Wrapping

K = TypeVar("K", WrappedKey, Tombstone)

PAGE = 500


async def rewrap(store: KeyStore, wrapping: Wrapping) -> int:
    """Wraps every living key, and every signing key, under the newest secret of `wrapping`; how
    many were changed.

    May be stopped and begun again, beside running services that know both secrets. Raises Broken
    for a key that none of the secrets unwraps.
    """
    changed = 0
    async for keys in _pages(store.living):
        anew = [
            WrappedKey(key.id, wrapping.wrap(key.id, wrapping.unwrap(key.id, key.wrapped)))
            for key in keys
            if not wrapping.is_current(key.wrapped)
        ]
        if anew:
            await store.replace(anew)
            changed += len(anew)
    return changed + await _rewrap_signing(store, wrapping)


async def _rewrap_signing(store: KeyStore, wrapping: Wrapping) -> int:
    old = [one for one in await store.signing_keys() if not wrapping.is_current(one.wrapped)]
    for key in old:
        private = wrapping.unwrap(key.id, key.wrapped)
        await store.rewrap_signing_key(replace(key, wrapped=wrapping.wrap(key.id, private)))
    return len(old)


async def erased(store: KeyStore) -> AsyncIterator[Sequence[Tombstone]]:
    """All tombstones, page by page: kept beside a copy of the keys, so that a restore erases again
    (`KeyStore.destroy`) before anything opens."""
    async for page in _pages(store.tombstones):
        yield page


async def _pages(read: Callable[[str, int], Awaitable[Sequence[K]]]) -> AsyncIterator[Sequence[K]]:
    after = ""
    while page := await read(after, PAGE):
        yield page
        after = page[-1].id
