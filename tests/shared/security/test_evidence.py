"""Heads and receipts: what holds, and that nothing forged or changed does (F1)."""

from base64 import urlsafe_b64encode
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.errors import Malformed
from shared.security.evidence import (
    Evidence,
    KeySeries,
    PublishedKey,
    Receipt,
    SignedHead,
    fault_of,
    salted_digest,
    signed_head,
    signed_receipt,
)
from shared.security.evidence_files import read_evidence, read_keys, read_receipt, read_salt

NOON = datetime(2018, 12, 19, 12, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
TEXTS = {"service": "intake", "deployment": "first-key", "time": "2018-12-19T12:00:00.000001Z"}
HEAD = signed_head(SignedHead(position=12, hash="0a" * 32, key="a-key", **TEXTS), PRIVATE)
RECEIPT = signed_receipt(
    Receipt(
        id="an-event",
        digest=salted_digest("salt", b"filed"),
        position=12,
        hash="0a" * 32,
        key="a-key",
        **TEXTS,
    ),
    PRIVATE,
)
BOTH = (HEAD, RECEIPT)
NAMES = [(one, name) for one in BOTH for name in asdict(one)]


def key(private: Ed25519PrivateKey, **more: Any) -> PublishedKey:
    public = private.public_key().public_bytes_raw()
    told = {"id": "a-key", "valid_from": NOON, "valid_until": None}
    return PublishedKey(public=public, **{**told, **more})


def series(*keys: PublishedKey, **more: str) -> KeySeries:
    told = {"service": "intake", "deployment": "first-key"} | more
    return KeySeries(keys={one.id: one for one in keys or (key(PRIVATE),)}, **told)


def refused(one: Evidence, text: str, *published: KeySeries) -> None:
    said = fault_of(one, published or (series(),))
    assert said is not None
    assert text in said
    assert said.endswith(".")


@pytest.mark.parametrize("one", BOTH)
def test_what_was_signed_holds(one: Evidence):
    assert fault_of(one, (series(),)) is None


def holds(text: bytes) -> bool:
    """Whether a file is taken for evidence that holds."""
    try:
        found = read_evidence(text)
    except Malformed:
        return False
    return all(fault_of(one, (series(),)) is None for one in found)


@pytest.mark.parametrize("one", BOTH)
@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_no_byte_of_a_file_can_be_another(one: Evidence, mask: int):
    whole = orjson.dumps(asdict(one))
    assert holds(whole)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= mask
        assert not holds(bytes(changed)), (place, bytes(changed))


@pytest.mark.parametrize(("one", "name"), NAMES)
def test_no_character_of_a_field_can_be_another(one: Evidence, name: str):
    text = str(getattr(one, name))
    for place, now in enumerate(text):
        for other in "09afZ-=":
            if other == now:
                continue
            changed = text[:place] + other + text[place + 1 :]
            if name == "position" and not (changed.isdecimal() and changed[0] != "0"):
                continue
            other_value = int(changed) if name == "position" else changed
            assert not holds(orjson.dumps({**asdict(one), name: other_value})), (name, changed)


def test_another_service_is_refused():
    refused(replace(HEAD, service="learning"), "keys are not at hand")
    swapped = replace(HEAD, service="learning")
    refused(swapped, "does not fit", series(), series(service="learning"))


def test_another_deployment_is_refused():
    refused(RECEIPT, "of another deployment", series(deployment="another-first"))


def test_another_key_is_refused():
    refused(RECEIPT, "does not fit", series(key(OTHER)))
    refused(signed_receipt(RECEIPT, OTHER), "does not fit")
    refused(HEAD, "names key 'a-key'", series(key(PRIVATE, id="another")))


def test_a_head_is_no_receipt():
    as_receipt = Receipt(**asdict(HEAD), id="an-event", digest="00")
    refused(as_receipt, "does not fit")


def test_a_key_cannot_sign_for_another_time():
    refused(HEAD, "dated outside", series(key(PRIVATE, valid_from=NOON + timedelta(days=1))))
    refused(HEAD, "dated outside", series(key(PRIVATE, valid_until=NOON - timedelta(days=1))))
    near = key(PRIVATE, valid_from=NOON + timedelta(minutes=9), valid_until=NOON)
    assert fault_of(HEAD, (series(near),)) is None


def test_another_text_of_the_same_signature_is_refused():
    last = HEAD.signature[:-3]
    refused(replace(HEAD, signature=HEAD.signature + "="), "does not fit")
    refused(replace(HEAD, signature=last), "does not fit")
    refused(replace(HEAD, signature="ü"), "does not fit")


FORMS: dict[str, list[Any]] = {
    "one": [asdict(HEAD)],
    "a list": [[asdict(HEAD)]],
    "a page": [{"items": [{"n": 1, **asdict(HEAD)}], "links": {}}],
    "a CloudEvent": [{"specversion": "1.0", "id": "heads/1", "data": asdict(HEAD)}],
    "one a line": [{"data": asdict(HEAD)}, asdict(HEAD)],
}


@pytest.mark.parametrize("form", FORMS)
def test_heads_are_read_as_routes_and_topics_give_them(form: str):
    text = b"\n".join(orjson.dumps(one) for one in FORMS[form]) + b"\n"
    assert set(read_evidence(text)) == {HEAD}


def test_a_receipt_is_read_from_the_whole_answer():
    answer = orjson.dumps({"id": "x", "receipt": asdict(RECEIPT), "receipt_salt": "salt"})
    assert read_receipt(answer) == RECEIPT
    assert read_salt(answer) == "salt"
    assert read_salt(orjson.dumps(asdict(RECEIPT))) is None


FAULTY = {
    "nothing": b"",
    "no JSON": b"some text",
    "a number": b"12",
    "another document": b'{"name": "x"}',
    "a number for a text": orjson.dumps({**asdict(RECEIPT), "key": 7}),
    "a text for the position": orjson.dumps({**asdict(RECEIPT), "position": "12"}),
    "a position below 1": orjson.dumps({**asdict(RECEIPT), "position": 0}),
    "a position that is true": orjson.dumps({**asdict(RECEIPT), "position": True}),
    "a time without offset": orjson.dumps({**asdict(RECEIPT), "time": "2018-12-19T12:00:00"}),
    "a field more": orjson.dumps({**asdict(RECEIPT), "note": "paid"}),
    "half of it": orjson.dumps(asdict(RECEIPT))[:80],
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_no_receipt_is_called_so(name: str):
    with pytest.raises(Malformed, match="not a receipt"):
        read_receipt(FAULTY[name])


def test_a_head_is_not_read_as_a_receipt():
    with pytest.raises(Malformed, match="not a receipt"):
        read_receipt(orjson.dumps(asdict(HEAD)))


def test_the_line_that_is_no_json_is_named():
    with pytest.raises(Malformed, match="Line 2"):
        read_evidence(orjson.dumps(asdict(HEAD)) + b"\nhello\n")


def told_keys(**more: Any) -> dict[str, Any]:
    public = urlsafe_b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
    item = {
        "id": "first-key",
        "number": 1,
        "algorithm": "Ed25519",
        "public_key": public,
        "valid_from": "2018-12-19T12:00:00Z",
        "valid_until": None,
    }
    return {"service": "intake", "deployment": "first-key", "items": [item | more]}


def test_keys_are_read_from_one_answer_or_several():
    wanted = series(key(PRIVATE, id="first-key"))
    one, other = told_keys(), {**told_keys(), "service": "learning"}
    assert read_keys(orjson.dumps(one)) == [wanted]
    several = [wanted, replace(wanted, service="learning")]
    assert read_keys(orjson.dumps({"series": [one, other]})) == several
    assert read_keys(orjson.dumps(one) + b"\n" + orjson.dumps(other)) == several


@pytest.mark.parametrize(
    "more",
    [
        {"algorithm": "none"},
        {"public_key": "AAAA"},
        {"valid_from": "yesterday"},
        {"valid_from": "2018-12-19T12:00:00"},
        {"id": "another"},
        {"valid_until": 7},
    ],
)
def test_what_are_no_keys_is_called_so(more: dict[str, Any]):
    with pytest.raises(Malformed, match="keys"):
        read_keys(orjson.dumps(told_keys(**more)))
    with pytest.raises(Malformed, match="keys"):
        read_keys(b"[1]")
