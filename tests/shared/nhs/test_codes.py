"""Value sets: words and LFPSE codes both ways, and the same codes as the public taxonomy."""

import json
from collections.abc import Callable

import pytest

from shared.nhs.codes import (
    ASSURANCE_MODES,
    EVENT_KINDS,
    FEAR_REASONS,
    LEVELS_OF_CONCERN,
    SERVICE_AREAS,
    VALUE_SETS,
    WHY_ANONYMOUS,
    UnknownCode,
    ValueSet,
)


@pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
def test_words_are_unique_and_codes_go_both_ways(values: ValueSet) -> None:
    assert len(set(values.words)) == len(values.words)
    for one in values.codes:
        assert one.word in values
        assert values.label(one.word)
        if one.lfpse is not None:
            assert values.from_lfpse(values.to_lfpse(one.word)) == one.word


@pytest.mark.parametrize(
    "values", [v for v in VALUE_SETS.values() if v.lfpse_set], ids=lambda v: v.id
)
def test_codes_equal_the_public_taxonomy(
    values: ValueSet, reference_file: Callable[[str], str]
) -> None:
    taxonomy = json.loads(reference_file("lfpse/v5_value_sets.json"))
    public = [entry["code"] for entry in taxonomy[values.lfpse_set]]
    assert sorted(one.lfpse or "" for one in values.codes) == sorted(public)


def test_no_other_word_or_code_is_known() -> None:
    with pytest.raises(UnknownCode, match="incident, risk, outcome, good_care"):
        EVENT_KINDS.get("near_miss")
    with pytest.raises(UnknownCode):
        LEVELS_OF_CONCERN.from_lfpse("2")
    with pytest.raises(UnknownCode, match="no LFPSE code"):
        ASSURANCE_MODES.to_lfpse("site_visit")
    assert "near_miss" not in EVENT_KINDS
    assert None not in EVENT_KINDS


def test_the_sets_that_rules_stand_on() -> None:
    assert EVENT_KINDS.words == ("incident", "risk", "outcome", "good_care")
    assert SERVICE_AREAS.to_lfpse("maternity") == "19"
    assert len(SERVICE_AREAS.codes) == 17
    assert len(ASSURANCE_MODES.codes) == 8
    assert {WHY_ANONYMOUS.to_lfpse(word) for word in FEAR_REASONS} == {"4", "5", "6", "7"}
