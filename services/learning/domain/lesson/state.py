"""What a lesson is after its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.learning.domain.lesson.messages import (
    Content,
    DraftRevised,
    LessonAbandoned,
    LessonApproved,
    LessonPublished,
    LessonStarted,
    LessonSubmitted,
    LessonWithdrawn,
    Source,
    SourceAdded,
)
from shared.kernel.decider import Aggregate
from shared.kernel.errors import NotFound, NotNow

Stage = Literal["none", "draft", "in_review", "approved", "abandoned", "published", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One lesson. `authors` are the HMACs of all who wrote any of it; `published` is the text
    that went out last, its number and version with it, `abandoned` why none ever will."""

    stage: Stage = "none"
    organisation: str = ""
    authors: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()
    content: Content | None = None
    published: LessonPublished | None = None
    abandoned: LessonAbandoned | None = None

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
    "abandoned": "abandoned",
    "published": "published",
    "withdrawn": "withdrawn",
}


def _started(lesson: Lesson, event: LessonStarted) -> Lesson:
    return Lesson(
        stage="draft",
        organisation=event.organisation,
        authors=frozenset({event.author}),
        sources=(event.source,),
        content=Content(title=event.title, themes=event.themes),
    )


def _source_added(lesson: Lesson, event: SourceAdded) -> Lesson:
    return replace(lesson, sources=(*lesson.sources, event.source))


def _revised(lesson: Lesson, event: DraftRevised) -> Lesson:
    authors = lesson.authors | {event.author}
    return replace(lesson, stage="draft", content=event.content, authors=authors)


_STEPS: Mapping[type[Any], Callable[[Lesson, Any], Lesson]] = {
    LessonStarted: _started,
    SourceAdded: _source_added,
    DraftRevised: _revised,
    LessonSubmitted: lambda lesson, event: replace(lesson, stage="in_review"),
    LessonApproved: lambda lesson, event: replace(lesson, stage="approved"),
    LessonAbandoned: lambda lesson, event: replace(lesson, stage="abandoned", abandoned=event),
    LessonPublished: lambda lesson, event: replace(lesson, stage="published", published=event),
    LessonWithdrawn: lambda lesson, event: replace(lesson, stage="withdrawn"),
}

LESSON: Aggregate[Lesson] = Aggregate(name="lesson", initial=Lesson(), steps=_STEPS)
