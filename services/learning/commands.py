"""What learning can be asked: each command with its route, who may, and what decides it."""

from collections.abc import Callable
from typing import Any

from services.learning.domain import adoption as adopting
from services.learning.domain import suggestion as suggesting
from services.learning.domain.adoption import ADOPTION, AboutLesson, Adoption, adoption_id
from services.learning.domain.lesson import decide
from services.learning.domain.lesson.messages import (
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
from services.learning.facts import adoption_facts, publication_facts, source_facts
from shared.kernel.decider import Actor, Events
from shared.runtime.service import Command


def _own_adoption(command: AboutLesson, actor: Actor) -> str:
    """An organisation answers for itself alone."""
    return adoption_id(command.lesson, command.version, actor.organisation)


SUGGESTION_COMMANDS: tuple[Command[Suggestion], ...] = (
    Command(
        suggesting.Suggest,
        None,
        may="hear_at_learning",
        on=SUGGESTION,
        decide=suggesting.suggest,
    ),
    Command(
        suggesting.Dismiss,
        "POST /suggestions/{suggestion}/dismissal",
        may="dismiss_suggestion",
        on=SUGGESTION,
        decide=suggesting.dismiss,
    ),
)

LESSON_COMMANDS: tuple[Command[Lesson], ...] = (
    Command(
        StartLesson,
        "POST /lessons",
        may="start_lesson",
        on=LESSON,
        facts=source_facts,
        decide=decide.start_lesson,
        creates=True,
        status=201,
    ),
    Command(
        AddSource,
        "POST /lessons/{lesson}/sources",
        may="add_source",
        on=LESSON,
        facts=source_facts,
        decide=decide.add_source,
        relations=relations,
    ),
    Command(
        ReviseDraft,
        "PUT /lessons/{lesson}",
        may="revise_draft",
        on=LESSON,
        decide=decide.revise_draft,
        relations=relations,
        needs_match=True,
    ),
    Command(
        SubmitForReview,
        "POST /lessons/{lesson}/review",
        may="submit_for_review",
        on=LESSON,
        decide=decide.submit_for_review,
        relations=relations,
    ),
    Command(
        Approve,
        "POST /lessons/{lesson}/approval",
        may="approve",
        on=LESSON,
        decide=decide.approve,
        relations=relations,
    ),
    Command(
        Publish,
        "POST /lessons/{lesson}/publication",
        may="publish",
        on=LESSON,
        facts=publication_facts,
        decide=decide.publish,
        relations=relations,
    ),
    Command(
        Withdraw,
        "POST /lessons/{lesson}/withdrawal",
        may="withdraw_lesson",
        on=LESSON,
        decide=decide.withdraw,
        relations=relations,
    ),
)


def _answer(
    type_: type[AboutLesson], step: str, decides: Callable[[Adoption, Any, Any], Events]
) -> Command[Adoption]:
    """An organisation's answer: the path names the lesson, the actor the organisation."""
    return Command(
        type_,
        f"POST /lessons/{{lesson}}/adoption/{step}",
        may="record_adoption",
        on=ADOPTION,
        facts=adoption_facts,
        decide=decides,
        creates=True,
        target=_own_adoption,
    )


ADOPTION_COMMANDS: tuple[Command[Adoption], ...] = (
    _answer(adopting.MarkSeen, "seen", adopting.mark_seen),
    _answer(adopting.AnswerRelevance, "relevance", adopting.answer_relevance),
    _answer(adopting.PlanAdoption, "plan", adopting.plan_adoption),
    _answer(adopting.DeclareAdopted, "declaration", adopting.declare_adopted),
    _answer(adopting.GiveEvidence, "evidence", adopting.give_evidence),
)

COMMANDS: tuple[Command[Any], ...] = (
    *SUGGESTION_COMMANDS,
    *LESSON_COMMANDS,
    *ADOPTION_COMMANDS,
)
