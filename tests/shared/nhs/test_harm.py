"""Harm: two offset scales, the worst over patients, and the candour threshold."""

from datetime import date

import pytest

from shared.nhs.harm import (
    HARM_WORDS,
    Harm,
    UnknownHarm,
    candour_due,
    candour_threshold,
    physical_from_lfpse,
    physical_to_lfpse,
    psychological_from_lfpse,
    psychological_to_lfpse,
    rank,
    worse,
    worst_harm,
)

DAY = date(2018, 12, 19)


@pytest.mark.parametrize(
    ("code", "word"),
    [("1", "fatal"), ("2", "severe"), ("3", "moderate"), ("4", "low"), ("5", "none")],
)
def test_physical_codes(code: str, word: str) -> None:
    assert physical_from_lfpse(code) == word
    assert physical_to_lfpse(physical_from_lfpse(code)) == code


@pytest.mark.parametrize(
    ("code", "word"), [("1", "severe"), ("2", "moderate"), ("3", "low"), ("4", "none")]
)
def test_psychological_codes_are_offset_by_one(code: str, word: str) -> None:
    assert psychological_from_lfpse(code) == word
    assert psychological_to_lfpse(psychological_from_lfpse(code)) == code
    assert physical_from_lfpse(str(int(code) + 1)) == word


def test_unknown_codes_are_refused() -> None:
    with pytest.raises(UnknownHarm):
        physical_from_lfpse("6")
    with pytest.raises(UnknownHarm):
        psychological_from_lfpse("5")
    with pytest.raises(UnknownHarm, match="severe, moderate, low, none"):
        psychological_to_lfpse("fatal")  # type: ignore[arg-type] # outside the type on purpose
    with pytest.raises(UnknownHarm):
        rank("bad")  # type: ignore[arg-type] # outside the type on purpose


def test_the_words_run_from_worst_to_none() -> None:
    assert HARM_WORDS == ("fatal", "severe", "moderate", "low", "none")
    assert worse("none", "low") == "low"
    assert worse("fatal", "severe") == "fatal"


def test_the_worst_over_patients_takes_either_sort() -> None:
    patients = [
        Harm(physical_harm="low", psychological_harm="none"),
        Harm(physical_harm="moderate", psychological_harm="severe"),
        Harm(),
    ]
    assert worst_harm(patients) == "severe"
    assert worst_harm([Harm(physical_harm="none")]) == "none"
    assert worst_harm([Harm()]) is None
    assert worst_harm([]) is None


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (Harm(physical_harm="fatal"), True),
        (Harm(physical_harm="severe"), True),
        (Harm(physical_harm="moderate"), True),
        (Harm(physical_harm="low"), False),
        (Harm(physical_harm="none", psychological_harm="moderate"), True),
        (Harm(physical_harm="none", psychological_harm="severe"), True),
        (Harm(physical_harm="none", psychological_harm="low"), False),
        (Harm(), False),
    ],
)
def test_candour_is_due_from_the_threshold(harm: Harm, expected: bool) -> None:
    assert candour_due(harm, DAY) is expected


def test_no_candour_before_the_statutory_duty() -> None:
    assert candour_threshold(date(2014, 11, 26)) is None
    assert not candour_due(Harm(physical_harm="fatal"), date(2014, 11, 26))
    threshold = candour_threshold(date(2014, 11, 27))
    assert threshold is not None
    assert not threshold.confirmed
