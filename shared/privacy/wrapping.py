"""Wrapping: each key is stored encrypted under the deployment's master secret."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import Broken
from shared.privacy.sealing import NONCE_BYTES

_MARK_BYTES = 4


class Wrapping:
    """AES-256-GCM under a key derived from the master secret; the key's id is associated data.

    A wrapped key begins with the mark of its secret: a wrong secret is told apart from damage,
    and while a secret is replaced the earlier ones still unwrap.
    """

    def __init__(self, secret: bytes, *earlier: bytes) -> None:
        self._by_mark = {_mark(one): AESGCM(_derived(one)) for one in (*earlier, secret)}
        self._current = _mark(secret)

    def wrap(self, key_id: str, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        wrapped = self._by_mark[self._current].encrypt(nonce, key, _bound_to(key_id))
        return self._current + nonce + wrapped

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The key. Raises Broken when it is damaged or was wrapped under another secret."""
        mark, rest = wrapped[:_MARK_BYTES], wrapped[_MARK_BYTES:]
        if mark not in self._by_mark:
            raise Broken(f"Key {key_id} is wrapped under another master secret than this one.")
        try:
            return self._by_mark[mark].decrypt(
                rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound_to(key_id)
            )
        except InvalidTag:
            raise Broken(f"Key {key_id} is damaged in its store.") from None

    def knows(self, wrapped: bytes) -> bool:
        """Whether one of the secrets at hand wrapped this key."""
        return wrapped[:_MARK_BYTES] in self._by_mark

    def is_current(self, wrapped: bytes) -> bool:
        """Whether a key is wrapped under the newest secret."""
        return wrapped[:_MARK_BYTES] == self._current


def _derived(secret: bytes) -> bytes:
    return hmac.digest(secret, b"open-door key wrapping 1", hashlib.sha256)


def _mark(secret: bytes) -> bytes:
    return hmac.digest(secret, b"open-door key wrapping mark 1", hashlib.sha256)[:_MARK_BYTES]


def _bound_to(key_id: str) -> bytes:
    return urlsafe_b64decode(key_id)
