"""How a lesson is drafted, judged by a second person, published and withdrawn, or abandoned."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date

from services.learning.domain.lesson.facts import (
    AbandonmentFacts,
    Flagged,
    OfferedSource,
    PublicationFacts,
    SourceFacts,
)
from services.learning.domain.lesson.messages import (
    AbandonLesson,
    AddSource,
    Approve,
    ClearAction,
    ClearApplies,
    Content,
    DraftRevised,
    LessonAbandoned,
    LessonApproved,
    LessonPublished,
    LessonStarted,
    LessonSubmitted,
    LessonWithdrawn,
    Publish,
    ReviseDraft,
    SourceAdded,
    StartLesson,
    SubmitForReview,
    Withdraw,
)
from services.learning.domain.lesson.state import Lesson
from services.learning.domain.marks import (
    LESSON_NUMBER,
    LessonNumberClaimed,
    SuggestionFreed,
    SuggestionTaken,
    number_id,
    public_number,
)
from shared.kernel.decider import Events, Facts, On
from shared.kernel.errors import Incomplete, Invalid, NotAllowed, NotFound, NotNow
from shared.kernel.words import LIST_LIMIT
from shared.nhs.codes import SERVICE_AREAS
from shared.nhs.concepts import is_concept_id
from shared.nhs.never_events import NoListInForce, NotOnList, list_by_id, type_on_list


def start_lesson(lesson: Lesson, command: StartLesson, facts: SourceFacts) -> Events:
    """Raises NotFound, NotNow where the suggestion no longer waits, NotAllowed for a machine."""
    _require_person(facts)
    offered = _offered(facts)
    started = LessonStarted(
        title=command.title,
        source=offered.source,
        themes=offered.themes,
        organisation=facts.actor.organisation,
        author=facts.person,
        on=facts.today,
    )
    return started, _taken(offered, facts)


def add_source(lesson: Lesson, command: AddSource, facts: SourceFacts) -> Events:
    """Raises NotNow once the lesson is published: the count that was told stays true."""
    lesson.require("draft", "in_review", "approved")
    offered = _offered(facts)
    if len(lesson.sources) >= LIST_LIMIT:
        raise NotNow(f"A lesson names at most {LIST_LIMIT} sources.")
    return SourceAdded(source=offered.source, on=facts.today), _taken(offered, facts)


def revise_draft(lesson: Lesson, command: ReviseDraft, facts: Facts) -> Events:
    """Raises Invalid for a code that its list does not hold. Unchanged text is no event."""
    lesson.require("draft", "in_review", "approved")
    _require_person(facts)
    content = Content(**{one.name: getattr(command, one.name) for one in fields(Content)})
    _require_known_codes(content)
    if content == lesson.content:
        return ()
    return (DraftRevised(content=content, author=facts.person, on=facts.today),)


def submit_for_review(lesson: Lesson, command: SubmitForReview, facts: Facts) -> Events:
    """Raises Incomplete, naming what a reader would miss."""
    lesson.require("draft")
    _require_complete(lesson.draft, facts.today)
    return (LessonSubmitted(on=facts.today),)


def approve(lesson: Lesson, command: Approve, facts: Facts) -> Events:
    """Raises Incomplete for whoever wrote any of it: a second person is missing."""
    lesson.require("in_review")
    _require_person(facts)
    if facts.person in lesson.authors:
        raise Incomplete("The approval", ("another person than those who wrote it",))
    return (LessonApproved(reviewer=facts.person, on=facts.today),)


def publish(lesson: Lesson, command: Publish, facts: PublicationFacts) -> Events:
    """Raises Incomplete while the screen finds a possible identifier in a text.

    The number is claimed on a stream of its own in the same commit, so no two lessons share one.
    """
    lesson.require("approved")
    _require_complete(lesson.draft, facts.today)
    _require_clear(facts.flagged)
    year = facts.today.year
    claimed = On(
        LESSON_NUMBER.stream(number_id(year, facts.n)),
        1,
        LessonNumberClaimed(lesson=facts.id, year=year, n=facts.n),
    )
    return _published(lesson.draft, public_number(year, facts.n), facts.today), claimed


def abandon(lesson: Lesson, command: AbandonLesson, facts: AbandonmentFacts) -> Events:
    """Raises NotNow once the lesson is published: it is withdrawn, so that all who heard of it
    hear that it no longer holds."""
    lesson.require("draft", "in_review", "approved")
    freed = (
        On(one.stream, one.version + 1, SuggestionFreed(lesson=facts.id)) for one in facts.held
    )
    return LessonAbandoned(reason=command.reason, on=facts.today), *freed


def withdraw(lesson: Lesson, command: Withdraw, facts: Facts) -> Events:
    """Raises NotNow unless the lesson is published."""
    lesson.require("published")
    return (LessonWithdrawn(reason=command.reason, note=command.note, on=facts.today),)


def texts(content: Content) -> Iterator[tuple[str, str]]:
    """Each free text of a draft with the name of its field: what the screen has to see."""
    yield "title", content.title
    yield "what_happened", content.what_happened or ""
    yield "evidence", content.evidence or ""
    for n, factor in enumerate(content.factors, start=1):
        yield f"factor {n}", factor
    for n, action in enumerate(content.actions, start=1):
        yield f"action {n}", action.what
        yield f"measure {n}", action.measure
    for n, device in enumerate(content.applies_to.devices, start=1):
        yield f"device {n}", device


def _offered(facts: SourceFacts) -> OfferedSource:
    if facts.offered is None:
        raise NotFound("There is no such suggestion.")
    if not facts.offered.waiting:
        raise NotNow("This suggestion no longer waits: it was taken or dismissed before.")
    return facts.offered


def _taken(offered: OfferedSource, facts: Facts) -> On:
    return On(offered.stream, offered.version + 1, SuggestionTaken(lesson=facts.id))


def _require_person(facts: Facts) -> None:
    if not facts.person:
        raise NotAllowed("A lesson is written and approved by persons; the token names none.")


def _require_known_codes(content: Content) -> None:
    for place, setting in enumerate(content.applies_to.settings):
        if setting not in SERVICE_AREAS:
            pointer = f"/applies_to/settings/{place}"
            raise Invalid(pointer, "unknown_code", f"Use one of: {', '.join(SERVICE_AREAS.words)}.")
    for place, medicine in enumerate(content.applies_to.medicines):
        if not is_concept_id(medicine):
            pointer = f"/applies_to/medicines/{place}"
            raise Invalid(pointer, "unknown_code", "A medicine is named by its dm+d code.")
    for place, one in enumerate(content.applies_to.never_event_types):
        try:
            type_on_list(list_by_id(one.list), one.type)
        except (NoListInForce, NotOnList) as error:
            pointer = f"/applies_to/never_event_types/{place}"
            raise Invalid(pointer, "unknown_code", str(error)) from error


def _require_complete(content: Content, today: date) -> None:
    wanted = {
        "what happened": content.what_happened,
        "at least one contributory factor": content.factors,
        "at least one action with its measure": content.actions,
        "a day to respond by that is still to come": _responds(content, today),
    }
    missing = [name for name, held in wanted.items() if not held]
    if missing:
        raise Incomplete("The lesson", missing)


def _responds(content: Content, today: date) -> bool:
    if content.response == "information":
        return True
    return content.respond_by is not None and content.respond_by > today


def _require_clear(flagged: tuple[Flagged, ...]) -> None:
    if flagged:
        found = dict.fromkeys(f"{one.field} without its {one.kind}" for one in flagged)
        raise Incomplete("A text fit for everybody", tuple(found))


def _published(content: Content, number: str, today: date) -> LessonPublished:
    return LessonPublished(
        number=number,
        version=1,
        title=content.title,
        what_happened=content.what_happened or "",
        factors=content.factors,
        actions=tuple(
            ClearAction(number=n, what=one.what, strength=one.strength, measure=one.measure)
            for n, one in enumerate(content.actions, start=1)
        ),
        applies_to=ClearApplies(
            **{one.name: getattr(content.applies_to, one.name) for one in fields(ClearApplies)}
        ),
        response=content.response,
        respond_by=content.respond_by,
        evidence=content.evidence or None,
        themes=content.themes,
        on=today,
    )
