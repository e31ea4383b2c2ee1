"""How the trust answers a serious event: declaration, initial review, investigation."""

from typing import Literal

from services.intake.domain.incident.messages.report import Passage
from shared.kernel.messages import command, event, value
from shared.kernel.words import (
    Code,
    Counting,
    Day,
    Many,
    Sealed,
    ShortText,
    Text,
    Word,
)

Level = Literal[1, 2, 3]
"""Concise, comprehensive, independent (Serious Incident Framework 2015)."""

Strength = Literal["strong", "intermediate", "weak"]
"""How much an action leans on people remembering it."""


@value
class ExternalReference:
    """How another system or body names the same event."""

    system: Sealed[ShortText]
    value: Sealed[ShortText]


@value
class Point:
    """One finding, cause or lesson, numbered by its place."""

    text: Sealed[Text]


@value
class Action:
    """One thing that will be done, numbered by its place; owned by a role, never by a name."""

    what: Sealed[Text]
    owner_role: Word
    strength: Strength
    due: Day


@command
class DeclareSerious:
    """The trust declares a serious incident (SIF2015 only)."""

    identified_on: Day
    category: Word
    reason_for_reporting: Sealed[Text]
    level: Level
    references: Many[ExternalReference] = ()


@command
class SubmitInitialReview:
    """What the trust knows in the first days, and what it did at once."""

    summary: Sealed[Text]
    immediate_actions: Sealed[Text] | None = None
    proposed_level: Level | None = None


@command
class SubmitInvestigation:
    """The report of an investigation: the first one, and again each time one was sent back, when
    `answer` says what is different. SIF2015 asks for root causes, PSIRF2022 for findings and areas
    for improvement."""

    summary: Sealed[Text] | None = None
    answer: Sealed[Text] | None = None
    factors: Many[Word] = ()
    root_causes: Many[Point] = ()
    findings: Many[Point] = ()
    areas_for_improvement: Many[Point] = ()
    lessons: Many[Point] = ()
    actions: Many[Action] = ()


@event("serious_incident_declared")
class SeriousIncidentDeclared:
    """A serious incident was declared; the framework's clocks start on `declared_on`."""

    identified_on: Day
    declared_on: Day
    category: Code
    reason_for_reporting: Sealed[Text]
    level: Level
    references: Many[ExternalReference] = ()


@event("initial_review_submitted")
class InitialReviewSubmitted:
    """The initial review was submitted for the `n`-th time."""

    n: Counting
    submitted_on: Day
    summary: Sealed[Text]
    immediate_actions: Sealed[Text] | None = None
    proposed_level: Level | None = None
    passages: tuple[Passage, ...] = ()


@event("investigation_submitted")
class InvestigationSubmitted:
    """An investigation was submitted for the `n`-th time; earlier ones stay."""

    n: Counting
    submitted_on: Day
    summary: Sealed[Text] | None = None
    answer: Sealed[Text] | None = None
    factors: Many[Code]
    root_causes: Many[Point]
    findings: Many[Point]
    areas_for_improvement: Many[Point]
    lessons: Many[Point]
    actions: Many[Action]
    passages: tuple[Passage, ...] = ()
