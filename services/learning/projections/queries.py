"""What learning's read models are asked, and the form in which it is answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select, true

from services.learning.domain.rules.counts import told_count
from services.learning.domain.rules.national import Decision, IncidentVersion
from services.learning.projections.national import STANDS
from services.learning.projections.tables import (
    ADOPTIONS,
    DECISIONS,
    INCIDENTS,
    LESSON_TERMS,
    LESSON_VERSIONS,
    LESSONS,
    RELATIONS,
    SUGGESTIONS,
)
from shared.kernel.clock import london_day

Shown = dict[str, Any]
Statement = Select[Any]


def last_number(year: int) -> Statement:
    """The highest lesson number of a year that the read model has seen; NULL for none."""
    return select(func.max(LESSONS.c.number_n)).where(LESSONS.c.number_year == year)


def waits_in(table: Table, state: str) -> Select[Any, Any]:
    """How many suggestions or lessons wait in a state, and since when the oldest."""
    counted = select(func.count(table.c.id), func.min(table.c.waits_since))
    return counted.where(table.c.state == state)


def suggestions(
    state: str, providers: Iterable[str] | None, after: int | None, limit: int
) -> Statement:
    """Suggestions in one state of some providers (None: of all), those that have waited longest
    first."""
    chosen = select(SUGGESTIONS).where(SUGGESTIONS.c.state == state)
    if providers is not None:
        chosen = chosen.where(SUGGESTIONS.c.provider.in_(sorted(providers)))
    if after is not None:
        chosen = chosen.where(SUGGESTIONS.c.position > after)
    return chosen.order_by(SUGGESTIONS.c.position).limit(limit)


def lessons_about(terms: Iterable[str]) -> Statement:
    """(term, id, number, title) of published lessons about any of the terms."""
    return (
        select(LESSON_TERMS.c.term, LESSONS.c.id, LESSONS.c.number, LESSONS.c.title)
        .join(LESSONS, LESSONS.c.id == LESSON_TERMS.c.lesson)
        .where(LESSON_TERMS.c.term.in_(sorted(terms)), LESSONS.c.state == "published")
        .order_by(LESSONS.c.position)
    )


def suggestion_terms(row: Any) -> set[str]:
    """What a suggestion is about, in the words of `lesson_terms`."""
    found = {f"theme:{theme}" for theme in row.themes}
    return found | ({f"type:{row.never_event_type}"} if row.never_event_type else set())


def suggestion_shown(row: Any, now: datetime, related: Sequence[Any]) -> Shown:
    """A suggestion with its age in days and the lessons there are on its themes and type."""
    mine = suggestion_terms(row)
    lessons = {one.id: one for one in related if one.term in mine}
    return {
        "suggestion": row.id,
        "state": row.state,
        "case": row.case,
        "incident": row.incident,
        "provider": row.provider,
        "themes": row.themes,
        "never_event_type": row.never_event_type,
        "depth": row.depth,
        "closed_on": row.closed_on,
        "waiting_since": row.waits_since,
        "age_days": (london_day(now) - london_day(row.waits_since)).days,
        "lesson": row.lesson,
        "reason": row.reason,
        "lessons": [
            {"lesson": one.id, "number": one.number, "title": one.title} for one in lessons.values()
        ],
        "links": {"learning": f"/assurance/cases/{row.case}/learning"},
    }


def lessons(
    state: str,
    organisations: Iterable[str] | None,
    words: str | None,
    after: int | None,
    limit: int,
) -> Statement:
    """Lessons in one state, newest first; of some organisations, holding all of some words."""
    chosen = select(LESSONS).where(LESSONS.c.state == state)
    if organisations is not None:
        chosen = chosen.where(LESSONS.c.organisation.in_(organisations))
    for word in (words or "").casefold().split():
        chosen = chosen.where(LESSONS.c.search.contains(word, autoescape=True))
    if after is not None:
        chosen = chosen.where(LESSONS.c.position < after)
    return chosen.order_by(LESSONS.c.position.desc()).limit(limit)


def lesson(name: str) -> Statement:
    """A lesson by its id or its number."""
    return select(LESSONS).where(or_(LESSONS.c.id == name, LESSONS.c.number == name))


def lesson_shown(row: Any) -> Shown:
    """A published lesson, withdrawn or not; sources as a count, small ones only as small."""
    return {
        "lesson": row.id,
        "state": row.state,
        **row.text,
        "sources": told_count(len(row.incidents)),
        **_withdrawal(row),
        "links": _links(row.id),
    }


def lesson_listed(row: Any) -> Shown:
    """A published lesson as a list shows it."""
    text: Mapping[str, Any] = row.text
    return {
        "lesson": row.id,
        "state": row.state,
        "number": row.number,
        "version": row.lesson_version,
        "title": row.title,
        "themes": text["themes"],
        "response": text["response"],
        "respond_by": text["respond_by"],
        "published_on": text["published_on"],
        **_withdrawal(row),
        "links": _links(row.id),
    }


def draft_listed(row: Any, title: str, now: datetime) -> Shown:
    """A lesson that is not published, as its authors and reviewers see it in a list; an
    abandoned one waits for nobody and has no age."""
    waits = row.waits_since
    return {
        "lesson": row.id,
        "state": row.state,
        "title": title,
        "sources": len(row.incidents),
        "started_on": row.started_on,
        "waiting_since": waits,
        "age_days": (london_day(now) - london_day(waits)).days if waits else None,
        "links": _links(row.id),
    }


def lesson_versions(lesson_id: str) -> Statement:
    """Every version that went out, oldest first."""
    return (
        select(LESSON_VERSIONS)
        .where(LESSON_VERSIONS.c.lesson == lesson_id)
        .order_by(LESSON_VERSIONS.c.lesson_version)
    )


def version_shown(row: Any) -> Shown:
    """One version as it went out."""
    return {
        "lesson": row.lesson,
        **row.text,
        "sources": told_count(row.sources),
        **_withdrawal(row),
    }


def _withdrawal(row: Any) -> Shown:
    if row.withdrawn_on is None:
        return {}
    return {"withdrawn_on": row.withdrawn_on, "withdrawal_reason": row.withdrawal_reason}


def _links(lesson_id: str) -> Shown:
    path = f"/learning/lessons/{lesson_id}"
    return {"self": path, "versions": f"{path}/versions", "adoption": f"{path}/adoption"}


def adoptions(lesson_id: str, version: int) -> Statement:
    """Every organisation's answers to one version, by code."""
    return (
        select(ADOPTIONS)
        .where(ADOPTIONS.c.lesson == lesson_id, ADOPTIONS.c.lesson_version == version)
        .order_by(ADOPTIONS.c.organisation)
    )


