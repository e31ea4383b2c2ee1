"""Heads, receipts and keys as people keep them: JSON or NDJSON, as routes and topics give it."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import orjson

from shared.kernel.errors import Malformed
from shared.security.evidence import Evidence, KeySeries, PublishedKey, Receipt, SignedHead

E = TypeVar("E", SignedHead, Receipt)

HEAD = frozenset(one.name for one in fields(SignedHead))
RECEIPT = frozenset(one.name for one in fields(Receipt))


def read_evidence(text: bytes) -> list[Evidence]:
    """Every head and receipt of a file: one, a list, a page of `GET /heads`, an answer that holds
    a receipt, or CloudEvents of the topic; as JSON or one a line. Raises Malformed, with a
    sentence, where anything in it is something else."""
    found = [one for whole in _documents(text) for one in _evidence(whole)]
    if not found:
        raise Malformed("The file holds no head and no receipt.")
    return found


def read_receipt(text: bytes) -> Receipt:
    """The one receipt of a file. Raises Malformed where it is not one."""
    try:
        found = read_evidence(text)
    except Malformed:
        found = []
    if len(found) != 1 or not isinstance(found[0], Receipt):
        raise Malformed("The file is not a receipt, or it is no longer whole.")
    return found[0]


def read_salt(text: bytes) -> str | None:
    """The salt that an answer gives beside its receipt, None where it gives none."""
    for one in _documents(text):
        salt = one.get("receipt_salt") if isinstance(one, dict) else None
        if isinstance(salt, str):
            return salt
    return None


def read_keys(text: bytes) -> list[KeySeries]:
    """Every series of keys of a file that holds answers of `GET /keys`, or of `keys list --json`.
    Raises Malformed."""
    try:
        return [_series(one) for whole in _documents(text) for one in _each(whole)]
    except (KeyError, TypeError, ValueError, NotBase64):
        raise Malformed("The keys are not what `GET /<service>/keys` gives.") from None


def _documents(text: bytes) -> Iterator[Any]:
    try:
        yield orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _lines(text)


def _lines(text: bytes) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                raise Malformed(f"Line {number} of the file is not JSON.") from None


def _each(whole: Any) -> list[Any]:
    if isinstance(whole, dict):
        return list(whole.get("series", [whole]))
    return list(whole)


def _evidence(whole: Any) -> Iterator[Evidence]:
    if isinstance(whole, list):
        for one in whole:
            yield from _evidence(one)
        return
    if not isinstance(whole, dict):
        raise Malformed("The file holds something that is neither a head nor a receipt.")
    for name in ("items", "receipt", "data"):
        if name in whole:
            yield from _evidence(whole[name])
            return
    yield _one(whole)


def _one(whole: Mapping[str, Any]) -> Evidence:
    if whole.keys() == RECEIPT:
        return _checked(Receipt(**whole))
    # A later version of the contract may tell more of a head; what is signed stays as it is.
    if whole.keys() >= HEAD and not whole.keys() & (RECEIPT - HEAD):
        return _checked(SignedHead(**{name: whole[name] for name in HEAD}))
    raise Malformed("The file holds something that is neither a head nor a receipt.")


def _checked(one: E) -> E:
    texts = [getattr(one, name.name) for name in fields(one) if name.name != "position"]
    position = one.position
    if not all(isinstance(text, str) and text.isascii() for text in texts) or (
        type(position) is not int or not 0 < position < 2**63
    ):
        raise Malformed("The file holds a head or a receipt with a field of another kind.")
    try:
        time = datetime.fromisoformat(one.time)
        bytes.fromhex(one.hash)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Malformed("The file holds a head or a receipt with a time or a hash that is none.")
    return one


def _series(whole: Mapping[str, Any]) -> KeySeries:
    service, deployment = whole["service"], whole["deployment"]
    keys = {one["id"]: _key(one) for one in whole["items"]}
    if not isinstance(service, str) or deployment not in keys:
        raise ValueError
    return KeySeries(service=service, deployment=deployment, keys=keys)


def _key(whole: Mapping[str, Any]) -> PublishedKey:
    until = whole["valid_until"]
    public = urlsafe_b64decode(whole["public_key"])
    if len(public) != 32 or whole["algorithm"] != "Ed25519":
        raise ValueError
    return PublishedKey(
        id=whole["id"],
        public=public,
        valid_from=_instant(whole["valid_from"]),
        valid_until=_instant(until) if until is not None else None,
    )


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment
