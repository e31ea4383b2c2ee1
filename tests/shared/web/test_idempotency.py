"""Tests of shared/web/idempotency.py."""

import pytest

from shared.kernel.errors import Malformed
from shared.web.idempotency import KEY_LIMIT, Fingerprints, request_key
from tests.shared.web.boxes import A_BOX

UUID = "8E03978E-40d5-43e8-bc93-6894a57f9324"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ('"abc"', "abc"),
        ('  "abc"  ', "abc"),
        ('"a b, c;d"', "a b, c;d"),
        (r'"a\"b\\c"', r'a"b\c'),
        ("abc", "abc"),
        (UUID, UUID),
        ('"' + "x" * KEY_LIMIT + '"', "x" * KEY_LIMIT),
    ],
)
def test_a_quoted_text_or_a_bare_word_is_a_key(given, key):
    assert request_key([given], None) == key


@pytest.mark.parametrize(
    "given",
    ['""', '"abc', 'abc"', '"a"b"', r'"a\b"', '"a";p=1', "a,b", "a b", "", '"é"', '"\x01"'],
)
def test_anything_else_is_refused(given):
    with pytest.raises(Malformed) as refused:
        request_key([given], UUID)
    assert refused.value.slug == "idempotency-key-malformed"


@pytest.mark.parametrize("given", [["x" * 129], ['"' + "x" * 129 + '"'], ["a", "a"]])
def test_too_long_or_twice_is_refused(given):
    with pytest.raises(Malformed):
        request_key(given, None)


def test_the_nhs_request_id_serves_where_it_is_a_uuid():
    assert request_key([], UUID) == UUID.lower()
    assert request_key(['"first"'], UUID) == "first"


@pytest.mark.parametrize("request_id", [None, "", "r-1", UUID + "x"])
def test_without_either_the_key_is_missing(request_id):
    with pytest.raises(Malformed) as refused:
        request_key([], request_id)
    assert refused.value.slug == "idempotency-key-missing"


async def test_a_request_without_a_key_is_told_where_to_read(client):
    answer = await client.post("/boxes", json=A_BOX)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency-key-missing"


def test_a_fingerprint_depends_on_the_secret_and_on_where_each_part_ends():
    one, other = Fingerprints(b"a" * 32), Fingerprints(b"b" * 32)
    parts = ("POST", "/a", b"b", "RX1")
    assert one.of(*parts) == one.of(*parts)
    assert one.of(*parts) != other.of(*parts)
    assert one.of(*parts) != one.of("POST", "/ab", b"", "RX1")
