"""The last gate: an identifier of a person in any clear code is refused, and where it stands."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pytest

from shared.kernel.errors import Invalid
from shared.kernel.messages import command, event, value
from shared.kernel.words import Code, Many, Sealed, Text
from shared.runtime import gate
from shared.runtime.gate import require_codes_alone
from tests.journeys.planting import nhs_number

NUMBER = nhs_number(3)
IDENTIFIERS = [
    NUMBER,
    f"John.Smith.{NUMBER}",
    f"{NUMBER[:3]}-{NUMBER[3:6]}-{NUMBER[6:]}",
    "07700900123",
    "patient@example.org",
    "LS1-3EX",
    "LS13EX",
]
CLEAR = [
    "medical_gases",
    "2018-12-19",
    "2018-12-19T09:00:00.123456Z",
    "NHSI-2018-07",
    "a7b2c3d4e5f6g7h2i3j4k5l6m7",
    "39113611000001102",
    "OD-LESSON-2018-1",
    "2f1e0d9c8b7a6543",
]


@value
class Part:
    theme: Code
    note: Sealed[Text] | None = None


@command
class Ask:
    theme: Code | None = None
    parts: Many[Part] = ()


@event("asked")
class Asked:
    parts: Many[Part] = ()
    told: Sealed[Text] | None = None
    kind: Literal["one"] = "one"
    on: date = date(2018, 12, 19)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    themes: list[str] = field(default_factory=list)
    actions: list[dict[str, str | int]] = field(default_factory=list)


def refused(made: Any, asked: Any = None, known: str = "") -> str:
    with pytest.raises(Invalid) as refusal:
        require_codes_alone([made], asked, lambda code: code == known)
    (fault,) = refusal.value.faults
    assert fault.message == gate.MESSAGE == refusal.value.detail
    return fault.pointer


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_an_identifier_is_refused_wherever_it_stands(text: str):
    assert refused(Told(themes=["gas", text])) == ""
    assert refused(Told(actions=[{"number": 1, "owner_role": text}])) == ""
    asked = Ask(parts=(Part(theme="gas"), Part(theme=text)))
    assert refused(Asked(parts=asked.parts), asked) == "/parts/1/theme"
    assert refused(Asked(parts=(Part(theme=text),)), Ask(theme=text)) == "/theme"


@pytest.mark.parametrize("text", CLEAR)
def test_a_code_passes(text: str):
    require_codes_alone([Told(themes=[text]), Asked(parts=(Part(theme=text),))], None, bool)


def test_what_is_sealed_may_hold_anything():
    told = Asked(told=NUMBER, parts=(Part(theme="gas", note=NUMBER),))
    require_codes_alone([told], None, lambda code: False)


def test_a_known_organisation_may_look_like_a_postcode():
    require_codes_alone([Told(themes=["B13AB"])], None, lambda code: code == "B13AB")
    refused(Told(themes=["B13AB"]), known="RTH")


def test_what_was_refused_is_not_remembered():
    gate._found_clear.cache_clear()
    refused(Told(themes=[NUMBER]))
    refused(Told(themes=[NUMBER]))
    assert gate._found_clear.cache_info().currsize == 0


def test_a_long_text_is_read_but_not_remembered():
    gate._found_clear.cache_clear()
    require_codes_alone([Told(themes=["words " * 50])], None, lambda code: False)
    assert gate._found_clear.cache_info().currsize == 0
    refused(Told(themes=["words " * 50 + NUMBER]))
