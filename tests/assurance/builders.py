"""What a test of assurance starts from: plain values, so that it names only what matters."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from services.assurance.domain.activity.facts import ActivityFacts, SubjectCase
from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.facts import ErasingFacts, OpeningFacts, ReroutingFacts
from services.assurance.domain.marks import ActivityNoted
from shared.kernel.decider import SYSTEM, Actor, Facts
from shared.nhs.calendar import calendar_version
from shared.nhs.closure_criteria import SIF2015_CRITERIA
from shared.nhs.relations import Relation

INCIDENT = "i" * 26
TRUST, LEAD, OTHER, ICB, REGION, NATIONAL = "RTH", "10Q", "15C", "QU9", "Y57", "X26"
STORY = date(2018, 12, 19)

COMMISSIONER = Actor(client="portal", person="p1", organisation=LEAD, kind="commissioner")
STRANGER = replace(COMMISSIONER, organisation=OTHER)
PROVIDER = Actor(client="lrms", person="p2", organisation=TRUST, kind="trust")
REGIONAL = Actor(client="portal", person="p3", organisation=REGION, kind="region")
NATIONALLY = Actor(client="portal", person="p4", organisation=NATIONAL, kind="national")

LEADS = Relation(provider=TRUST, commissioner=LEAD, role="lead", from_=date(2013, 4, 1))


def _base(today: date, actor: Actor) -> dict[str, Any]:
    return {
        "actor": actor,
        "now": datetime.combine(today, time(10), UTC),
        "today": today,
        "new_id": "n" * 26,
        "id": INCIDENT,
        "person": f"hmac-{actor.person}" if actor.person else "",
    }


def facts(today: date = STORY, actor: Actor = COMMISSIONER) -> Facts:
    return Facts(**_base(today, actor))


def opening_facts(today: date = STORY, **known: Any) -> OpeningFacts:
    given = {"relations": (LEADS,), "region": REGION, "register": "r1", **known}
    return OpeningFacts(**_base(today, SYSTEM), **given)


def rerouting_facts(today: date = STORY, kind: str | None = "commissioner") -> ReroutingFacts:
    return ReroutingFacts(**_base(today, REGIONAL), kind=kind)


def erasing_facts(*activities: tuple[str, int]) -> ErasingFacts:
    return ErasingFacts(**_base(STORY, SYSTEM), activities=activities)


def activity_facts(
    *cases: str, today: date = STORY, version: int = 4, takes_part: bool = True
) -> ActivityFacts:
    known = {
        one: SubjectCase(
            stream=f"case-{one}",
            version=version,
            provider=TRUST,
            commissioner=LEAD,
            takes_part=takes_part,
        )
        for one in cases
    }
    return ActivityFacts(
        **{**_base(today, COMMISSIONER), "id": "a1"}, cases=known, providers=frozenset({TRUST})
    )


def parties(**changed: Any) -> e.Parties:
    given: dict[str, Any] = {
        "found": "lead",
        "provider": TRUST,
        "provider_acting": TRUST,
        "lead": LEAD,
        "acting": LEAD,
        "associates": (),
        "region": REGION,
        "register": "r1",
    }
    return e.Parties(**{**given, **changed})


def unrouted() -> e.Parties:
    return parties(found="nobody", lead=None, acting=None)


def serious(on: date = STORY, declared_on: date | None = None, level: m.Level = 2) -> m.Serious:
    return m.Serious(
        identified_on=on, declared_on=declared_on or on, category="treatment", level=level
    )


def never_event(outcome: m.Outcome = "meets", on: date = STORY) -> m.NeverEvent:
    return m.NeverEvent(outcome=outcome, type="15", list="2018-02-01", effective_on=on)


def opened(today: date = STORY, **changed: Any) -> e.CaseOpened:
    given: dict[str, Any] = {
        "incident": INCIDENT,
        "occurred_at": TRUST,
        "framework": "SIF2015",
        "reason": "serious_incident" if changed.get("serious") else "never_event",
        "day": STORY,
        "identified_on": STORY,
        "opened_on": today,
        "service_area": "acute",
        "parties": parties(),
    }
    return e.CaseOpened(**{**given, **changed})


def open_command(**changed: Any) -> m.OpenCase:
    given: dict[str, Any] = {
        "incident": INCIDENT,
        "provider": TRUST,
        "occurred_at": TRUST,
        "framework": "SIF2015",
        "day": STORY,
        "identified_on": STORY,
        "service_area": "acute",
    }
    return m.OpenCase(**{**given, **changed})


def clock(rule: str, due: date, n: int = 1, on: date = STORY) -> e.ClockStarted:
    return e.ClockStarted(
        rule=rule, n=n, started_on=on, due=due, calendar=calendar(on), noted_on=on
    )


def calendar(on: date = STORY) -> str:
    return calendar_version(on)


DECLARED = (
    clock("SIF-NOTIFY", date(2018, 12, 21)),
    e.ClockMet(rule="SIF-NOTIFY", on=STORY),
    clock("SIF-INITIAL", date(2018, 12, 24)),
    clock("SIF-REPORT-2", date(2019, 3, 18)),
)
"""The clocks that a declaration of level 2 on the day of the story starts and meets."""


def action(number: int = 1, due: date | None = date(2019, 6, 1)) -> m.Action:
    return m.Action(number=number, strength="strong", owner_role="medical_director", due=due)


def received(n: int = 1, on: date = STORY, **changed: Any) -> e.InvestigationReceived:
    given: dict[str, Any] = {
        "n": n,
        "submitted_on": on,
        "root_causes": 1,
        "findings": 0,
        "lessons": 1,
        "actions": (action(),),
    }
    return e.InvestigationReceived(**{**given, **changed})


def answers(**unlike: str) -> tuple[m.CriterionAnswer, ...]:
    """Every criterion of SIF2015 met, save those named."""
    given: dict[str, Any] = {one.id: "met" for one in SIF2015_CRITERIA} | unlike
    return tuple(m.CriterionAnswer(criterion=id_, answer=word) for id_, word in given.items())


def noted(depth: int, activity: str = "a1", **changed: Any) -> ActivityNoted:
    given: dict[str, Any] = {
        "activity": activity,
        "incident": INCIDENT,
        "provider": TRUST,
        "commissioner": LEAD,
        "on": STORY,
        "modes": ("site_visit",),
        "participants": (),
        "depth": depth,
        "depth_rule": "depth-1",
    }
    return ActivityNoted(**{**given, **changed})
