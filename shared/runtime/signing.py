"""A service's signatures in one process: which key signs now, and what it signs."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contracts.envelope import instant
from shared.kernel.errors import Broken, Unavailable
from shared.kernel.ids import Ids
from shared.log.base import Head, Recorded
from shared.log.meta import Meta
from shared.privacy.signing import SigningKey, SigningKeys
from shared.security.evidence import (
    KeySeries,
    PublishedKey,
    Receipt,
    SignedHead,
    salted_digest,
    signed_head,
    signed_receipt,
)

FRESH = 60.0
"""Seconds for which the newest key known here is taken for the newest: less than the overlap in
which the one before it still counts."""


class Place(Protocol):
    """Where something stands in the log."""

    @property
    def position(self) -> int: ...

    @property
    def hash(self) -> bytes: ...

    @property
    def recorded_at(self) -> datetime: ...


class Signer:
    """Signs for one service. Keys are asked for again each minute, so that every process comes to
    sign with a new one; retired ones are kept, to give an old receipt again as it was."""

    def __init__(self, service: str, keys: SigningKeys, ids: Ids) -> None:
        self._service = service
        self._source = keys
        self._ids = ids
        self._keys: Sequence[SigningKey] = ()
        self._private: dict[str, Ed25519PrivateKey] = {}
        self._asked_at = float("-inf")

    async def prepare(self) -> None:
        """Loads the keys, the first one made where there was none. Raises Unavailable, Broken."""
        self._take(await self._source.have_one())

    async def keys(self) -> Sequence[SigningKey]:
        """Every key, the newest last; those known while the key store is gone."""
        if time.monotonic() - self._asked_at > FRESH:
            await self._look_again()
        return self._keys

    async def head(self, head: Head) -> SignedHead:
        """The head of a log that is not empty, signed with the newest key."""
        if head.recorded_at is None:
            raise Broken("An empty log has no head to sign.")
        newest = (await self.keys())[-1]
        return signed_head(
            SignedHead(
                service=self._service,
                deployment=self.deployment,
                position=head.position,
                hash=head.hash.hex(),
                time=instant(head.recorded_at),
                key=newest.id,
            ),
            self._private[newest.id],
        )

    async def filed(self, id_: str, body: bytes) -> str:
        """What the log keeps of a filing so that its receipt can be given: key and digest."""
        newest = (await self.keys())[-1]
        return f"{newest.id}.{salted_digest(self.salt(id_), body)}"

    async def receipt(self, id_: str, rows: Iterable[Recorded]) -> Receipt | None:
        """The receipt of the filing with which this stream begins, the same each time; None where
        it begins with none. It is about the last row of the filing. Raises Broken where its key
        is lost."""
        begun = ((row, Meta.decode(row.meta).filed) for row in rows)
        filing = list(takewhile(lambda one: one[1], begun))
        if not filing:
            return None
        row, filed = filing[-1]
        return await self.receipt_of(id_, filed, row)

    async def receipt_of(self, id_: str, filed: str, at: Place) -> Receipt:
        """The receipt of a filing that stands at this place of the log."""
        key, _, digest = filed.partition(".")
        if key not in self._private:
            await self._look_again()
        if key not in self._private:
            raise Broken(f"The key {key} that signed a receipt is lost.")
        return signed_receipt(
            Receipt(
                service=self._service,
                deployment=self.deployment,
                id=id_,
                digest=digest,
                position=at.position,
                hash=at.hash.hex(),
                time=instant(at.recorded_at),
                key=key,
            ),
            self._private[key],
        )

    def salt(self, id_: str) -> str:
        """What the digest of a filing begins with: only who has it can tell by trying what was
        filed, so the log does not hold it."""
        return self._ids.derive("receipt-salt", id_)

    @property
    def deployment(self) -> str:
        return self._keys[0].id

    async def published(self) -> Mapping[str, Any]:
        """What `GET /<service>/keys` answers."""
        return shown_keys(self._service, await self.keys())

    async def _look_again(self) -> None:
        # Said first, so that of many who ask at once one looks, and not all of them in turn.
        self._asked_at = time.monotonic()
        try:
            self._take(await self._source.all())
        except Unavailable:
            return

    def _take(self, keys: Sequence[SigningKey]) -> None:
        self._keys = keys
        self._private = {one.id: Ed25519PrivateKey.from_private_bytes(one.private) for one in keys}
        self._asked_at = time.monotonic()


def shown_keys(service: str, keys: Sequence[SigningKey]) -> dict[str, Any]:
    """The public halves as they are published."""
    return {
        "service": service,
        "deployment": keys[0].id if keys else None,
        "items": [
            {
                "id": one.id,
                "number": one.number,
                "algorithm": "Ed25519",
                "public_key": urlsafe_b64encode(one.public).decode("ascii"),
                "valid_from": instant(one.valid_from),
                "valid_until": instant(one.valid_until) if one.valid_until else None,
            }
            for one in keys
        ],
    }


def series_of(service: str, keys: Sequence[SigningKey]) -> KeySeries:
    """The public halves as a verifier takes them."""
    return KeySeries(
        service=service,
        deployment=keys[0].id,
        keys={
            one.id: PublishedKey(
                id=one.id,
                public=one.public,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in keys
        },
    )
