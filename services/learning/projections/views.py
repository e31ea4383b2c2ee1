"""What each event of the own log changes in the read models of suggestions, lessons, adoption."""

from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Table

from services.learning.domain.adoption import (
    AdoptionDeclared,
    AdoptionEvidenced,
    AdoptionPlanned,
    Answered,
    LessonSeen,
    RelevanceAnswered,
)
from services.learning.domain.lesson.messages import (
    DraftRevised,
    LessonAbandoned,
    LessonApproved,
    LessonPublished,
    LessonStarted,
    LessonSubmitted,
    LessonWithdrawn,
    SourceAdded,
)
from services.learning.domain.marks import LessonNumberClaimed, SuggestionFreed, SuggestionTaken
from services.learning.domain.suggestion import SuggestionDismissed, SuggestionMade
from services.learning.projections.national import NATIONAL_VIEW, RELATIONS_VIEW
from services.learning.projections.tables import (
    ADOPTIONS,
    LESSON_TERMS,
    LESSON_VERSIONS,
    LESSONS,
    SUGGESTIONS,
)
from shared.kernel.errors import Broken
from shared.projections.base import Projection, Row, Rows, Seen


async def _suggestion_made(rows: Rows, event: SuggestionMade, seen: Seen) -> None:
    rows.put(
        SUGGESTIONS,
        id=seen.id,
        position=seen.position,
        state="waiting",
        case=event.case,
        incident=event.incident,
        provider=event.provider,
        themes=list(event.themes),
        never_event_type=event.never_event_type,
        depth=event.depth,
        closed_on=event.closed_on,
        waits_since=seen.recorded_at,
        lesson=None,
        reason=None,
    )


async def _suggestion_taken(rows: Rows, event: SuggestionTaken, seen: Seen) -> None:
    await changed(rows, SUGGESTIONS, seen.id, state="taken", lesson=event.lesson)


async def _suggestion_freed(rows: Rows, event: SuggestionFreed, seen: Seen) -> None:
    """It stands where it stood before: nothing was learnt from the case since it closed."""
    await changed(rows, SUGGESTIONS, seen.id, state="waiting", lesson=None)


async def _suggestion_dismissed(rows: Rows, event: SuggestionDismissed, seen: Seen) -> None:
    await changed(rows, SUGGESTIONS, seen.id, state="dismissed", reason=event.reason)


async def _lesson_started(rows: Rows, event: LessonStarted, seen: Seen) -> None:
    rows.put(
        LESSONS,
        id=seen.id,
        position=seen.position,
        version=seen.version,
        state="draft",
        organisation=event.organisation,
        incidents=[event.source.incident],
        started_on=event.on,
        waits_since=seen.recorded_at,
    )


async def _source_added(rows: Rows, event: SourceAdded, seen: Seen) -> None:
    held = await _held(rows, LESSONS, seen.id)
    incidents = list(dict.fromkeys([*held["incidents"], event.source.incident]))
    rows.put(LESSONS, **{**held, "version": seen.version, "incidents": incidents})


def _stage(state: str) -> Any:
    async def view(rows: Rows, event: object, seen: Seen) -> None:
        await changed(
            rows,
            LESSONS,
            seen.id,
            version=seen.version,
            state=state,
            waits_since=seen.recorded_at,
        )

    return view


async def _lesson_abandoned(rows: Rows, event: LessonAbandoned, seen: Seen) -> None:
    marks: Row = {"state": "abandoned", "waits_since": None}
    await changed(rows, LESSONS, seen.id, version=seen.version, **marks)


async def _lesson_published(rows: Rows, event: LessonPublished, seen: Seen) -> None:
    text = published_text(event)
    held = await changed(
        rows,
        LESSONS,
        seen.id,
        version=seen.version,
        state="published",
        waits_since=None,
        number=event.number,
        lesson_version=event.version,
        title=event.title,
        text=text,
        search=searched(event),
        published_on=event.on,
    )
    rows.put(
        LESSON_VERSIONS,
        lesson=seen.id,
        lesson_version=event.version,
        number=event.number,
        text=text,
        sources=len(held["incidents"]),
        published_on=event.on,
        withdrawn_on=None,
        withdrawal_reason=None,
    )
    for term in sorted(terms(event)):
        rows.put(LESSON_TERMS, term=term, lesson=seen.id)


async def _number_claimed(rows: Rows, event: LessonNumberClaimed, seen: Seen) -> None:
    await changed(rows, LESSONS, event.lesson, number_year=event.year, number_n=event.n)


async def _lesson_withdrawn(rows: Rows, event: LessonWithdrawn, seen: Seen) -> None:
    marks: Row = {"withdrawn_on": event.on, "withdrawal_reason": event.reason}
    held = await changed(rows, LESSONS, seen.id, version=seen.version, state="withdrawn", **marks)
    key = {"lesson": seen.id, "lesson_version": held["lesson_version"]}
    last = await rows.get(LESSON_VERSIONS, **key) or key
    rows.put(LESSON_VERSIONS, **{**last, **marks})


