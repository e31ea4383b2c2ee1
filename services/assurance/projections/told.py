"""What was told to whom, by log position: statements."""

from typing import Any

from sqlalchemy import Select, func, select

from services.assurance.projections.tables import TOLD, TOLD_TO
from services.assurance.projections.visibility import Codes


def told(after: int, limit: int) -> Select[Any]:
    """Positions of what was told, to whomever."""
    return (
        select(TOLD.c.position)
        .where(TOLD.c.position > after)
        .order_by(TOLD.c.position)
        .limit(limit)
    )


def told_head() -> Select[Any]:
    """The newest position that was told."""
    return select(func.max(TOLD.c.position).label("position"))


def told_to(codes: Codes, after: int, limit: int) -> Select[Any]:
    """Positions of what these organisations are shown, each once, in order."""
    return (
        select(TOLD_TO.c.position)
        .where(TOLD_TO.c.organisation.in_(codes), TOLD_TO.c.position > after)
        .distinct()
        .order_by(TOLD_TO.c.position)
        .limit(limit)
    )


def told_before(codes: Codes, position: int) -> Select[Any]:
    """The newest position at or before one that these organisations are shown."""
    return select(func.max(TOLD_TO.c.position).label("position")).where(
        TOLD_TO.c.organisation.in_(codes), TOLD_TO.c.position <= position
    )


def is_shown(codes: Codes, position: int) -> Select[Any]:
    """A row where these organisations are shown what stands at a position."""
    return (
        select(TOLD_TO.c.position)
        .where(TOLD_TO.c.organisation.in_(codes), TOLD_TO.c.position == position)
        .limit(1)
    )
