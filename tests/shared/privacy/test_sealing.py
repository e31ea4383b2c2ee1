"""Sealed values: they open where they were sealed, and nowhere else."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Broken
from shared.kernel.words import ERASED, Erased
from shared.privacy.sealing import (
    SealKey,
    key_id_of,
    open_bytes,
    open_sealed,
    seal,
    seal_bytes,
)

KEY = SealKey(urlsafe_b64encode(bytes(range(12))).decode(), secrets.token_bytes(32))
KEYS = {KEY.id: KEY.key}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_as_it_was(text: str):
    token = seal(KEY, "incident-1", "what_happened", text)
    assert open_sealed(KEYS, token, "incident-1", "what_happened") == text


def test_a_token_is_compact_names_its_key_and_never_repeats():
    one, two = (seal(KEY, "incident-1", "what_happened", "x" * 20) for _ in range(2))
    assert one != two
    assert len(one) == (20 + 40) / 3 * 4
    assert key_id_of(one) == KEY.id
    assert "x" not in repr(KEY)


def test_a_destroyed_key_reads_as_erased_and_a_lost_one_is_broken():
    token = seal(KEY, "incident-1", "what_happened", "text")
    assert open_sealed({KEY.id: None}, token, "incident-1", "what_happened") is ERASED
    assert isinstance(ERASED, Erased)
    with pytest.raises(Broken, match="lost"):
        open_sealed({}, token, "incident-1", "what_happened")


@pytest.mark.parametrize(
    ("stream", "path"), [("incident-2", "a"), ("incident-1", "b"), ("incident-", "1a")]
)
def test_a_moved_token_does_not_open(stream: str, path: str):
    token = seal(KEY, "incident-1", "a", "text")
    with pytest.raises(Broken):
        open_sealed(KEYS, token, stream, path)


def test_any_flipped_bit_is_found():
    sealed = seal_bytes(KEY, "incident-1", "a", b"text")
    for place in range(12, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Broken):
            open_bytes(KEYS, bytes(changed), "incident-1", "a")


@pytest.mark.parametrize("token", ["", "short", "ä" * 60, "=" * 60])
def test_what_is_no_token_is_broken(token: str):
    with pytest.raises(Broken):
        open_sealed(KEYS, token, "incident-1", "a")


def test_a_short_token_names_no_key():
    with pytest.raises(Broken):
        key_id_of("short")


def test_documents_are_sealed_as_bytes():
    content = secrets.token_bytes(10_000)
    sealed = seal_bytes(KEY, "incident-1", "documents/1", content)
    assert len(sealed) == len(content) + 40
    assert open_bytes(KEYS, sealed, "incident-1", "documents/1") == content
    assert urlsafe_b64decode(KEY.id) == sealed[:12]
    assert open_bytes({KEY.id: None}, sealed, "incident-1", "documents/1") is None
