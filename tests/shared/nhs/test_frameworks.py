"""Which framework a provider follows on a day, and what each asks of a report."""

from datetime import date

import pytest

from shared.nhs.frameworks import (
    FRAMEWORKS,
    PSIRF2022,
    SIF2015,
    FrameworkAdoption,
    UnknownFramework,
    framework,
    framework_for,
)
from shared.nhs.role_table import HOLDERS


def adopted(framework_id: str, on: date, provider: str = "DEMOT01") -> FrameworkAdoption:
    return FrameworkAdoption(provider=provider, framework=framework(framework_id).id, from_=on)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2018, 12, 19), SIF2015),
        (date(2023, 9, 30), SIF2015),
        (date(2023, 10, 1), PSIRF2022),
        (date(2010, 1, 1), SIF2015),
    ],
)
def test_the_default_day_where_nothing_is_recorded(day: date, expected: object) -> None:
    assert framework_for("DEMOT01", day) is expected
    assert framework_for("DEMOT01", day, [adopted("PSIRF2022", date(2023, 1, 1), "DEMOT02")]) is (
        expected
    )


def test_the_default_day_can_be_set() -> None:
    day = date(2023, 6, 1)
    assert framework_for("DEMOT01", day, psirf_default_from=day) is PSIRF2022


def test_a_recorded_adoption_decides_early_and_late() -> None:
    early = [adopted("PSIRF2022", date(2023, 2, 1))]
    assert framework_for("DEMOT01", date(2023, 1, 31), early) is SIF2015
    assert framework_for("DEMOT01", date(2023, 2, 1), early) is PSIRF2022
    late = [adopted("PSIRF2022", date(2024, 1, 15))]
    assert framework_for("DEMOT01", date(2023, 12, 1), late) is SIF2015


def test_the_newest_adoption_reached_decides() -> None:
    both = [adopted("PSIRF2022", date(2023, 2, 1)), adopted("SIF2015", date(2015, 4, 1))]
    assert framework_for("DEMOT01", date(2023, 5, 1), both) is PSIRF2022
    assert framework_for("DEMOT01", date(2022, 5, 1), both) is SIF2015


def test_closers_and_what_a_report_must_hold() -> None:
    assert SIF2015.closer == "lead_commissioner"
    assert SIF2015.required_content == ("root_causes", "lessons", "actions")
    assert PSIRF2022.closer == "provider_board"
    assert PSIRF2022.required_content == ("findings", "areas_for_improvement", "safety_actions")
    assert SIF2015.commissioner_returns
    assert not PSIRF2022.commissioner_returns
    assert "never_event" in PSIRF2022.response_required_for
    assert {one.closer for one in FRAMEWORKS.values()} <= set(HOLDERS)
    assert {one.oversight for one in FRAMEWORKS.values()} <= set(HOLDERS)


def test_criteria_are_answered_one_by_one() -> None:
    ids = [one.id for one in SIF2015.criteria]
    assert sorted({one[0] for one in ids}) == list("ABCDEF")
    assert len(set(ids)) == len(ids)
    assert SIF2015.unanswered(ids) == ()
    assert SIF2015.unanswered(ids[2:]) == tuple(ids[:2])
    assert SIF2015.criterion("A1") is SIF2015.criteria[0]
    assert SIF2015.criterion("Z9") is None


def test_an_unknown_framework_is_refused() -> None:
    with pytest.raises(UnknownFramework, match="SIF2015, PSIRF2022"):
        framework("NRLS")
