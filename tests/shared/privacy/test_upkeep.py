"""Upkeep: a new master secret, and a restored key store that forgets again."""

from pathlib import Path

import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Broken
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.upkeep import erased, rewrap
from shared.privacy.vault import Vault
from shared.privacy.wrapping import Wrapping
from tests.kit.cases.keystore import NOON

OLD, NEW = b"the old master secret, thirty-two bytes", b"the new master secret, thirty-two bytes"


def vault_in(folder: Path, *secrets: bytes, block: int = 1200) -> Vault:
    store = SqliteKeyStore(folder / "keys.db")
    return Vault(store, Wrapping(*secrets), SettableClock(NOON), block=block)


async def test_keys_are_wrapped_anew_and_open_under_the_new_secret_alone(tmp_path: Path):
    async with vault_in(tmp_path, OLD) as vault:
        await vault.prepare()
        kept, gone = await vault.key_for_new(), await vault.key_for_new()
        await vault.destroy([gone.id])
    async with vault_in(tmp_path, NEW, OLD) as vault:
        assert await rewrap(vault.store, Wrapping(NEW, OLD)) == 1199
        assert await rewrap(vault.store, Wrapping(NEW, OLD)) == 0
    async with vault_in(tmp_path, NEW) as vault:
        await vault.prepare()
        assert await vault.keys([kept.id, gone.id]) == {kept.id: kept.key, gone.id: None}
    async with vault_in(tmp_path, OLD) as vault:
        with pytest.raises(Broken, match="another master secret"):
            await vault.keys([kept.id])


async def test_a_restored_copy_erases_again_before_it_opens(tmp_path: Path):
    (tmp_path / "copy").mkdir()
    async with vault_in(tmp_path, OLD) as vault:
        await vault.prepare()
        doomed = [await vault.key_for_new() for _ in range(600)]
    (tmp_path / "copy" / "keys.db").write_bytes((tmp_path / "keys.db").read_bytes())
    async with vault_in(tmp_path, OLD) as vault:
        await vault.destroy([key.id for key in doomed])
        tombstones = [one async for page in erased(vault.store) for one in page]
    assert len(tombstones) == 600
    async with vault_in(tmp_path / "copy", OLD) as restored:
        assert (await restored.keys([doomed[0].id]))[doomed[0].id] == doomed[0].key
        await restored.store.destroy([one.id for one in tombstones], NOON)
        assert set((await restored.keys([key.id for key in doomed])).values()) == {None}


async def test_signing_keys_are_wrapped_anew_with_the_others(tmp_path: Path):
    async with vault_in(tmp_path, OLD) as vault:
        await vault.prepare()
        await vault.signing.have_one()
        before = await vault.signing.rotate()
    async with vault_in(tmp_path, NEW, OLD) as vault:
        assert await rewrap(vault.store, Wrapping(NEW, OLD)) == 2
    async with vault_in(tmp_path, NEW) as vault:
        assert await vault.signing.all() == before
