"""Signing keys: made once, replaced with an overlap, kept for ever."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.errors import Broken
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.signing import OVERLAP, SigningKeys, key_id_of
from shared.privacy.wrapping import Wrapping
from tests.kit.cases.keystore import NOON

SECRET = b"a master secret, thirty-two bytes long"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteKeyStore]:
    store = SqliteKeyStore(tmp_path / "keys.db")
    await store.prepare()
    yield store
    await store.close()


async def test_the_first_key_is_made_once(store: SqliteKeyStore):
    keys = SigningKeys(store, Wrapping(SECRET), SettableClock(NOON))
    made = await asyncio.gather(*(keys.have_one() for _ in range(3)))
    assert made[0] == made[1] == made[2]
    (only,) = made[0]
    assert (only.number, only.valid_from, only.valid_until) == (1, NOON, None)
    assert only.id == key_id_of(only.public)


async def test_a_replaced_key_stays_and_ends_after_the_overlap(store: SqliteKeyStore):
    clock = SettableClock(NOON)
    keys = SigningKeys(store, Wrapping(SECRET), clock)
    (first,) = await keys.have_one()
    clock.set(NOON + timedelta(days=400))
    kept, second = await keys.rotate()
    assert (kept.id, kept.private) == (first.id, first.private)
    assert kept.valid_until == NOON + timedelta(days=400) + OVERLAP
    assert (second.number, second.valid_from) == (2, NOON + timedelta(days=400))
    assert second.id != first.id


async def test_another_secret_opens_no_key(store: SqliteKeyStore):
    await SigningKeys(store, Wrapping(SECRET), SettableClock(NOON)).have_one()
    other = SigningKeys(store, Wrapping(b"another" + SECRET), SettableClock(NOON))
    with pytest.raises(Broken, match="another master secret"):
        await other.have_one()


async def test_no_private_half_is_shown(store: SqliteKeyStore):
    (key,) = await SigningKeys(store, Wrapping(SECRET), SettableClock(NOON)).have_one()
    assert "private" not in repr(key)
    (stored,) = await store.signing_keys()
    assert "wrapped" not in repr(stored)
    assert key.private not in stored.wrapped
