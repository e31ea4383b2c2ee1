"""What every key store promises: durable keys, tombstones for ever, and nothing from a cache."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.errors import Broken
from shared.privacy.keystore import KeyStore, StoredSigningKey, Tombstone, WrappedKey

OpenStore = Callable[[], Awaitable[KeyStore]]
"""Another connection to the same store, prepared; closed by the fixture that gave it."""

NOON = datetime(2018, 12, 19, 12, 0, tzinfo=UTC)


def keys(*ids: str) -> list[WrappedKey]:
    return [WrappedKey(one.ljust(16, "_"), f"wrapped {one}".encode()) for one in ids]


A, B, C = keys("a", "b", "c")


def signing(number: int, id_: str) -> StoredSigningKey:
    return StoredSigningKey(
        number=number,
        id=id_,
        public=f"public {id_}".encode(),
        wrapped=f"wrapped {id_}".encode(),
        valid_from=NOON + timedelta(hours=number),
    )


class KeyStoreCases:
    """Each adapter's test class inherits these and has a fixture `open_store`."""

    async def test_finds_what_was_added_and_nothing_else(self, open_store: OpenStore):
        store = await open_store()
        await store.add([A, B])
        assert await store.find([A.id, C.id, A.id]) == {A.id: A}
        assert await store.find([]) == {}

    async def test_keeps_keys_when_it_is_opened_again(self, open_store: OpenStore):
        await (await open_store()).add([A])
        assert await (await open_store()).find([A.id]) == {A.id: A}

    async def test_adds_all_or_none(self, open_store: OpenStore):
        store = await open_store()
        await store.add([B])
        with pytest.raises(Broken):
            await store.add([A, B, C])
        assert await store.find([A.id, B.id, C.id]) == {B.id: B}

    async def test_destroying_leaves_a_tombstone_with_the_first_time(self, open_store: OpenStore):
        store = await open_store()
        await store.add([A, B])
        await store.destroy([A.id], NOON)
        await store.destroy([A.id], NOON + timedelta(days=1))
        assert await store.find([A.id, B.id]) == {A.id: Tombstone(A.id, NOON), B.id: B}

    async def test_a_destroyed_key_is_never_made_again(self, open_store: OpenStore):
        store = await open_store()
        await store.add([A])
        await store.destroy([A.id], NOON)
        with pytest.raises(Broken):
            await store.add([A])
        await store.replace([A])
        assert await store.find([A.id]) == {A.id: Tombstone(A.id, NOON)}

    async def test_an_unknown_key_can_be_destroyed_ahead(self, open_store: OpenStore):
        store = await open_store()
        await store.destroy([A.id], NOON)
        assert await store.find([A.id]) == {A.id: Tombstone(A.id, NOON)}
        with pytest.raises(Broken):
            await store.add([A])

    async def test_another_connection_sees_a_destruction_at_once(self, open_store: OpenStore):
        api, worker = await open_store(), await open_store()
        await api.add([A])
        assert await worker.find([A.id]) == {A.id: A}
        await worker.destroy([A.id], NOON)
        assert await api.find([A.id]) == {A.id: Tombstone(A.id, NOON)}

    async def test_replaces_living_keys_only(self, open_store: OpenStore):
        store = await open_store()
        await store.add([A])
        anew = WrappedKey(A.id, b"wrapped anew")
        await store.replace([anew, B])
        assert await store.find([A.id, B.id]) == {A.id: anew}

    async def test_pages_through_the_living_and_the_destroyed(self, open_store: OpenStore):
        store = await open_store()
        await store.add([C, A, B])
        await store.destroy([B.id], NOON)
        assert list(await store.living("", 10)) == [A, C]
        assert list(await store.living("", 1)) == [A]
        assert list(await store.living(A.id, 10)) == [C]
        assert list(await store.tombstones("", 10)) == [Tombstone(B.id, NOON)]
        assert list(await store.tombstones(B.id, 10)) == []

    async def test_takes_blocks_and_asks_for_many(self, open_store: OpenStore):
        store = await open_store()
        block = keys(*(f"k{n:04}" for n in range(1000)))
        await store.add(block)
        assert len(await store.find([one.id for one in block])) == 1000

    async def test_many_may_prepare_and_add_at_once(self, open_store: OpenStore):
        stores = [await open_store() for _ in range(4)]
        await asyncio.gather(*(store.prepare() for store in stores))
        await asyncio.gather(
            *(store.add(keys(f"from{n}")) for n, store in enumerate(stores)),
            *(store.destroy([A.id], NOON) for store in stores),
        )
        assert len(await stores[0].living("", 10)) == 4

    async def test_a_new_signing_key_ends_the_one_before_it(self, open_store: OpenStore):
        store = await open_store()
        assert await store.signing_keys() == []
        first, second = signing(1, "first"), signing(2, "second")
        assert await store.add_signing_key(first, retires=NOON)
        assert await store.signing_keys() == [first]
        until = NOON + timedelta(days=1, microseconds=1)
        assert await store.add_signing_key(second, retires=until)
        assert await (await open_store()).signing_keys() == [
            replace(first, valid_until=until),
            second,
        ]

    async def test_one_of_two_newest_signing_keys_is_refused(self, open_store: OpenStore):
        one, other = await open_store(), await open_store()
        taken = await asyncio.gather(
            one.add_signing_key(signing(1, "one"), retires=NOON),
            other.add_signing_key(signing(1, "other"), retires=NOON),
        )
        assert sorted(taken) == [False, True]
        (kept,) = await one.signing_keys()
        assert kept == signing(1, "one" if taken[0] else "other")

    async def test_a_signing_key_is_wrapped_anew(self, open_store: OpenStore):
        store = await open_store()
        await store.add_signing_key(signing(1, "first"), retires=NOON)
        anew = replace(signing(1, "first"), wrapped=b"wrapped anew")
        await store.rewrap_signing_key(anew)
        assert await store.signing_keys() == [anew]
