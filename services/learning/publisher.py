"""What learning tells: lessons in the clear, their sources as ids, adoption as codes."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from services.learning.domain.adoption import (
    AdoptionDeclared,
    AdoptionEvidenced,
    AdoptionPlanned,
    Answered,
    LessonSeen,
    RelevanceAnswered,
)
from services.learning.domain.lesson.messages import (
    ClearAction,
    ClearApplies,
    LessonPublished,
    LessonWithdrawn,
    TypeOnList,
)
from services.learning.domain.lesson.state import Lesson
from services.learning.domain.rules.counts import told_count
from shared.contracts.envelope import Tell
from shared.contracts.learning import (
    AdoptionRecordedV1,
    LessonDrawnV1,
    LessonPublishedV1,
    LessonWithdrawnV1,
)
from shared.contracts.saying import Happened, Say


def say_published(event: LessonPublished, happened: Happened) -> Iterator[Tell]:
    """The lesson to everybody, and to its sources that it was drawn from them."""
    lesson: Lesson = happened.state
    published = LessonPublishedV1(
        lesson=happened.id,
        number=event.number,
        version=event.version,
        title=event.title,
        what_happened=event.what_happened,
        factors=list(event.factors),
        actions=[_action(one) for one in event.actions],
        applies_to=_applies_to(event.applies_to),
        response=event.response,
        respond_by=event.respond_by.isoformat() if event.respond_by else None,
        evidence=event.evidence,
        sources=told_count(len(lesson.incidents)),
        themes=list(event.themes),
        published_on=event.on.isoformat(),
    )
    yield _about_lesson(published, happened)
    yield _drawn("published", event, event.on.isoformat(), happened)


def say_withdrawn(event: LessonWithdrawn, happened: Happened) -> Iterator[Tell]:
    """The withdrawal with its reason as a code, to everybody and to the sources."""
    published: LessonPublished = happened.state.published
    withdrawn = LessonWithdrawnV1(
        lesson=happened.id,
        number=published.number,
        version=published.version,
        reason=event.reason,
        withdrawn_on=event.on.isoformat(),
    )
    yield _about_lesson(withdrawn, happened)
    yield _drawn("withdrawn", published, event.on.isoformat(), happened, event.reason)


def say_answered(event: Answered, happened: Happened) -> Iterator[Tell]:
    """One answer of one organisation: a state and, where there is one, a reason's code."""
    state, reason = _answer(event)
    recorded = AdoptionRecordedV1(
        lesson=event.lesson,
        number=event.number,
        version=event.version,
        organisation=event.organisation,
        state=state,
        reason=reason,
        on=event.on.isoformat(),
    )
    yield Tell(
        contract=recorded,
        time=happened.at,
        subject=event.lesson,
        dataref=f"/learning/lessons/{event.lesson}/adoption",
    )


_STATES: Mapping[type[Answered], str] = {
    LessonSeen: "seen",
    AdoptionPlanned: "planned",
    AdoptionDeclared: "declared",
    AdoptionEvidenced: "evidenced",
}

SAYS: Mapping[type[Any], Say] = {
    LessonPublished: say_published,
    LessonWithdrawn: say_withdrawn,
    RelevanceAnswered: say_answered,
    **dict.fromkeys(_STATES, say_answered),
}


def _answer(event: Answered) -> tuple[str, str | None]:
    if isinstance(event, RelevanceAnswered):
        return ("applies" if event.applies else "does_not_apply"), event.reason
    return _STATES[type(event)], None


def _about_lesson(contract: object, happened: Happened) -> Tell:
    return Tell(
        contract=contract,
        time=happened.at,
        subject=happened.id,
        dataref=f"/learning/lessons/{happened.id}",
    )


def _drawn(
    what: str, published: LessonPublished, on: str, happened: Happened, reason: str | None = None
) -> Tell:
    drawn = LessonDrawnV1(
        lesson=happened.id,
        number=published.number,
        version=published.version,
        what=what,
        reason=reason,
        on=on,
        incidents=list(happened.state.incidents),
    )
    return _about_lesson(drawn, happened)


def _action(action: ClearAction) -> dict[str, str | int]:
    return {one.name: getattr(action, one.name) for one in fields(ClearAction)}


def _applies_to(applies_to: ClearApplies) -> dict[str, list[str]]:
    """What narrows the lesson, by name; a never-event type as `<list>/<type>`."""
    named = {one.name: getattr(applies_to, one.name) for one in fields(ClearApplies)}
    return {name: [_code(one) for one in held] for name, held in named.items() if held}


def _code(one: str | TypeOnList) -> str:
    return f"{one.list}/{one.type}" if isinstance(one, TypeOnList) else one
