"""A process's signatures: a key that another process made comes to sign, and none is missed while
the key store is away."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.clock import SettableClock
from shared.kernel.decider import Events, Facts, On
from shared.kernel.errors import Broken, Unavailable
from shared.kernel.ids import CountedIds
from shared.log.base import Head
from shared.privacy.keystore_sqlite import SqliteKeyStore
from shared.privacy.signing import SigningKeys
from shared.privacy.wrapping import Wrapping
from shared.runtime import signing
from shared.runtime.signing import Signer
from shared.security.evidence import salted_digest
from tests.runtime.boxes import SHELF, Box, MakeBox, ShelfNoted
from tests.runtime.house import House

NOW = datetime(2018, 12, 19, 12, tzinfo=UTC)
HEAD = Head(position=1, hash=bytes(32), recorded_at=NOW)
SECRET = b"a master secret, thirty-two bytes long"


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[SigningKeys]:
    store = SqliteKeyStore(tmp_path / "keys.db")
    await store.prepare()
    yield SigningKeys(store, Wrapping(SECRET), SettableClock(NOW))
    await store.close()


async def signer_of(keys: SigningKeys) -> Signer:
    signer = Signer("intake", keys, CountedIds(SECRET))
    await signer.prepare()
    return signer


async def test_a_key_that_another_process_made_signs_once_it_is_looked_for(
    keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
):
    signer = await signer_of(keys)
    first = (await signer.head(HEAD)).key
    await keys.rotate()
    assert (await signer.head(HEAD)).key == first
    monkeypatch.setattr(signing, "FRESH", -1.0)
    newest = (await signer.head(HEAD)).key
    assert newest == (await keys.all())[-1].id != first
    assert signer.deployment == first


async def test_it_goes_on_with_the_keys_it_knows_while_the_store_is_away(
    keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
):
    async def gone() -> None:
        raise Unavailable("The key store did not answer.")

    signer = await signer_of(keys)
    monkeypatch.setattr(signing, "FRESH", -1.0)
    monkeypatch.setattr(keys, "all", gone)
    assert (await signer.head(HEAD)).key == signer.deployment


async def test_a_receipt_is_signed_by_a_key_that_another_process_made(keys: SigningKeys):
    here, there = await signer_of(keys), await signer_of(keys)
    await keys.rotate()
    await there.prepare()
    filed = await there.filed("an-event", b"filed")
    told = await there.receipt_of("an-event", filed, Place())
    assert await here.receipt_of("an-event", filed, Place()) == told


async def test_a_receipt_whose_key_is_lost_is_not_signed_by_another(keys: SigningKeys):
    signer = await signer_of(keys)
    with pytest.raises(Broken, match="lost"):
        await signer.receipt_of("an-event", "another-key.00", Place())


async def test_an_empty_log_has_no_head(keys: SigningKeys):
    with pytest.raises(Broken, match="empty"):
        await (await signer_of(keys)).head(Head())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    position: int = 7
    hash: bytes = bytes(32)
    recorded_at: datetime = NOW


@pytest.mark.parametrize("noting", [False, True])
async def test_a_repeat_of_a_filing_has_the_same_receipt(house: House, noting: bool):
    """Also where the filing's last event stands in another stream than the thing's."""
    asks = house.asks(MakeBox(), key="once")

    def decide(box: Box, command: MakeBox, facts: Facts) -> Events:
        noted = On(stream=SHELF.stream("top"), version=1, event=ShelfNoted(box=facts.id))
        return (*asks.row.decide(box, command, facts), *((noted,) if noting else ()))

    row = replace(asks.row, receipt=True)
    asked = replace(asks, row=replace(row, decide=decide), body=b"filed")
    first = await house.engine.handle(asked)
    again = await house.engine.handle(replace(asked, row=row))
    assert again.repeated
    assert first.extra == again.extra
    receipt, salt = first.extra["receipt"], first.extra["receipt_salt"]
    (made,) = await house.recorded(first.id)
    assert (receipt.position, receipt.hash) == (made.position, made.hash.hex())
    assert receipt.digest == salted_digest(salt, b"filed")


async def test_what_was_filed_before_receipts_were_given_has_none(house: House):
    asked = house.asks(MakeBox(), key="once")
    await house.engine.handle(asked)
    later = replace(asked, row=replace(asked.row, receipt=True))
    assert (await house.engine.handle(later)).extra == {}