async def _seen_by(rows: Rows, event: LessonSeen, seen: Seen) -> None:
    rows.put(ADOPTIONS, **_adoption(event), seen_on=event.on)


async def _relevance_answered(rows: Rows, event: RelevanceAnswered, seen: Seen) -> None:
    rows.put(
        ADOPTIONS,
        **_adoption(event),
        applies=event.applies,
        reason=event.reason,
        answered_on=event.on,
    )


async def _planned(rows: Rows, event: AdoptionPlanned, seen: Seen) -> None:
    last = max(one.by for one in event.actions)
    rows.put(ADOPTIONS, **_adoption(event), planned_on=event.on, planned_by=last)


async def _declared(rows: Rows, event: AdoptionDeclared, seen: Seen) -> None:
    rows.put(ADOPTIONS, **_adoption(event), declared_on=event.on)


async def _evidenced(rows: Rows, event: AdoptionEvidenced, seen: Seen) -> None:
    rows.put(ADOPTIONS, **_adoption(event), evidenced_on=event.on)


async def changed(rows: Rows, table: Table, id_: str, **columns: Any) -> Row:
    """Changes some columns of a row and answers the row. The whole row is written: an upsert of
    a part would be refused for the columns that may not be empty."""
    row = {**await _held(rows, table, id_), **columns}
    rows.put(table, **row)
    return row


async def _held(rows: Rows, table: Table, id_: str) -> Row:
    held = await rows.get(table, id=id_)
    if held is None:
        raise Broken(f"A later event of {table.name} stands before the first.")
    return held


def published_text(event: LessonPublished) -> Row:
    """A published lesson's text as it is read, in plain values; days as text."""
    held = {one.name: getattr(event, one.name) for one in fields(LessonPublished)}
    number, version, on = held.pop("number"), held.pop("version"), held.pop("on")
    return {
        "number": number,
        "version": version,
        **{name: _plain(one) for name, one in held.items()},
        "published_on": _plain(on),
    }


def searched(event: LessonPublished) -> str:
    """What a search looks through, in small letters."""
    parts = (
        event.number,
        event.title,
        event.what_happened,
        event.evidence or "",
        *event.factors,
        *(text for one in event.actions for text in (one.what, one.measure)),
        *event.applies_to.devices,
        *event.themes,
    )
    return "\n".join(parts).casefold()


def terms(event: LessonPublished) -> set[str]:
    """What a lesson is about, to be found again by a case of the same theme or type."""
    types = {one.type for one in event.applies_to.never_event_types}
    return {f"theme:{one}" for one in event.themes} | {f"type:{one}" for one in types}


def _plain(one: Any) -> Any:
    if isinstance(one, date):
        return one.isoformat()
    if isinstance(one, tuple):
        return [_plain(part) for part in one]
    if hasattr(one, "__dataclass_fields__"):
        return {name: _plain(part) for name, part in asdict(one).items()}
    return one


def _adoption(event: Answered) -> Row:
    return {
        "lesson": event.lesson,
        "lesson_version": event.version,
        "organisation": event.organisation,
    }


SUGGESTIONS_VIEW = Projection(
    name="suggestions",
    tables=(SUGGESTIONS,),
    views={
        SuggestionMade: _suggestion_made,
        SuggestionTaken: _suggestion_taken,
        SuggestionFreed: _suggestion_freed,
        SuggestionDismissed: _suggestion_dismissed,
    },
    version=2,
)

LESSONS_VIEW = Projection(
    name="lessons",
    tables=(LESSONS, LESSON_VERSIONS, LESSON_TERMS),
    views={
        LessonStarted: _lesson_started,
        SourceAdded: _source_added,
        DraftRevised: _stage("draft"),
        LessonSubmitted: _stage("in_review"),
        LessonApproved: _stage("approved"),
        LessonAbandoned: _lesson_abandoned,
        LessonPublished: _lesson_published,
        LessonNumberClaimed: _number_claimed,
        LessonWithdrawn: _lesson_withdrawn,
    },
    version=2,
)

ADOPTIONS_VIEW = Projection(
    name="adoptions",
    tables=(ADOPTIONS,),
    views={
        LessonSeen: _seen_by,
        RelevanceAnswered: _relevance_answered,
        AdoptionPlanned: _planned,
        AdoptionDeclared: _declared,
        AdoptionEvidenced: _evidenced,
    },
)

PROJECTIONS = (SUGGESTIONS_VIEW, LESSONS_VIEW, ADOPTIONS_VIEW, NATIONAL_VIEW, RELATIONS_VIEW)
