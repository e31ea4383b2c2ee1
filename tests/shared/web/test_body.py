"""Tests of shared/web/body.py and faults.py: what is refused, where, and without its value."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.kernel.errors import Invalid, Malformed
from shared.kernel.messages import command, value
from shared.kernel.words import Code, Day, Many, Moment, Text, Whole
from shared.web.body import DEPTH_LIMIT, parse, validate


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("body", "slug", "pointer"),
    [
        (b"", "bad-json", None),
        (b"{", "bad-json", None),
        (b'{"a":1} {}', "bad-json", None),
        (b'{"a":"\t"}', "bad-json", None),
        (b"{'a':1}", "bad-json", None),
        (b"\xef\xbb\xbf{}", "bad-json", None),
        (b'{"a":"\xff"}', "bad-encoding", None),
        (b'{"a":"\xed\xa0\x80"}', "bad-encoding", None),
        ('{"a":1}'.encode("utf-16"), "bad-encoding", None),
        (b'{"a":1,"a":1}', "duplicate-key", "/a"),
        (b'{"a":[{"b":1,"c":2,"b":3}]}', "duplicate-key", "/a/0/b"),
        (b'{"a":"x\x00y"}', "nul-character", None),
        (b'{"a":"x\\u0000y"}', "nul-character", "/a"),
        (b'{"a\\u0000":1}', "nul-character", ""),
        (b'{"a":["\\ud83d"]}', "lone-surrogate", "/a/0"),
        (b'{"a":"\\udc00\\ud83d"}', "lone-surrogate", "/a"),
        (b'{"a":NaN}', "number-out-of-range", "/a"),
        (b'{"a":[1,-Infinity]}', "number-out-of-range", "/a/1"),
        (b'{"a":1e309}', "number-out-of-range", "/a"),
        (b'{"a":9223372036854775808}', "number-out-of-range", "/a"),
        (b'{"a":-9223372036854775809}', "number-out-of-range", "/a"),
        (b"9" * 100_000, "number-out-of-range", ""),
        (nested(10_000), "too-deep", None),
        (nested(DEPTH_LIMIT + 1), "too-deep", None),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep", None),
    ],
)
def test_json_that_readers_would_take_differently_is_refused(body, slug, pointer):
    with pytest.raises(Malformed) as refused:
        parse(body)
    assert refused.value.slug == slug
    if pointer is not None:
        assert [fault.pointer for fault in refused.value.faults] == [pointer]


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b"{}", {}),
        (b' {"a": [1, -2.5, null, true] } ', {"a": [1, -2.5, None, True]}),
        (b'{"a":"\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"n":9223372036854775807}', {"n": 2**63 - 1}),
        (b'{"n":-9223372036854775808}', {"n": -(2**63)}),
        (b'[{"a":1},{"a":1}]', [{"a": 1}, {"a": 1}]),
    ],
)
def test_json_within_the_limits_is_taken(body, document):
    assert parse(body) == document


def test_sixty_four_levels_are_not_too_deep():
    assert parse(nested(DEPTH_LIMIT))


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(DOCUMENTS, st.booleans())
def test_whatever_json_can_hold_is_read_as_it_was_written(document: Any, ascii_only: bool):
    assert parse(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes):
    with suppress(Malformed):
        parse(body)


@value
class Part:
    code: Code
    n: Whole = 0


@value
class Seen:
    at: Moment


@command
class Thing:
    text: Text
    day: Day
    parts: Many[Part] = ()
    either: Part | Seen | None = None
    ready: bool = False


THING = TypeAdapter(Thing)
SOUND = {"text": "x", "day": "2018-12-19"}


def refusal(**changes: object) -> Malformed | Invalid:
    document = {**SOUND, **changes}
    with pytest.raises((Malformed, Invalid)) as refused:
        validate(THING, json.dumps(document).encode(), document)
    assert isinstance(refused.value, Malformed | Invalid)
    return refused.value


@pytest.mark.parametrize(
    ("changes", "kind", "pointer", "code"),
    [
        ({"secretive": 1}, Malformed, "/secretive", "unexpected_keyword_argument"),
        ({"999 123 4567 \x01": 1}, Malformed, "", "unexpected_keyword_argument"),
        ({"text": 5}, Malformed, "/text", "string_type"),
        ({"ready": 0}, Malformed, "/ready", "bool_type"),
        ({"ready": "true"}, Malformed, "/ready", "bool_type"),
        ({"parts": [{"code": "a", "n": "5"}]}, Malformed, "/parts/0/n", "int_type"),
        ({"parts": [{"code": "a", "n": False}]}, Malformed, "/parts/0/n", "int_type"),
        ({"parts": [{"code": "a", "n": 1.0}]}, Malformed, "/parts/0/n", "int_type"),
        ({"parts": [{"n": 1}]}, Malformed, "/parts/0/code", "missing"),
        ({"parts": {"0": 1}}, Malformed, "/parts", "tuple_type"),
        ({"parts": [{"code": "a", "n": -1}]}, Invalid, "/parts/0/n", "greater_than_equal"),
        ({"parts": [{"code": "a b"}]}, Invalid, "/parts/0/code", "string_pattern_mismatch"),
        ({"parts": [{"code": "a"}] * 101}, Invalid, "/parts", "too_long"),
        ({"text": ""}, Invalid, "/text", "string_too_short"),
        ({"text": "x" * 20_001}, Invalid, "/text", "string_too_long"),
        ({"day": "2018-02-30"}, Invalid, "/day", "day"),
        ({"day": "1545177600"}, Invalid, "/day", "day"),
        ({"day": "2018-12-19T00:00:00Z"}, Invalid, "/day", "day"),
    ],
)
def test_a_fault_is_named_at_its_place(changes, kind, pointer, code):
    error = refusal(**changes)
    assert type(error) is kind
    assert (pointer, code) in [(fault.pointer, fault.code) for fault in error.faults]


def test_all_faults_are_told_at_once_and_shape_goes_before_meaning():
    error = refusal(text=5, day="never", parts=[{"code": ""}])
    assert isinstance(error, Malformed)
    assert {fault.pointer for fault in error.faults} == {"/text", "/day", "/parts/0/code"}


def test_the_branches_of_a_union_are_no_steps_of_a_pointer():
    error = refusal(either={"at": "yesterday"})
    assert {fault.pointer for fault in error.faults} <= {"/either/at", "/either/code", "/either"}


def test_the_same_sentence_says_what_a_field_wants_and_never_what_came():
    error = refusal(text=5, day="9991234567", ready="9991234567", other="9991234567")
    told = " ".join(fault.message for fault in error.faults) + error.detail
    assert "9991234567" not in told
    assert "Write a day as YYYY-MM-DD" in told


@given(DOCUMENTS)
def test_any_document_is_a_thing_or_refused(document: Any):
    body = json.dumps(document).encode()
    with pytest.raises((Malformed, Invalid)):
        validate(THING, body, parse(body))
