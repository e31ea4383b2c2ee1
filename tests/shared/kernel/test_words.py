"""The words of commands: which days and texts are taken at all."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.kernel.words import Day, DayOrMoment, Moment, ShortText, Text

DAYS = ["1899-12-31", "0001-01-01", "2200-01-01", "9999-12-31"]
MOMENTS = [f"{day}T12:00:00Z" for day in DAYS] + ["1900-01-01T00:30:00+01:00"]
BLANK = [
    " \n\t",
    "\u200b",
    "\u200b\u200d\ufeff \u2060",
    "\x01\x1f\x7f\x85",
    "\u00ad",
    "\u3164\u115f\u2800\uffa0",
    "\u0301\ufe0f",
    "\u202e",
    "\U000e0041",
]


def taken(hint: Any, given: str) -> Any:
    return TypeAdapter(hint).validate_python(given)


@pytest.mark.parametrize(
    ("hint", "given"),
    [
        *((Day, one) for one in DAYS),
        *((Moment, one) for one in MOMENTS),
        *((DayOrMoment, one) for one in (*DAYS, *MOMENTS)),
    ],
)
def test_a_day_far_from_ours_is_refused_with_a_sentence(hint: Any, given: str):
    with pytest.raises(ValidationError, match="between 1900 and 2199"):
        taken(hint, given)


@pytest.mark.parametrize("given", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_taken(given: str):
    assert taken(Day, given).isoformat() == given
    assert taken(DayOrMoment, f"{given}T12:00:00Z").date().isoformat() == given


@pytest.mark.parametrize("hint", [Text, ShortText])
@pytest.mark.parametrize("given", BLANK)
def test_text_that_shows_nothing_is_empty(hint: Any, given: str):
    with pytest.raises(ValidationError):
        taken(hint, given)


@pytest.mark.parametrize("given", ["?", "é", "e\u0301", "\u200bword", "家族", "👍\ufe0f", "7"])
def test_whatever_shows_is_text(given: str):
    assert taken(Text, given) == given
