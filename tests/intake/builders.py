"""Events, commands and facts of intake with sane defaults: a test names only what matters."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.intake.domain.incident.facts import Flag, NarrativeFacts, RecordFacts
from services.intake.domain.incident.messages.classification import (
    ClassificationDecided,
    ClassifyNeverEvent,
)
from services.intake.domain.incident.messages.feedback import Answered, CommissionerResponded
from services.intake.domain.incident.messages.report import (
    AmendEvent,
    Basis,
    EventReported,
    Passage,
    Reference,
    Report,
    ReportEvent,
)
from services.intake.domain.incident.messages.response import (
    Action,
    DeclareSerious,
    InitialReviewSubmitted,
    InvestigationSubmitted,
    Point,
    SeriousIncidentDeclared,
    SubmitInvestigation,
)
from shared.kernel.decider import Actor
from shared.nhs.organisations import Register, Row

TRUST, OTHER_TRUST, CCG = "RHQ", "RR8", "03N"
DAY = date(2018, 12, 19)
NOW = datetime(2018, 12, 20, 9, 30, tzinfo=UTC)
WHAT = "A patient who needed oxygen was connected to the air flowmeter."

TRUST_LEAD = Actor(
    client="lrms",
    person="dev",
    organisation=TRUST,
    kind="trust",
    roles=frozenset({"trust"}),
)


def actor(role: str, organisation: str, *roles: str) -> Actor:
    """A person in one role at an organisation of the kind of the same name."""
    return Actor(
        client="portal",
        person="dev",
        organisation=organisation,
        kind=role,
        roles=frozenset({role, *roles}),
    )


def record_facts(
    *flags: Flag,
    framework: str = "SIF2015",
    known: frozenset[str] = frozenset({TRUST, OTHER_TRUST}),
    now: datetime = NOW,
    actor: Actor = TRUST_LEAD,
) -> RecordFacts:
    return RecordFacts(
        actor=actor,
        now=now,
        today=now.date(),
        new_id="new",
        flags=flags,
        known=known,
        framework=framework,
        register="r1",
    )


def facts(*flags: Flag, now: datetime = NOW, actor: Actor = TRUST_LEAD) -> NarrativeFacts:
    return NarrativeFacts(actor=actor, now=now, today=now.date(), new_id="new", flags=flags)


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "incident", "occurred": DAY, "what_happened": "A fall on the ward.", **fields}


def report_event(**fields: Any) -> ReportEvent:
    return ReportEvent(**_told(fields))


def amend_event(**fields: Any) -> AmendEvent:
    return AmendEvent(**_told(fields))


def report(**fields: Any) -> Report:
    who = {"identified_on": DAY, "occurred_at": TRUST, "leads": TRUST}
    return Report(**{**who, **_told(fields)})


def basis(**fields: Any) -> Basis:
    plain = Basis(worst_harm=None, framework="SIF2015", unverified=(), register="r1")
    return replace(plain, **fields)


def reported(*passages: Passage, basis_: Basis | None = None, **fields: Any) -> EventReported:
    return EventReported(
        report=report(**fields),
        reported_by=TRUST,
        basis=basis_ or basis(),
        passages=passages,
    )


def reference(value: str = "INC-7") -> Reference:
    return Reference(system="lrms", value=value)


def classify(**fields: Any) -> ClassifyNeverEvent:
    plain = ClassifyNeverEvent(outcome="meets", type="15", reason="The list names it.")
    return replace(plain, **fields)


def classified(**fields: Any) -> ClassificationDecided:
    plain = ClassificationDecided(
        outcome="meets",
        type="15",
        subtype=None,
        list="2018-02-01",
        guidance_ref=None,
        reason="The list names it.",
        effective_at=NOW,
    )
    return replace(plain, **fields)


def declare(**fields: Any) -> DeclareSerious:
    plain = DeclareSerious(
        identified_on=DAY, category="medical-gas", reason_for_reporting="Severe harm.", level=2
    )
    return replace(plain, **fields)


def declared(**fields: Any) -> SeriousIncidentDeclared:
    plain = SeriousIncidentDeclared(
        identified_on=DAY,
        declared_on=NOW.date(),
        category="medical-gas",
        reason_for_reporting="Severe harm.",
        level=2,
    )
    return replace(plain, **fields)


def initial_review(n: int = 1) -> InitialReviewSubmitted:
    return InitialReviewSubmitted(
        n=n,
        submitted_on=NOW.date(),
        summary="The flowmeter stood beside the oxygen outlet.",
        immediate_actions=None,
        proposed_level=None,
    )


ACTION = Action(
    what="Take air flowmeters off the wall.",
    owner_role="medical-gas-lead",
    strength="strong",
    due=date(2019, 3, 31),
)


def investigation(**fields: Any) -> SubmitInvestigation:
    plain = SubmitInvestigation(
        summary="Two outlets look alike.",
        factors=("equipment", "environment"),
        root_causes=(Point(text="Air flowmeters were left on the wall."),),
        lessons=(Point(text="Remove them when not in use."),),
        actions=(ACTION,),
    )
    return replace(plain, **fields)


def investigated(n: int = 1, **fields: Any) -> InvestigationSubmitted:
    asked = investigation()
    plain = InvestigationSubmitted(
        n=n,
        submitted_on=NOW.date(),
        summary=asked.summary,
        answer=asked.answer,
        factors=asked.factors,
        root_causes=asked.root_causes,
        findings=asked.findings,
        areas_for_improvement=asked.areas_for_improvement,
        lessons=asked.lessons,
        actions=asked.actions,
    )
    return replace(plain, **fields)


def responded(kind: str, **fields: Any) -> CommissionerResponded:
    plain = Answered(kind=kind, on=NOW.date(), by=CCG, case="case1")
    return CommissionerResponded(answered=replace(plain, **fields))


def flag(text: str = "what_happened", start: int = 0, end: int = 4) -> Flag:
    return Flag(text=text, start=start, end=end, kind="nhs_number")


def passage(number: int = 1, text: str = "what_happened", start: int = 0, end: int = 4) -> Passage:
    return Passage(number=number, text=text, start=start, end=end, kind="nhs_number")


def register_with_region(code: str, region: str, until: date) -> Register:
    """A register of one trust that lay in a region up to a day."""
    return Register.of(
        [
            Row(code=code, attribute="open"),
            Row(code=code, attribute="kind", value="trust"),
            Row(code=code, attribute="name", value="Demonstration Trust 01"),
            Row(code=code, attribute="region", value=region, to=until),
        ]
    )
