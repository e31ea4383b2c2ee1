"""What learning's deciders are told beyond their own state: the suggestion named, the number that
is free, what the screen found, what a lesson still holds, the lesson answered."""

from services.learning.domain.adoption import AboutLesson, AdoptionFacts, ReadLesson
from services.learning.domain.lesson.decide import texts
from services.learning.domain.lesson.facts import (
    AbandonmentFacts,
    Flagged,
    HeldSource,
    OfferedSource,
    PublicationFacts,
    SourceFacts,
)
from services.learning.domain.lesson.messages import AddSource, Content, Source, StartLesson
from services.learning.domain.lesson.state import LESSON, Lesson
from services.learning.domain.marks import LESSON_NUMBER, number_id
from services.learning.domain.suggestion import SUGGESTION, DismissalFacts, Suggestion
from services.learning.projections import queries
from services.learning.projections.successions import acts_for
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor, Facts
from shared.privacy.screening import KINDS, screen
from shared.runtime.service import Reach

NATIONAL, COMMISSIONER = "national", "commissioner"


async def source_facts(
    facts: Facts, lesson: Lesson, command: StartLesson | AddSource, reach: Reach
) -> SourceFacts:
    """The suggestion that the command names, as it stands in the log."""
    suggestion, version = await reach.load(SUGGESTION, command.suggestion)
    made = suggestion.made
    if made is None or not await _writes_for(made.provider, facts.actor, reach):
        return facts.extended(SourceFacts, offered=None)
    offered = OfferedSource(
        stream=SUGGESTION.stream(command.suggestion),
        version=version,
        waiting=suggestion.state == "waiting",
        source=Source(
            suggestion=command.suggestion,
            case=made.case,
            incident=made.incident,
            provider=made.provider,
            never_event_type=made.never_event_type,
        ),
        themes=made.themes,
    )
    return facts.extended(SourceFacts, offered=offered)


async def dismissal_facts(
    facts: Facts, suggestion: Suggestion, command: object, reach: Reach
) -> DismissalFacts:
    """Whether the actor writes for the provider of the suggestion."""
    made = suggestion.made
    reached = made is not None and await _writes_for(made.provider, facts.actor, reach)
    return facts.extended(DismissalFacts, within_reach=reached)


async def providers_written_for(reach: Reach, actor: Actor) -> frozenset[str] | None:
    """The providers whose suggestions an author sees and takes up today: its own and those that
    it commissions, what both took over included; None at a national body: all."""
    if actor.kind == NATIONAL:
        return None
    held = await acts_for(reach, actor)
    if actor.kind == COMMISSIONER:
        today = london_day(reach.clock.now())
        rows = await reach.read(queries.commissioned_by(held, today))
        held |= {row.provider for row in rows}
    return held


async def _writes_for(provider: str, actor: Actor, reach: Reach) -> bool:
    providers = await providers_written_for(reach, actor)
    return providers is None or provider in providers


async def abandonment_facts(
    facts: Facts, lesson: Lesson, command: object, reach: Reach
) -> AbandonmentFacts:
    """The sources that would wait again. One whose case closed anew waits already, and may by now
    be another lesson's."""
    held = []
    for name in dict.fromkeys(one.suggestion for one in lesson.sources):
        suggestion, version = await reach.load(SUGGESTION, name)
        if suggestion.lesson == facts.id:
            held.append(HeldSource(stream=SUGGESTION.stream(name), version=version))
    return facts.extended(AbandonmentFacts, held=tuple(held))


async def publication_facts(
    facts: Facts, lesson: Lesson, command: object, reach: Reach
) -> PublicationFacts:
    """The year's next free number and what the screen finds in the draft."""
    n = await _free_number(facts.today.year, reach)
    flagged = screened(lesson.content) if lesson.content else ()
    return facts.extended(PublicationFacts, n=n, flagged=flagged)


async def adoption_facts(
    facts: Facts, adoption: object, command: AboutLesson, reach: Reach
) -> AdoptionFacts:
    """The lesson that the command answers, where it was ever published."""
    lesson, _ = await reach.load(LESSON, command.lesson)
    out = lesson.published
    read = out and ReadLesson(
        number=out.number,
        version=out.version,
        actions=len(out.actions),
        withdrawn=lesson.stage == "withdrawn",
    )
    return facts.extended(AdoptionFacts, read=read)


def screened(content: Content) -> tuple[Flagged, ...]:
    """Where the draft may name somebody: the field and the kind, never the passage."""
    return tuple(
        Flagged(field=field, kind=KINDS[flag.kind].label)
        for field, text in texts(content)
        for flag in screen(text)
    )


async def _free_number(year: int, reach: Reach) -> int:
    """The read model says where to begin, the log which number is free: the model may lag, and
    whoever publishes at the same moment makes the commit conflict and this be asked again."""
    rows = await reach.read(queries.last_number(year))
    n = (rows[0][0] or 0) + 1
    while (await reach.load(LESSON_NUMBER, number_id(year, n)))[1]:
        n += 1
    return n
