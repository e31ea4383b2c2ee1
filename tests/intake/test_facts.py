"""What deciders are told: the register of the day, the framework, the screen."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.intake.domain.incident.facts import Flag
from services.intake.domain.incident.messages.passages import CorrectPassage
from services.intake.domain.incident.messages.response import Point
from services.intake.domain.incident.state import INCIDENT, Incident
from services.intake.facts import (
    amendment_facts,
    correction_facts,
    investigation_facts,
    report_facts,
)
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register
from shared.nhs.reference import register
from tests.intake import builders as make


@dataclass(frozen=True, slots=True)
class Reference:
    """The part of `Reach` that facts about an incident use."""

    register: Register
    adoptions: tuple[FrameworkAdoption, ...] = ()


def reach(*adoptions: FrameworkAdoption) -> Any:
    return Reference(register(), adoptions)


async def test_organisations_are_known_by_the_register_of_the_day():
    command = make.report_event(occurred_at="RDD", leads="ZZ999", occurred=date(2020, 4, 1))
    facts = await report_facts(make.facts(), Incident(), command, reach())
    assert facts.known == frozenset(), "RDD closed the day before"
    before = make.report_event(occurred_at="RDD", leads="ZZ999", occurred=date(2020, 3, 31))
    assert (await report_facts(make.facts(), Incident(), before, reach())).known == {"RDD"}
    assert facts.register == register().version


async def test_the_framework_is_that_of_the_leading_organisation_on_the_day_of_identification():
    early = FrameworkAdoption(
        provider=make.OTHER_TRUST, framework="PSIRF2022", from_=date(2023, 1, 1)
    )
    told = {"occurred": date(2022, 12, 30), "identified_on": date(2023, 1, 2)}
    own = await report_facts(make.facts(), Incident(), make.report_event(**told), reach(early))
    other = make.report_event(**told, leads=make.OTHER_TRUST)
    led = await report_facts(make.facts(), Incident(), other, reach(early))
    assert (own.framework, led.framework) == ("SIF2015", "PSIRF2022")


async def test_the_screen_flags_passages_of_every_narrative_field():
    command = make.report_event(
        what_happened="NHS number 999 000 0018.", location="Ward 7, 999 000 0026"
    )
    facts = await report_facts(make.facts(), Incident(), command, reach())
    assert facts.flags == (
        Flag(text="what_happened", start=11, end=23, kind="nhs_number"),
        Flag(text="location", start=8, end=20, kind="nhs_number"),
    )
    assert facts.now == make.NOW


async def test_an_amendment_is_screened_as_it_is_to_stand():
    state = INCIDENT.fold([make.reported()])
    command = make.amend_event(what_happened="Told to 999 000 0018.")
    facts = await amendment_facts(make.facts(), state, command, reach())
    assert [one.text for one in facts.flags] == ["what_happened"]
    assert facts.known == {make.TRUST}


async def test_submissions_are_screened_by_their_next_number():
    state = INCIDENT.fold([make.reported(), make.declared(), make.initial_review()])
    command = make.investigation(findings=(Point(text="Told to 999 000 0018."),))
    facts = await investigation_facts(make.facts(), state, command, reach())
    assert [one.text for one in facts.flags] == ["investigation/1/findings/1"]


async def test_a_correction_is_screened():
    command = CorrectPassage(passage=1, text="999 000 0018")
    facts = await correction_facts(make.facts(), Incident(), command, reach())
    assert len(facts.flags) == 1
