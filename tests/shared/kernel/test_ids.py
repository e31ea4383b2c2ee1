"""Ids are base32 of RFC 4648 in small letters, and no two lists of parts are joined alike."""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import ID_LENGTH, _base32, length_prefixed


@given(st.binary(min_size=17, max_size=40))
def test_an_id_is_the_beginning_of_the_digest_in_base32(raw: bytes) -> None:
    assert _base32(raw) == b32encode(raw)[:ID_LENGTH].decode().lower()


@pytest.mark.parametrize("raw", [bytes(17), b"\xff" * 17])
def test_the_ends_of_the_alphabet_are_met(raw: bytes) -> None:
    assert _base32(raw) == b32encode(raw)[:ID_LENGTH].decode().lower()


@given(st.lists(st.binary(max_size=5)), st.lists(st.binary(max_size=5)))
def test_two_lists_are_joined_alike_only_where_they_are_one(
    some: list[bytes], others: list[bytes]
) -> None:
    assert (length_prefixed(some) == length_prefixed(others)) == (some == others)


def test_a_length_stands_before_each_part() -> None:
    assert length_prefixed([b"ab", b""]) == b"\0\0\0\2ab\0\0\0\0"
