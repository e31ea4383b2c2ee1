"""Tests of shared/nhs/never_event_judging.py: by which list one decides, and what it can bear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.nhs.never_event_judging import holds_from, judging_list

JANUARY, DECEMBER = date(2018, 1, 15), date(2018, 12, 10)
NOW = datetime(2018, 12, 19, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A decision as somebody asks for it."""

    outcome: str = "meets"
    type: str | None = "15"
    subtype: str | None = None
    list: str | None = None
    guidance_ref: str | None = None
    effective_at: datetime | None = None


@pytest.mark.parametrize(
    ("day", "told", "list_id"),
    [
        (DECEMBER, {}, "2018-02-01"),
        (DECEMBER, {"list": "2018-02-01"}, "2018-02-01"),
        (JANUARY, {"list": "2018-02-01", "guidance_ref": "NHSI-2018-07"}, "2018-02-01"),
        (date(2014, 5, 1), {"list": "2018-02-01", "guidance_ref": "NHSI-2018-07"}, "2018-02-01"),
        (JANUARY, {"outcome": "does_not_meet", "type": None}, "2015-04-01"),
        (DECEMBER, {"type": "1", "subtype": "1-tooth"}, "2018-02-01"),
        (DECEMBER, {"outcome": "under_review", "type": "16"}, "2018-02-01"),
    ],
)
def test_the_list_of_the_day_judges_unless_guidance_names_another(
    day: date, told: dict[str, Any], list_id: str
) -> None:
    assert judging_list(Told(**told), day).id == list_id


@pytest.mark.parametrize(
    ("told", "pointer", "code"),
    [
        ({"list": "1999-01-01", "guidance_ref": "X1"}, "/list", "no_list"),
        ({"list": "1999-01-01"}, "/list", "no_list"),
        ({"list": "2015-04-01"}, "/guidance_ref", "guidance_needed"),
        ({"type": None}, "/type", "type_needed"),
        (
            {"outcome": "does_not_meet", "type": None, "subtype": "1-tooth"},
            "/subtype",
            "type_needed",
        ),
        ({"type": "99"}, "/type", "not_on_list"),
        ({"type": "16"}, "/type", "suspended"),
        ({"type": "1", "subtype": "1-roof"}, "/subtype", "not_on_list"),
    ],
)
def test_what_the_list_cannot_bear_is_refused_in_a_sentence(
    told: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        judging_list(Told(**told), DECEMBER)
    (fault,) = refusal.value.faults
    assert (fault.pointer, fault.code) == (pointer, code)
    assert fault.message[0].isupper()
    assert fault.message.endswith(".")


def test_a_refusal_says_the_lists_name_as_it_is_written() -> None:
    with pytest.raises(Invalid, match=r"No such type on the Never events list 2015/16 \(in force"):
        judging_list(Told(), JANUARY)
    with pytest.raises(Invalid, match="the first is Never events list 2015/16"):
        judging_list(Told(), date(2014, 5, 1))


def test_a_decision_holds_from_now_or_from_a_time_that_has_been() -> None:
    assert holds_from(Told(), NOW) == NOW
    yesterday = NOW - timedelta(days=1)
    assert holds_from(Told(effective_at=yesterday), NOW) == yesterday
    with pytest.raises(Invalid, match="time to come"):
        holds_from(Told(effective_at=NOW + timedelta(seconds=1)), NOW)
