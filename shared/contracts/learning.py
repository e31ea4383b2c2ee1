"""What learning tells: lessons as public text, adoption and sources as codes."""

from dataclasses import field

from shared.contracts.base import contract


@contract("learning", "lesson_published", public=True)
class LessonPublishedV1:
    """A lesson that a second person approved, whole. Each action: `number`, `what`, `strength`
    (strong, intermediate, weak), `measure`. `response` is `information` or `adopt_or_explain`,
    the latter with `respond_by`. `sources` counts incidents ("under 5" below five)."""

    lesson: str
    number: str
    version: int
    title: str
    what_happened: str
    factors: list[str]
    actions: list[dict[str, str | int]]
    applies_to: dict[str, list[str]]
    response: str
    respond_by: str | None = None
    evidence: str | None = None
    sources: str
    themes: list[str]
    published_on: str


@contract("learning", "lesson_withdrawn", public=True)
class LessonWithdrawnV1:
    """A published lesson no longer holds; it stays resolvable, marked so, with the reason."""

    lesson: str
    number: str
    version: int
    reason: str
    withdrawn_on: str


@contract("learning", "lesson_drawn", topic="opendoor.learning.sources.v1")
class LessonDrawnV1:
    """What became of the sources' reports: for the organisations that they came from.
    `what` is `published` or `withdrawn`, the latter with its `reason` as a code."""

    lesson: str
    number: str
    version: int
    what: str
    reason: str | None = None
    on: str
    incidents: list[str] = field(default_factory=list)


@contract("learning", "adoption_recorded", subscribers_alone=True)
class AdoptionRecordedV1:
    """An organisation answered a lesson: `state` is `seen`, `applies`, `does_not_apply`,
    `planned`, `declared` or `evidenced`; a reason that is told is a code."""

    lesson: str
    number: str
    version: int
    organisation: str
    state: str
    reason: str | None = None
    on: str
