"""What waits, and which clocks run: statements, and how a row is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from services.assurance.domain.rules.waiting import ITEMS
from services.assurance.projections.case_rows import ENDED
from services.assurance.projections.tables import CASES, CLOCKS, SEATS, SUCCESSIONS, WAITING
from services.assurance.projections.visibility import Codes, later, seen_by
from shared.nhs.calendar import calendar_version, end_of_london_day

FAR = date(9999, 12, 31)
"""Where what has no due day stands in an order by due day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """What a worklist is narrowed to: items that the caller holds, that are overdue on a London
    day, due by one, held by one organisation, or of one kind."""

    mine: bool = False
    overdue_on: date | None = None
    due_by: date | None = None
    owner: str | None = None
    item: str | None = None

    def clauses(self, codes: Codes) -> list[ColumnElement[bool]]:
        given: list[ColumnElement[bool]] = []
        if self.mine:
            given.append(_held_by(codes))
        if self.overdue_on:
            given.append(WAITING.c.due < self.overdue_on)
        if self.due_by:
            given.append(WAITING.c.due <= self.due_by)
        if self.owner:
            given.append(_held_by((self.owner,)))
        if self.item:
            given.append(WAITING.c.item == self.item)
        return given


def _held_by(codes: Codes) -> ColumnElement[bool]:
    return exists().where(
        SEATS.c.case_id == WAITING.c.case_id,
        SEATS.c.seat == WAITING.c.seat,
        SEATS.c.organisation.in_(codes),
    )


_due_or_far = func.coalesce(WAITING.c.due, FAR)


def worklist(
    codes: Codes, narrowed: ListFilter, after: Sequence[Any] | None, limit: int
) -> Select[Any]:
    """What waits in the cases that these organisations see, the first due first; `after` is
    (due, case, item). `mine` says whether they hold the item."""
    statement = (
        select(
            WAITING,
            _due_or_far.label("due_key"),
            case((_held_by(codes), 1), else_=0).label("mine"),
            *(CASES.c[name] for name in _OF_ITEM),
        )
        .join(CASES, CASES.c.id == WAITING.c.case_id)
        .where(seen_by(codes, WAITING.c.case_id), *narrowed.clauses(codes))
    )
    order = (_due_or_far, WAITING.c.case_id, WAITING.c.item)
    if after is not None:
        place = (date.fromisoformat(str(after[0])), *after[1:])
        statement = statement.where(later(order, place))
    return statement.order_by(*order).limit(limit)


_OF_ITEM = (
    "provider",
    "provider_acting",
    "lead",
    "acting",
    "region",
    "framework",
    "level",
    "never_event",
    "person",
)


def shown_item(row: Any, today: date, person: str) -> dict[str, Any]:
    """An item as a worklist shows it: whose it is, for how long, and whether it is late.
    `yours` says that the reader, known by an HMAC, looks after the case."""
    owners = {
        "provider": row.provider_acting,
        "lead": row.acting,
        "region": row.region,
        "national": None,
    }
    return {
        "case": row.case_id,
        "item": row.item,
        "title": ITEMS[row.item].title,
        "step": row.step,
        "held_by": {"seat": row.seat, "organisation": owners[row.seat]},
        "mine": bool(row.mine),
        "yours": bool(person) and row.person == person,
        "since": row.since,
        "age_days": (today - row.since).days,
        "due": row.due,
        "overdue": row.due is not None and row.due < today,
        "provider": row.provider,
        "commissioner": row.lead,
        "framework": row.framework,
        "level": row.level,
        "never_event": row.never_event,
        "links": {"case": f"/assurance/cases/{row.case_id}"},
    }


def clocks(
    codes: Codes, due_before: date | None, running: bool | None, after: Any, limit: int
) -> Select[Any]:
    """Clocks of the cases that these organisations see, the first due first; `due_before` is
    exclusive, `after` is (due, case, rule, n)."""
    statement = (
        select(CLOCKS, CASES.c.provider, CASES.c.lead)
        .join(CASES, CASES.c.id == CLOCKS.c.case_id)
        .where(seen_by(codes, CLOCKS.c.case_id))
    )
    if due_before is not None:
        statement = statement.where(CLOCKS.c.due < due_before)
    if running is not None:
        statement = statement.where(CLOCKS.c.running == running)
    order = (CLOCKS.c.due, CLOCKS.c.case_id, CLOCKS.c.rule, CLOCKS.c.n)
    if after is not None:
        place = (date.fromisoformat(str(after[0])), *after[1:])
        statement = statement.where(later(order, place))
    return statement.order_by(*order).limit(limit)


def shown_clock(clock: Any, today: date) -> dict[str, Any]:
    """A clock with its first due day, the day it is due now, and how it stands today; the instant
    is the end of the due day in London."""
    return {
        "rule": clock.rule,
        "n": clock.n,
        "started_on": clock.started_on,
        "first_due": clock.first_due,
        "due": clock.due,
        "due_at": end_of_london_day(clock.due),
        "met_on": clock.met_on,
        "breached_on": clock.breached_on,
        "voided_on": clock.voided_on,
        "running": clock.running,
        "overdue": clock.running and clock.due < today,
        "calendar": clock.calendar,
    }


def items_waiting(item: str) -> Select[Any, Any]:
    """How many items of one kind wait, in all cases, and since when the oldest."""
    counted = select(func.count(WAITING.c.case_id), func.min(WAITING.c.since))
    return counted.where(WAITING.c.item == item)


def clocks_running() -> Select[Any]:
    """Running clocks of live cases, counted by rule and due day."""
    counted = select(CLOCKS.c.rule, CLOCKS.c.due, func.count())
    return (
        counted.join(CASES, CASES.c.id == CLOCKS.c.case_id)
        .where(CLOCKS.c.running, CASES.c.state.not_in(ENDED))
        .group_by(CLOCKS.c.rule, CLOCKS.c.due)
    )


def clocks_awake(today: date) -> Select[Any]:
    """Cases whose clocks ask for something by a London day."""
    live = CASES.c.state.not_in(ENDED)
    joined = select(CLOCKS.c.case_id).join(CASES, CASES.c.id == CLOCKS.c.case_id)
    return joined.where(CLOCKS.c.wakes_on <= today, live).distinct()


def clocks_counted_otherwise(today: date) -> Select[Any]:
    """Running clocks that were counted by another calendar than that of a London day."""
    live = CASES.c.state.not_in(ENDED)
    joined = select(CLOCKS).join(CASES, CASES.c.id == CLOCKS.c.case_id)
    return joined.where(CLOCKS.c.running, CLOCKS.c.calendar != calendar_version(today), live)


def seats_taken_over(today: date) -> Select[Any]:
    """Seats of an organisation that another took over by a London day. The provider's seat of the
    incident's day stays beside its successor's, so only parts held now are looked at."""
    former = SUCCESSIONS.c.former
    associate = and_(SEATS.c.seat == "associate", SEATS.c.organisation == former)
    held = or_(CASES.c.acting == former, CASES.c.provider_acting == former, associate)
    return (
        select(CASES.c.id.label("case_id"), former, SUCCESSIONS.c.successor, SUCCESSIONS.c.on)
        .join(SEATS, SEATS.c.case_id == CASES.c.id)
        .join(SUCCESSIONS, SEATS.c.organisation == former)
        .where(held, SUCCESSIONS.c.on <= today)
        .distinct()
    )
