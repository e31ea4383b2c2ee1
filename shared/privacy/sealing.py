"""Sealing: a text under a key, bound to its stream and field, as one compact token."""

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import Broken
from shared.kernel.ids import length_prefixed
from shared.kernel.words import ERASED

KEY_BYTES = 32
ID_BYTES = 12
NONCE_BYTES = 12
_TAG_BYTES = 16
_ID_CHARACTERS = 16
_SHORTEST = ID_BYTES + NONCE_BYTES + _TAG_BYTES

OpenKeys = Mapping[str, bytes | None]
"""Key bytes by id; None for a destroyed key; an id that is absent is lost."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key with the id that stands in every token it seals: 16 characters of base64url."""

    id: str
    key: bytes = field(repr=False)
    _ready: list[tuple[bytes, AESGCM]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def ready(self) -> tuple[bytes, AESGCM]:
        """The id's bytes and the cipher, made once: a report seals eight fields under one key."""
        if not self._ready:
            self._ready.append((urlsafe_b64decode(self.id), AESGCM(self.key)))
        return self._ready[0]


def seal(key: SealKey, stream: str, path: str, text: str) -> str:
    """The text as a token: base64url of key id, nonce and AES-256-GCM ciphertext.

    `stream` and the field's `path` are its associated data, so that a token that is moved
    elsewhere does not open.
    """
    return urlsafe_b64encode(seal_bytes(key, stream, path, text.encode())).decode("ascii")


def seal_bytes(key: SealKey, stream: str, path: str, content: bytes) -> bytes:
    """As `seal`, for a document: raw bytes, 40 longer than the content."""
    id_, cipher = key.ready
    nonce = secrets.token_bytes(NONCE_BYTES)
    return id_ + nonce + cipher.encrypt(nonce, content, _bound_to(stream, path))


def open_sealed(keys: OpenKeys, token: str, stream: str, path: str) -> str:
    """The text, or ERASED where its key was destroyed.

    Raises Broken when the key is lost, and when the token was changed or belongs elsewhere.
    """
    content = open_bytes(keys, _raw(token), stream, path)
    return ERASED if content is None else content.decode()


def open_bytes(keys: OpenKeys, sealed: bytes, stream: str, path: str) -> bytes | None:
    """As `open_sealed`, for a document; None where its key was destroyed."""
    if len(sealed) < _SHORTEST:
        raise Broken("A sealed value is too short to be one.")
    key_id = urlsafe_b64encode(sealed[:ID_BYTES]).decode("ascii")
    if key_id not in keys:
        raise Broken(f"Key {key_id} is lost: it was never destroyed, and the store has none.")
    key = keys[key_id]
    if key is None:
        return None
    nonce, content = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, content, _bound_to(stream, path))
    except InvalidTag:
        raise Broken("A sealed value was changed, or stands where it was not sealed.") from None


def key_id_of(token: str) -> str:
    """The id of the key that sealed a token. Raises Broken for what is no token."""
    if len(token) <= _ID_CHARACTERS:
        raise Broken("A sealed value is too short to be one.")
    return token[:_ID_CHARACTERS]


def _raw(token: str) -> bytes:
    try:
        return urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        raise Broken("A sealed value is no base64url text.") from None


def _bound_to(stream: str, path: str) -> bytes:
    return length_prefixed((stream.encode(), path.encode()))
