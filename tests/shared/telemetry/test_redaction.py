"""Redaction: listed fields in their shape pass, everything else is withheld and named."""

import pytest

from shared.telemetry.redaction import FIELDS, SENTENCE_LIMIT, WITHHELD, redact


def test_an_unlisted_field_is_named_and_left_out():
    assert redact({"task": "relay", "body": "text", "nhs_number": 9990000018}) == {
        "task": "relay",
        "withheld": ["body", "nhs_number"],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", "relay:opendoor.intake.v1/3"),
        ("route", "/events/{id}"),
        ("stream", "incident-abc"),
        ("position", 7),
        ("status", 200),
        ("seconds", 0.25),
        ("n", None),
        ("detail", "The chain is broken at 7."),
        ("at", ["module:function:1"]),
    ],
)
def test_a_listed_field_of_its_shape_passes(field: str, value: object):
    assert redact({field: value}) == {field: value}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", "two words"),
        ("task", "x" * 201),
        ("position", "seven"),
        ("detail", b"bytes"),
        ("detail", {"a": 1}),
        ("task", object()),
        ("task", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
        ("detail", "sent with Bearer abc"),
        ("detail", "the secret whsec_abc was shown"),
        ("host", "postgresql://me:word@host/db"),
        ("detail", "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_another_shape_or_a_secret_is_withheld(field: str, value: object):
    assert redact({field: value}) == {field: WITHHELD}


def test_long_sentences_and_lists_are_cut():
    kept = redact({"detail": "x" * 1000, "at": ["a"] * 50})
    assert kept == {"detail": "x" * SENTENCE_LIMIT + "...", "at": ["a"] * 20}


def test_each_entry_of_a_list_is_judged_alone():
    assert redact({"values": ["kafka", "two words", 9092]}) == {"values": ["kafka", WITHHELD, 9092]}


def test_no_field_has_a_name_that_invites_personal_data():
    inviting = {"name", "body", "query", "url", "path", "token", "email", "patient", "message"}
    assert not inviting & FIELDS.keys()
