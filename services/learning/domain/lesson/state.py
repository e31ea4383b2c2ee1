"""What a lesson is after its events."""

from dataclasses import dataclass, replace
from typing import Literal

from services.learning.domain.lesson.messages import (
    Content,
    DraftRevised,
    LessonApproved,
    LessonPublished,
    LessonStarted,
    LessonSubmitted,
    LessonWithdrawn,
    Source,
    SourceAdded,
)
from shared.kernel.decider import Actor, Aggregate
from shared.kernel.errors import NotFound, NotNow

Stage = Literal["none", "draft", "in_review", "approved", "published", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One lesson. `authors` are the HMACs of all who wrote any of it; `published` is the text
    that went out last, its number and version with it."""

    stage: Stage = "none"
    organisation: str = ""
    authors: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()
    content: Content | None = None
    published: LessonPublished | None = None

    @property
    def draft(self) -> Content:
        """The text in the making. Raises NotFound before the lesson began."""
        if self.content is None:
            raise NotFound("There is no such lesson.")
        return self.content

    @property
    def incidents(self) -> tuple[str, ...]:
        """The incidents that the lesson was drawn from, each once."""
        return tuple(dict.fromkeys(one.incident for one in self.sources))

    def require(self, *stages: Stage) -> None:
        """Raises NotFound before it began, NotNow in any other stage than these."""
        if self.stage == "none":
            raise NotFound("There is no such lesson.")
        if self.stage not in stages:
            raise NotNow(f"The lesson is {_READS[self.stage]}; this step is for another stage.")


_READS = {
    "draft": "a draft",
    "in_review": "at review",
    "approved": "approved",
    "published": "published",
    "withdrawn": "withdrawn",
}


def relations(lesson: Lesson, actor: Actor) -> frozenset[str]:
    """`own` where the actor's organisation writes the lesson, `published` where it went out."""
    own = {"own"} if lesson.organisation == actor.organisation != "" else set()
    return frozenset(own | ({"published"} if lesson.published else set()))


def evolve(lesson: Lesson, event: object) -> Lesson:
    match event:
        case LessonStarted():
            return _started(event)
        case SourceAdded(source=source):
            return replace(lesson, sources=(*lesson.sources, source))
        case DraftRevised(content=content, author=author):
            authors = lesson.authors | {author}
            return replace(lesson, stage="draft", content=content, authors=authors)
        case LessonSubmitted():
            return replace(lesson, stage="in_review")
        case LessonApproved():
            return replace(lesson, stage="approved")
        case LessonPublished():
            return replace(lesson, stage="published", published=event)
        case LessonWithdrawn():
            return replace(lesson, stage="withdrawn")
    raise TypeError(f"{type(event).__name__} is no event of a lesson")


def _started(event: LessonStarted) -> Lesson:
    return Lesson(
        stage="draft",
        organisation=event.organisation,
        authors=frozenset({event.author}),
        sources=(event.source,),
        content=Content(title=event.title, themes=event.themes),
    )


LESSON: Aggregate[Lesson] = Aggregate(
    name="lesson",
    initial=Lesson(),
    evolve=evolve,
    events=(
        LessonStarted,
        SourceAdded,
        DraftRevised,
        LessonSubmitted,
        LessonApproved,
        LessonPublished,
        LessonWithdrawn,
    ),
)
