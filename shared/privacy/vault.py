"""The vault: keys for sealing, made ahead of need, and the one act of erasing.

A key belongs to nobody until a sealed value names it: the key id stands in every token, so that a
report costs no second write, and erasing reads the ids from the sealed values of the stream that
it is asked to erase (`sealing.key_id_of`). An owner noted in the key store would cost that write
for each report, or bind keys to subjects before they are known.
"""

import asyncio
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from types import TracebackType

from shared.kernel.clock import Clock
from shared.kernel.errors import Misconfigured
from shared.privacy.keystore import KeyStore, Tombstone, WrappedKey
from shared.privacy.sealing import ID_BYTES, KEY_BYTES, OpenKeys, SealKey
from shared.privacy.signing import SigningKeys
from shared.privacy.wrapping import Wrapping

BLOCK = 1000
LAST_WORD = 1.0
"""Seconds that a block in the making gets when the vault closes."""
_PLACE_BYTES = 3
_FRESH_SECONDS = 5.0
_REMEMBERED = 20_000


class Vault:
    """Keys of one service, over its key store.

    Keys are made `block` at a time in one commit, the next block when three quarters are used.
    What a process took and did not use stays unused: a key is never given twice, or erasing one
    record would erase another.
    """

    def __init__(
        self,
        store: KeyStore,
        wrapping: Wrapping,
        clock: Clock,
        *,
        block: int = BLOCK,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.signing = SigningKeys(store, wrapping, clock)
        self._wrapping = wrapping
        self._clock = clock
        self._block = block
        self._ready: deque[SealKey] = deque()
        self._making: asyncio.Task[None] | None = None
        self._recent = _Recent(monotonic)

    async def prepare(self, *, durable: bool = False) -> None:
        """Makes the store's table where there is none. Raises Misconfigured when the keys there
        are wrapped under another master secret, and, where it must be `durable`, when the store
        can lose them."""
        await self.store.prepare()
        if durable:
            await self.store.require_durable()
        some = await self.store.living("", 1)
        if some and not self._wrapping.knows(some[0].wrapped):
            raise Misconfigured(
                "The master secret is not the one under which this key store's keys are wrapped."
            )

    async def holds_keys(self) -> bool:
        """Whether the store ever held a key: one that seals or signs, living or destroyed."""
        return bool(
            await self.store.living("", 1)
            or await self.store.tombstones("", 1)
            or await self.store.signing_keys()
        )

    async def key_for_new(self) -> SealKey:
        """A key that nobody was given before, durable already. Raises Unavailable."""
        while not self._ready:
            await asyncio.shield(self._make_more())
        key = self._ready.popleft()
        if len(self._ready) < self._block // 4:
            self._make_more()
        self._recent.put(key.id, key.key)
        return key

    async def sealing_key(self, key_id: str) -> SealKey | None:
        """The key that sealed earlier values of a record, to seal more; None when destroyed.

        Remembered for a few seconds after it was last seen alive. Raises KeyError when lost.
        """
        known = self._recent.get(key_id)
        if known is None:
            known = (await self.keys((key_id,)))[key_id]
        return None if known is None else SealKey(key_id, known)

    async def keys(self, key_ids: Collection[str]) -> OpenKeys:
        """Keys to open with: None for a destroyed one; a lost one is absent.

        Always asked of the store, in one indexed read: what another process destroyed must not
        open here a moment longer. Raises Unavailable; Broken for a key that does not unwrap.
        """
        if not key_ids:
            return {}
        found = await self.store.find(key_ids)
        opened: dict[str, bytes | None] = {}
        for key_id, one in found.items():
            if isinstance(one, Tombstone):
                opened[key_id] = None
                self._recent.drop(key_id)
            else:
                opened[key_id] = key = self._wrapping.unwrap(key_id, one.wrapped)
                self._recent.put(key_id, key)
        return opened

    async def destroy(self, key_ids: Collection[str]) -> None:
        """Erases: what these keys sealed can never be read again. Idempotent.

        Raises Unavailable.
        """
        for key_id in key_ids:
            self._recent.drop(key_id)
        if key_ids:
            await self.store.destroy(key_ids, self._clock.now())

    async def close(self) -> None:
        """Waits for a block in the making, then closes the store."""
        if self._making is not None:
            await asyncio.wait((self._making,), timeout=LAST_WORD)
        await self.store.close()

    async def __aenter__(self) -> "Vault":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _make_more(self) -> "asyncio.Task[None]":
        """The one making of a block that is under way, begun where there is none."""
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make_block(), name="key-block")
            # Ahead of need nobody waits for it: the next asking tries again and meets the error.
            self._making.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._making

    async def _make_block(self) -> None:
        keys = _fresh_keys(self._block)
        await self.store.add(
            [WrappedKey(one.id, self._wrapping.wrap(one.id, one.key)) for one in keys]
        )
        self._ready.extend(keys)


class _Recent:
    """Keys seen alive within the last seconds of real time, bounded: for sealing, never opening."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._held: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def put(self, key_id: str, key: bytes) -> None:
        self._held[key_id] = self._monotonic(), key
        self._held.move_to_end(key_id)
        if len(self._held) > _REMEMBERED:
            self._held.popitem(last=False)

    def get(self, key_id: str) -> bytes | None:
        seen, key = self._held.get(key_id, (0.0, b""))
        fresh = key and self._monotonic() - seen < _FRESH_SECONDS
        return key if fresh else None

    def drop(self, key_id: str) -> None:
        self._held.pop(key_id, None)


def _fresh_keys(count: int) -> list[SealKey]:
    """Ids of a block share their beginning, so that the store's index grows at one place."""
    beginning = secrets.token_bytes(ID_BYTES - _PLACE_BYTES)
    return [
        SealKey(
            urlsafe_b64encode(beginning + place.to_bytes(_PLACE_BYTES, "big")).decode("ascii"),
            secrets.token_bytes(KEY_BYTES),
        )
        for place in range(count)
    ]
