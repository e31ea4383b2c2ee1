"""Signed heads and receipts: what exactly is signed, and whether a signature holds; pure."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.kernel.ids import length_prefixed

TOLERANCE = timedelta(minutes=10)
"""How far the log's clock and that of the key's maker may be apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A log stood so: the chain's `hash` (hexadecimal) at `position`, recorded at `time` (RFC
    3339). `deployment` is the first key of this service of this deployment, `key` the one that
    made the Ed25519 `signature` (base64url)."""

    service: str
    deployment: str
    position: int
    hash: str
    time: str
    key: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What is signed: the name of this form, then every field as it is written."""
        return length_prefixed(
            one.encode()
            for one in (
                "open-door head 1",
                self.service,
                self.deployment,
                str(self.position),
                self.hash,
                self.time,
                self.key,
            )
        )

    @property
    def name(self) -> str:
        return f"The head of {self.service} at position {self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A filing was recorded: the event `id` at `position` of the log, at `time`, with the chain's
    `hash` there. `digest` is the SHA-256 (hexadecimal) of the receipt's salt and the bytes that
    were filed; the rest is as in a head."""

    service: str
    deployment: str
    id: str
    digest: str
    position: int
    hash: str
    time: str
    key: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What is signed: the name of this form, then every field as it is written."""
        return length_prefixed(
            one.encode()
            for one in (
                "open-door receipt 1",
                self.service,
                self.deployment,
                self.id,
                self.digest,
                str(self.position),
                self.hash,
                self.time,
                self.key,
            )
        )

    @property
    def name(self) -> str:
        return f"The receipt of {self.service} at position {self.position}"


Evidence = SignedHead | Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key as it is published: `public` is the raw 32 bytes."""

    id: str
    public: bytes
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySeries:
    """All public keys of one service of one deployment."""

    service: str
    deployment: str
    keys: Mapping[str, PublishedKey]


def salted_digest(salt: str, filed: bytes) -> str:
    """SHA-256, in hexadecimal, of the salt's characters followed by the bytes that were filed.

    The log keeps it for ever, and a plain digest of a report could be found by trying."""
    return hashlib.sha256(salt.encode() + filed).hexdigest()


def signed_head(head: SignedHead, private: Ed25519PrivateKey) -> SignedHead:
    """The head with its signature."""
    return replace(head, signature=_text(private.sign(head.signed_bytes())))


def signed_receipt(receipt: Receipt, private: Ed25519PrivateKey) -> Receipt:
    """The receipt with its signature: the same receipt has the same one."""
    return replace(receipt, signature=_text(private.sign(receipt.signed_bytes())))


def fault_of(evidence: Evidence, published: Sequence[KeySeries]) -> str | None:
    """Why the evidence does not hold, in one sentence; None where it does."""
    own = [one for one in published if one.service == evidence.service]
    if not own:
        return f"{evidence.name} is of a service whose keys are not at hand."
    series = next((one for one in own if one.deployment == evidence.deployment), None)
    if series is None:
        return f"{evidence.name} is of another deployment than the keys."
    key = series.keys.get(evidence.key)
    if key is None:
        return f"{evidence.name} names key {evidence.key!r}, which is not among the keys."
    if not _holds(evidence, key.public):
        return f"{evidence.name} is forged or was changed: its signature does not fit."
    if not _in_time(evidence, key):
        return f"{evidence.name} is dated outside the time for which its key was valid."
    return None


def _holds(evidence: Evidence, public: bytes) -> bool:
    try:
        signature = urlsafe_b64decode(evidence.signature.encode("ascii"))
        Ed25519PublicKey.from_public_bytes(public).verify(signature, evidence.signed_bytes())
    except (InvalidSignature, NotBase64, ValueError):
        return False
    # Base64 has several texts for the same bytes: only the one that was given counts.
    return _text(signature) == evidence.signature


def _in_time(evidence: Evidence, key: PublishedKey) -> bool:
    time = datetime.fromisoformat(evidence.time)
    after = time >= key.valid_from - TOLERANCE
    return after and (key.valid_until is None or time <= key.valid_until + TOLERANCE)


def _text(signature: bytes) -> str:
    return urlsafe_b64encode(signature).decode("ascii")