def commissioned_by(commissioners: Iterable[str], on: date) -> Statement:
    """The providers that any of some organisations commissions on a London day."""
    return (
        select(RELATIONS.c.provider)
        .where(
            RELATIONS.c.commissioner.in_(commissioners),
            RELATIONS.c.since <= on,
            or_(RELATIONS.c.until.is_(None), RELATIONS.c.until >= on),
        )
        .distinct()
    )


STATES = ("declared", "evidenced", "verified", "sustained")
"""Kept apart: what is said, what is shown, what was checked, what still held later."""


def adoption_shown(row: Any) -> Shown:
    """One organisation's answers; each state with the London day it was reached."""
    return {
        "organisation": row.organisation,
        "seen_on": row.seen_on,
        "applies": row.applies,
        "reason": row.reason,
        "answered_on": row.answered_on,
        "planned_on": row.planned_on,
        "planned_by": row.planned_by,
        **{f"{state}_on": getattr(row, f"{state}_on") for state in STATES},
    }


def adoption_counts(rows: Sequence[Any]) -> Mapping[str, int]:
    """How many organisations reached each state; never one figure for 'complete'."""
    return {
        "seen": sum(row.seen_on is not None for row in rows),
        "applies": sum(row.applies is True for row in rows),
        "does_not_apply": sum(row.applies is False for row in rows),
        "planned": sum(row.planned_on is not None for row in rows),
        **{state: sum(getattr(row, f"{state}_on") is not None for row in rows) for state in STATES},
    }


def national_incidents(
    first: date, last: date, before: datetime | None, history: bool
) -> Statement:
    """Decided incidents that happened in a period, as this log knew them just before an instant
    (None: now); with `history` also what it had known earlier. In the order heard."""
    inside = select(INCIDENTS.c.incident).where(INCIDENTS.c.day.between(first, last))
    decided = select(DECISIONS.c.incident)
    return (
        select(INCIDENTS)
        .where(
            INCIDENTS.c.incident.in_(inside),
            INCIDENTS.c.incident.in_(decided),
            _known(INCIDENTS, before, history),
        )
        .order_by(INCIDENTS.c.from_position)
    )


def national_decisions(
    first: date, last: date, before: datetime | None, history: bool
) -> Statement:
    """Decisions on incidents of a period, likewise."""
    inside = select(INCIDENTS.c.incident).where(INCIDENTS.c.day.between(first, last))
    return (
        select(DECISIONS)
        .where(DECISIONS.c.incident.in_(inside), _known(DECISIONS, before, history))
        .order_by(DECISIONS.c.from_position)
    )


def incident_version(row: Any) -> IncidentVersion:
    """A row of the incidents as the rules count it."""
    return IncidentVersion(
        incident=row.incident, day=row.day, withdrawn=row.withdrawn, known_on=row.known_on
    )


def decision(row: Any) -> Decision:
    """A row of the decisions as the rules count it."""
    return Decision(
        incident=row.incident,
        authority=row.authority,
        outcome=row.outcome,
        list=row.list,
        type=row.type,
        known_on=row.known_on,
    )


def _known(table: Table, before: datetime | None, history: bool) -> ColumnElement[bool]:
    """Recorded before the instant and, without history, not replaced by then."""
    if before is None:
        return true() if history else table.c.until_position == STANDS
    recorded = table.c.recorded_from < before
    if history:
        return recorded
    return and_(recorded, or_(table.c.until_position == STANDS, table.c.recorded_to >= before))


def last_decided_day() -> Statement:
    """The latest day on which an incident happened about which anything was decided."""
    decided = select(DECISIONS.c.incident)
    return select(func.max(INCIDENTS.c.day)).where(
        INCIDENTS.c.incident.in_(decided), INCIDENTS.c.until_position == STANDS
    )
