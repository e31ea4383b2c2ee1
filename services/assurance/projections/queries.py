"""Lists of cases and relations: statements, and how a row is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from services.assurance.projections.tables import ACTIVITIES, ACTIVITY_MODES, CASES, RELATIONS
from services.assurance.projections.visibility import Codes, later, seen_by

_SAME = (
    "provider",
    "state",
    "category",
    "level",
    "framework",
    "never_event",
    "never_event_type",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list of cases is narrowed to; each part may be absent. Days are inclusive."""

    provider: str | None = None
    commissioner: str | None = None
    state: str | None = None
    category: str | None = None
    level: int | None = None
    framework: str | None = None
    never_event: str | None = None
    never_event_type: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    unrouted: bool | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        given = [CASES.c[name] == getattr(self, name) for name in _SAME if getattr(self, name)]
        spans = (
            (self.opened_from, CASES.c.opened_on.__ge__),
            (self.opened_to, CASES.c.opened_on.__le__),
            (self.closed_from, CASES.c.closed_on.__ge__),
            (self.closed_to, CASES.c.closed_on.__le__),
        )
        given += [within(day) for day, within in spans if day is not None]
        if self.commissioner:
            named = (CASES.c.lead == self.commissioner, CASES.c.acting == self.commissioner)
            given.append(or_(*named))
        if self.unrouted is not None:
            given.append(CASES.c.lead.is_(None) == self.unrouted)
        return given


def cases(
    codes: Codes, narrowed: CaseFilter, after: Sequence[Any] | None, limit: int
) -> Select[Any]:
    """The cases that these organisations see, newest first; `after` is (opened_on, id)."""
    statement = select(CASES).where(seen_by(codes, CASES.c.id), *narrowed.clauses())
    if after is not None:
        opened_on, id_ = date.fromisoformat(str(after[0])), str(after[1])
        same_day = and_(CASES.c.opened_on == opened_on, CASES.c.id < id_)
        statement = statement.where(or_(CASES.c.opened_on < opened_on, same_day))
    return statement.order_by(CASES.c.opened_on.desc(), CASES.c.id.desc()).limit(limit)


_SHOWN = (
    "id",
    "version",
    "framework",
    "state",
    "provider",
    "lead",
    "acting",
    "region",
    "day",
    "service_area",
    "worst_harm",
    "serious",
    "category",
    "level",
    "never_event",
    "never_event_type",
    "never_event_list",
    "opened_on",
    "acknowledged_on",
    "submission",
    "depth",
    "activities",
    "first_contact_on",
    "closed_on",
    "has_learning",
    "themes",
    "actions_open",
)


def shown_case(row: Any) -> dict[str, Any]:
    """A case as a list shows it."""
    told = {name: getattr(row, name) for name in _SHOWN}
    return {
        **told,
        "unrouted": row.lead is None,
        "links": {"self": f"/assurance/cases/{row.id}", "incident": f"/intake/events/{row.id}"},
    }


def relations(
    provider: str | None,
    commissioner: str | None,
    on: date | None,
    after: Sequence[Any] | None,
    limit: int,
) -> Select[Any]:
    """Relations by provider, commissioner and London day; `after` is the primary key."""
    statement = select(RELATIONS)
    if provider:
        statement = statement.where(RELATIONS.c.provider == provider)
    if commissioner:
        statement = statement.where(RELATIONS.c.commissioner == commissioner)
    if on:
        open_end = or_(RELATIONS.c.until.is_(None), RELATIONS.c.until >= on)
        statement = statement.where(RELATIONS.c.since <= on, open_end)
    order = list(RELATIONS.primary_key.columns)
    if after is not None:
        place = (*after[:-1], date.fromisoformat(str(after[-1])))
        statement = statement.where(later(order, place))
    return statement.order_by(*order).limit(limit)


def shown_relation(row: Any) -> dict[str, Any]:
    """A relation as a list shows it."""
    return {
        "provider": row.provider,
        "commissioner": row.commissioner,
        "role": row.role,
        "scope": row.areas.split(),
        "since": row.since,
        "until": row.until,
    }


def modes_of_activities(
    codes: Codes,
    provider: str | None,
    since: date | None,
    until: date | None,
    after: Sequence[Any] | None,
    limit: int,
) -> Select[Any]:
    """How many activities on cases that these organisations see looked into each provider in each
    way, an activity on several cases once; days are inclusive, `after` is (provider, mode)."""
    held = ACTIVITY_MODES.c
    activities = func.count(held.activity.distinct()).label("activities")
    last_on = func.max(held.on).label("last_on")
    statement = select(held.provider, held.mode, activities, last_on)
    statement = statement.where(seen_by(codes, held.case_id))
    if provider:
        statement = statement.where(held.provider == provider)
    if since:
        statement = statement.where(held.on >= since)
    if until:
        statement = statement.where(held.on <= until)
    order = (held.provider, held.mode)
    if after is not None:
        statement = statement.where(later(order, after))
    return statement.group_by(*order).order_by(*order).limit(limit)


def shown_mode(row: Any) -> dict[str, Any]:
    """One way of looking into one provider."""
    return {
        "provider": row.provider,
        "mode": row.mode,
        "activities": row.activities,
        "last_on": row.last_on,
    }


def depths_of_activities() -> Select[Any]:
    """How many standing activities went how deep."""
    return (
        select(ACTIVITIES.c.depth, func.count().label("count"))
        .where(ACTIVITIES.c.withdrawn.is_(False))
        .group_by(ACTIVITIES.c.depth)
        .order_by(ACTIVITIES.c.depth)
    )
