"""COMMANDS: what learning can be asked, by which route, by whom, and who decides."""

from typing import Any

from services.learning.domain import adoption as adopting
from services.learning.domain import suggestion as suggesting
from services.learning.domain.adoption import ADOPTION, AboutLesson, Adoption, adoption_id
from services.learning.domain.lesson import decide
from services.learning.domain.lesson.messages import (
    AbandonLesson,
    AddSource,
    Approve,
    Publish,
    ReviseDraft,
    StartLesson,
    SubmitForReview,
    Withdraw,
)
from services.learning.domain.lesson.relations import relations
from services.learning.domain.lesson.state import LESSON, Lesson
from services.learning.domain.suggestion import SUGGESTION, Suggestion
from services.learning.facts import (
    abandonment_facts,
    adoption_facts,
    dismissal_facts,
    publication_facts,
    source_facts,
)
from shared.kernel.decider import Actor
from shared.runtime.service import Command

HEARD = "hear_at_learning"
"""The permission of what nobody may ask: the service does it in answer to what it hears, to time,
or to a reading."""


def _own_adoption(command: AboutLesson, actor: Actor) -> str:
    """An organisation answers for itself alone."""
    return adoption_id(command.lesson, command.version, actor.organisation)


def _suggestion(type_: type[Any], route: str | None, **rest: Any) -> Command[Suggestion]:
    return Command(type_, route, on=SUGGESTION, **rest)


def _lesson(type_: type[Any], route: str, **rest: Any) -> Command[Lesson]:
    return Command(type_, route, on=LESSON, relations=relations, **rest)


def _adoption(type_: type[AboutLesson], route: str, **rest: Any) -> Command[Adoption]:
    return Command(type_, route, on=ADOPTION, **rest)


COMMANDS: tuple[Command[Any], ...] = (
    _suggestion(suggesting.Suggest, None, may=HEARD, decide=suggesting.suggest),
    _suggestion(
        suggesting.Dismiss,
        "POST /suggestions/{suggestion}/dismissal",
        may="dismiss_suggestion",
        decide=suggesting.dismiss,
        facts=dismissal_facts,
    ),
    _lesson(
        StartLesson,
        "POST /lessons",
        may="start_lesson",
        decide=decide.start_lesson,
        facts=source_facts,
        creates=True,
        status=201,
    ),
    _lesson(
        AddSource,
        "POST /lessons/{lesson}/sources",
        may="add_source",
        decide=decide.add_source,
        facts=source_facts,
    ),
    _lesson(
        ReviseDraft,
        "PUT /lessons/{lesson}",
        may="revise_draft",
        decide=decide.revise_draft,
        needs_match=True,
    ),
    _lesson(
        SubmitForReview,
        "POST /lessons/{lesson}/review",
        may="submit_for_review",
        decide=decide.submit_for_review,
    ),
    _lesson(
        Approve,
        "POST /lessons/{lesson}/approval",
        may="approve",
        decide=decide.approve,
    ),
    _lesson(
        AbandonLesson,
        "POST /lessons/{lesson}/abandonment",
        may="abandon_lesson",
        facts=abandonment_facts,
        decide=decide.abandon,
    ),
    _lesson(
        Publish,
        "POST /lessons/{lesson}/publication",
        may="publish",
        decide=decide.publish,
        facts=publication_facts,
    ),
    _lesson(
        Withdraw,
        "POST /lessons/{lesson}/withdrawal",
        may="withdraw_lesson",
        decide=decide.withdraw,
    ),
    _adoption(
        adopting.MarkSeen,
        "POST /lessons/{lesson}/adoption/seen",
        may="record_adoption",
        decide=adopting.mark_seen,
        facts=adoption_facts,
        creates=True,
        target=_own_adoption,
    ),
    _adoption(
        adopting.AnswerRelevance,
        "POST /lessons/{lesson}/adoption/relevance",
        may="record_adoption",
        decide=adopting.answer_relevance,
        facts=adoption_facts,
        creates=True,
        target=_own_adoption,
    ),
    _adoption(
        adopting.PlanAdoption,
        "POST /lessons/{lesson}/adoption/plan",
        may="record_adoption",
        decide=adopting.plan_adoption,
        facts=adoption_facts,
        creates=True,
        target=_own_adoption,
    ),
    _adoption(
        adopting.DeclareAdopted,
        "POST /lessons/{lesson}/adoption/declaration",
        may="record_adoption",
        decide=adopting.declare_adopted,
        facts=adoption_facts,
        creates=True,
        target=_own_adoption,
    ),
    _adoption(
        adopting.GiveEvidence,
        "POST /lessons/{lesson}/adoption/evidence",
        may="record_adoption",
        decide=adopting.give_evidence,
        facts=adoption_facts,
        creates=True,
        target=_own_adoption,
    ),
)
"""The path of an adoption names the lesson, the actor the organisation that answers."""
