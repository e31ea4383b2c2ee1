"""Trace context: W3C's header read, handed on, and never believed when it is malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.telemetry.traces import Trace, begin, continued, parse

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{ID}-{SPAN}-01"


def test_a_header_is_read_and_written_back():
    trace = parse(HEADER)
    assert trace == Trace(ID, SPAN, True)
    assert trace.header() == HEADER


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (f"00-{ID}-{SPAN}-00", False),
        (f"00-{ID}-{SPAN}-03", True),
        (f"00-{ID}-{SPAN}-02", False),
        (f"cc-{ID}-{SPAN}-01", True),
        (f"cc-{ID}-{SPAN}-01-what-the-future-brings", True),
    ],
)
def test_flags_and_later_versions_are_read(header: str, sampled: bool):
    assert parse(header) == Trace(ID, SPAN, sampled)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        HEADER.upper(),
        f"ff-{ID}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"00-{ID}-{SPAN}-1",
        f"00-{ID}-{SPAN}-01x",
        f"cc-{ID}-{SPAN}-01x",
        f"00-{ID[:-1]}-{SPAN}-01",
        f"00-{ID[:-1]}٣-{SPAN}-01",
        f" {HEADER}",
        f"{HEADER}\n",
        f"cc-{ID}-{SPAN}-01-" + "x" * 600,
    ],
)
def test_a_malformed_header_is_none_and_a_new_trace_begins(header: str):
    assert parse(header) is None
    fresh = continued(header)
    assert fresh.trace_id != ID
    assert parse(fresh.header()) == fresh


def test_a_trace_goes_on_under_its_id_with_a_step_of_its_own():
    step = continued(HEADER)
    assert (step.trace_id, step.sampled) == (ID, True)
    assert step.span_id != SPAN
    assert step.child(lambda length: b"\xab" * length).span_id == "ab" * 8


def test_ids_are_never_all_zero():
    nothing = begin(bytes)
    assert parse(nothing.header()) == nothing


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str):
    trace = parse(text)
    assert trace is None or parse(trace.header()) == trace
