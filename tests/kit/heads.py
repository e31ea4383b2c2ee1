"""A key of tests, and the heads of a log that somebody kept, signed by it."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contracts.envelope import instant
from shared.log.base import Log
from shared.security.evidence import KeySeries, PublishedKey, SignedHead, signed_head

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
KEY = PublishedKey(
    id="a-key",
    public=PRIVATE.public_key().public_bytes_raw(),
    valid_from=datetime(2018, 1, 1, tzinfo=UTC),
    valid_until=None,
)
SERIES = KeySeries(service="intake", deployment="a-key", keys={"a-key": KEY})


async def head_at(log: Log, position: int) -> SignedHead:
    """The head of intake's log when it ended there."""
    (row,) = await log.events(position - 1, 1)
    head = SignedHead(
        service="intake",
        deployment="a-key",
        position=position,
        hash=row.hash.hex(),
        time=instant(row.recorded_at),
        key="a-key",
    )
    return signed_head(head, PRIVATE)
