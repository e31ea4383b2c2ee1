"""Who sees which case: the seats an organisation holds, by itself and by succession."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from services.assurance.domain.rules.waiting import NATIONAL
from services.assurance.projections.tables import SEATS, SUCCESSIONS
from shared.kernel.decider import Actor

Codes = Collection[str]
"""The codes that a caller sees by."""


def successions() -> Select[Any]:
    """Every succession: few enough to be read whole."""
    return select(SUCCESSIONS.c.former, SUCCESSIONS.c.successor, SUCCESSIONS.c.on)


def seats_of(actor: Actor, codes: Codes) -> frozenset[str]:
    """The codes an actor sees by: those its organisation acts for, and the national seat for a
    national body."""
    held = frozenset(codes) - {""}
    return held | ({NATIONAL} if actor.kind == "national" else frozenset())


def seen_by(codes: Codes, case_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether one of these organisations has a seat in the case."""
    return exists().where(SEATS.c.case_id == case_id, SEATS.c.organisation.in_(codes))


def later(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row stands behind a place in an ascending order: a page's cursor."""
    alike = [column == value for column, value in zip(columns, values, strict=True)]
    return or_(
        *(and_(*alike[:place], column > values[place]) for place, column in enumerate(columns))
    )
