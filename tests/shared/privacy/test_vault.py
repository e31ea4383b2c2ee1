"""The vault: keys ahead of need, given once, and gone everywhere when destroyed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Broken, Misconfigured, Unavailable
from shared.kernel.words import ERASED
from shared.privacy.keystore import Tombstone, WrappedKey
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.opening import open_keystore, open_vault
from shared.privacy.sealing import key_id_of, open_sealed, seal
from shared.privacy.vault import Vault
from shared.privacy.wrapping import Wrapping

SECRET = b"a master secret of thirty-two bytes or more"
OTHER = b"another master secret, of the same good length"
NOON = datetime(2018, 12, 19, 12, 0, tzinfo=UTC)

OpenVault = Callable[..., Awaitable[Vault]]


class CountingStore(SqliteKeyStore):
    """Counts commits of keys and can be told to fail them."""

    commits = 0
    failing = False

    async def add(self, keys: Sequence[WrappedKey]) -> None:
        if self.failing:
            raise Unavailable("The key store is away.")
        self.commits += 1
        await super().add(keys)


class Hand:
    """A monotonic clock that a test moves."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def open_one(tmp_path: Path) -> AsyncIterator[OpenVault]:
    opened: list[Vault] = []

    async def one_more(block: int = 8, secret: bytes = SECRET, hand: Hand | None = None) -> Vault:
        store = CountingStore(tmp_path / "keys.db")
        clock = SettableClock(NOON)
        vault = Vault(store, Wrapping(secret), clock, block=block, monotonic=hand or Hand())
        opened.append(vault)
        await vault.prepare()
        return vault

    yield one_more
    for vault in opened:
        await vault.close()


def commits(vault: Vault) -> int:
    assert isinstance(vault.store, CountingStore)
    return vault.store.commits


async def test_keys_are_made_in_blocks_and_never_given_twice(open_one: OpenVault):
    one, two = await open_one(block=100), await open_one(block=100)
    taken = [await vault.key_for_new() for _ in range(300) for vault in (one, two)]
    assert len({key.id for key in taken}) == 600
    assert len({key.key for key in taken}) == 600
    assert commits(one) <= 5


async def test_many_waiters_share_one_block(open_one: OpenVault):
    vault = await open_one(block=100)
    await asyncio.gather(*(vault.key_for_new() for _ in range(70)))
    assert commits(vault) == 1


async def test_a_given_key_is_durable_already(open_one: OpenVault):
    giver, reader = await open_one(), await open_one()
    key = await giver.key_for_new()
    assert await reader.keys([key.id]) == {key.id: key.key}


async def test_a_failed_block_is_told_and_tried_again(open_one: OpenVault):
    vault = await open_one()
    assert isinstance(vault.store, CountingStore)
    vault.store.failing = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            await vault.key_for_new()
    vault.store.failing = False
    assert (await vault.key_for_new()).id


async def test_a_failure_ahead_of_need_disturbs_nobody(open_one: OpenVault):
    vault = await open_one(block=8)
    assert isinstance(vault.store, CountingStore)
    await vault.key_for_new()
    vault.store.failing = True
    taken = [await vault.key_for_new() for _ in range(7)]
    assert len(taken) == 7


async def test_what_another_process_destroys_stops_opening_at_once(open_one: OpenVault):
    api, worker = await open_one(), await open_one()
    key = await api.key_for_new()
    token = seal(key, "incident-1", "what_happened", "text")
    assert open_sealed(await api.keys([key.id]), token, "incident-1", "what_happened") == "text"
    await worker.destroy([key_id_of(token)])
    await worker.destroy([key_id_of(token)])
    opened = open_sealed(await api.keys([key.id]), token, "incident-1", "what_happened")
    assert opened is ERASED
    assert await api.sealing_key(key.id) is None
    assert await api.store.find([key.id]) == {key.id: Tombstone(key.id, NOON)}


async def test_destroying_one_key_leaves_the_others(open_one: OpenVault):
    vault = await open_one()
    gone, kept = await vault.key_for_new(), await vault.key_for_new()
    await vault.destroy([gone.id])
    assert await vault.keys([gone.id, kept.id]) == {gone.id: None, kept.id: kept.key}


async def test_a_lost_key_is_absent(open_one: OpenVault):
    vault = await open_one()
    assert await vault.keys(["A" * 16]) == {}
    assert await vault.keys([]) == {}
    with pytest.raises(KeyError):
        await vault.sealing_key("A" * 16)


async def test_a_key_for_sealing_is_trusted_for_seconds_only(open_one: OpenVault):
    hand = Hand()
    api, worker = await open_one(hand=hand), await open_one()
    key = await api.key_for_new()
    await worker.destroy([key.id])
    assert await api.sealing_key(key.id) == key
    hand.at = 6
    assert await api.sealing_key(key.id) is None


async def test_own_destruction_is_known_to_sealing_at_once(open_one: OpenVault):
    vault = await open_one()
    key = await vault.key_for_new()
    await vault.destroy([key.id])
    assert await vault.sealing_key(key.id) is None


async def test_another_master_secret_is_refused_at_the_start(open_one: OpenVault):
    await (await open_one()).key_for_new()
    with pytest.raises(Misconfigured):
        await open_one(secret=OTHER)


async def test_keys_are_stored_wrapped_and_bound_to_their_id(open_one: OpenVault):
    vault = await open_one()
    one, two = await vault.key_for_new(), await vault.key_for_new()
    stored = await vault.store.find([one.id])
    wrapped = stored[one.id]
    assert isinstance(wrapped, WrappedKey)
    assert one.key not in wrapped.wrapped
    await vault.store.replace([WrappedKey(two.id, wrapped.wrapped)])
    with pytest.raises(Broken, match="damaged"):
        await vault.keys([two.id])


async def test_a_vault_is_opened_by_url(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/{{service}}-keys.db"
    clock = SettableClock(NOON)
    async with await open_vault(url, "intake", SECRET, clock) as vault:
        key = await vault.key_for_new()
    assert (tmp_path / "intake-keys.db").exists()
    async with await open_vault(url, "intake", OTHER, clock, SECRET) as vault:
        assert await vault.keys([key.id]) == {key.id: key.key}
    with pytest.raises(Misconfigured):
        await open_vault(url, "intake", OTHER, clock)
    with pytest.raises(Misconfigured):
        open_keystore("mysql://somewhere", "intake")
