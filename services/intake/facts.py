"""Gathers what deciders about an incident must be told: register, frameworks, the screen."""

from collections.abc import Mapping

from services.intake.domain.incident.decide.report import amended_record, filled_in
from services.intake.domain.incident.facts import Flag, NarrativeFacts, RecordFacts
from services.intake.domain.incident.messages.passages import CorrectPassage
from services.intake.domain.incident.messages.report import AmendEvent, Report, ReportEvent
from services.intake.domain.incident.messages.response import (
    SubmitInitialReview,
    SubmitInvestigation,
)
from services.intake.domain.incident.state import Incident
from services.intake.domain.incident.texts import (
    texts_of_initial_review,
    texts_of_investigation,
    texts_of_report,
)
from shared.kernel.clock import day_of
from shared.kernel.decider import Facts
from shared.nhs.frameworks import framework_for
from shared.privacy.screening import screen
from shared.projections.reach import Reach


async def report_facts(
    facts: Facts, state: Incident, command: ReportEvent, reach: Reach
) -> RecordFacts:
    """For a new record."""
    return _of_record(facts, filled_in(command, facts.actor.organisation), reach)


async def amendment_facts(
    facts: Facts, state: Incident, command: AmendEvent, reach: Reach
) -> RecordFacts:
    """For a record as it is to stand. Raises as `amended_record` does."""
    return _of_record(facts, amended_record(state, command), reach)


async def initial_review_facts(
    facts: Facts, state: Incident, command: SubmitInitialReview, reach: Reach
) -> NarrativeFacts:
    """What the screen flags in an initial review."""
    texts = texts_of_initial_review(command, state.initial_reviews + 1)
    return facts.extended(NarrativeFacts, flags=_screened(texts))


async def investigation_facts(
    facts: Facts, state: Incident, command: SubmitInvestigation, reach: Reach
) -> NarrativeFacts:
    """What the screen flags in an investigation."""
    texts = texts_of_investigation(command, state.investigations + 1)
    return facts.extended(NarrativeFacts, flags=_screened(texts))


async def correction_facts(
    facts: Facts, state: Incident, command: CorrectPassage, reach: Reach
) -> NarrativeFacts:
    """What the screen flags in the words that are to stand in a passage's place."""
    return facts.extended(NarrativeFacts, flags=_screened({"text": command.text}))


def _of_record(facts: Facts, report: Report, reach: Reach) -> RecordFacts:
    day = day_of(report.occurred)
    named = (report.occurred_at, report.leads)
    return facts.extended(
        RecordFacts,
        flags=_screened(texts_of_report(report)),
        known=frozenset(code for code in named if reach.register.get(code, day) is not None),
        framework=framework_for(report.leads, report.identified_on, reach.adoptions).id,
        register=reach.register.version,
    )


def _screened(texts: Mapping[str, str]) -> tuple[Flag, ...]:
    return tuple(
        Flag(text=path, start=one.start, end=one.end, kind=one.kind)
        for path, text in texts.items()
        for one in screen(text)
    )
