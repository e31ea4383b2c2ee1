"""The request key: which header holds it, and what makes two requests the same (H4-H6)."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from shared.kernel.errors import Malformed
from shared.kernel.ids import length_prefixed

KEY_LIMIT = 128
_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"\Z')
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_ESCAPED = re.compile(r'\\(["\\])')


def request_key(given: Sequence[str], request_id: str | None) -> str:
    """The key of a request from its Idempotency-Key headers, else from an X-Request-ID that is a
    UUID. Raises Malformed: idempotency-key-missing, or -malformed."""
    if len(given) == 1:
        return _unquoted(given[0].strip())
    if given:
        raise _malformed()
    if request_id is not None and _UUID.match(request_id):
        return request_id.lower()
    raise Malformed(
        "Send the header Idempotency-Key with a quoted text, the same on every repeat, or "
        "X-Request-ID with a UUID.",
        "idempotency-key-missing",
    )


def _unquoted(text: str) -> str:
    """A structured-field String, or a bare word (tolerated)."""
    if quoted := _QUOTED.match(text):
        key = _ESCAPED.sub(r"\1", quoted[1])
    elif _BARE.match(text):
        key = text
    else:
        raise _malformed()
    if len(key) > KEY_LIMIT:
        raise _malformed()
    return key


def _malformed() -> Malformed:
    return Malformed(
        f"An Idempotency-Key is one quoted text of 1 to {KEY_LIMIT} printable characters.",
        "idempotency-key-malformed",
    )


class Fingerprints:
    """What a key is bound to, as HMAC-SHA-256 under the deployment's secret: bodies can hold NHS
    numbers, and a plain hash of a short one is reversible."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, method: str, path: str, body: bytes, organisation: str) -> bytes:
        """32 bytes, the same for the same method, path, body bytes and acting organisation."""
        parts = (method.encode(), path.encode(), body, organisation.encode())
        return hmac.digest(self._secret, length_prefixed(parts), hashlib.sha256)
