"""What a decision on a never event must hold, whoever decides: its list, its type, its moment."""

from datetime import date, datetime
from typing import Protocol

from shared.kernel.errors import Invalid
from shared.nhs.never_events import (
    NeverEventList,
    NoListInForce,
    NotOnList,
    list_by_id,
    list_on,
    type_on_list,
)

AUTHORITIES = ("national", "commissioner", "trust")
"""Whose decision on a never event stands, highest first."""


class Judged(Protocol):
    """A decision as it is asked for: `list` names another list than that of the day, which only
    the published guidance `guidance_ref` can give."""

    @property
    def outcome(self) -> str: ...

    @property
    def type(self) -> str | None: ...

    @property
    def subtype(self) -> str | None: ...

    @property
    def list(self) -> str | None: ...

    @property
    def guidance_ref(self) -> str | None: ...

    @property
    def effective_at(self) -> datetime | None: ...


def judging_list(told: Judged, day: date) -> NeverEventList:
    """The list by which a decision on an event of that London day holds.

    Raises Invalid for a list that is not held (`no_list`) or named without its guidance
    (`guidance_needed`), a meeting or subtype without its type (`type_needed`), a type or subtype
    that the list does not hold (`not_on_list`), and a suspended type that is met (`suspended`).
    """
    try:
        of = _named(told, day)
    except NoListInForce as none:
        raise Invalid("/list", "no_list", str(none)) from None
    _require_type(told, of)
    return of


def holds_from(told: Judged, now: datetime) -> datetime:
    """The instant from which the decision holds: `now` where none is told. Raises Invalid."""
    if told.effective_at is not None and told.effective_at > now:
        raise Invalid("/effective_at", "future", "A decision cannot hold from a time to come.")
    return told.effective_at or now


def _named(told: Judged, day: date) -> NeverEventList:
    if told.list is None:
        return list_on(day)
    named = list_by_id(told.list)
    if told.guidance_ref is None and named != list_on(day):
        raise Invalid(
            "/guidance_ref",
            "guidance_needed",
            "The list in force on the day holds unless named guidance says otherwise.",
        )
    return named


def _require_type(told: Judged, of: NeverEventList) -> None:
    if told.type is None:
        if told.outcome == "meets":
            raise Invalid("/type", "type_needed", "Name the type of never event that it meets.")
        if told.subtype is not None:
            raise Invalid("/subtype", "type_needed", "A subtype belongs to a type: name it.")
        return
    try:
        found = type_on_list(of, told.type).type
    except NotOnList as absent:
        raise Invalid("/type", "not_on_list", str(absent)) from None
    if found.suspended and told.outcome == "meets":
        message = f"{found.title} is suspended on the {of.described}: nothing can meet it."
        raise Invalid("/type", "suspended", message)
    if told.subtype is not None and found.subtype(told.subtype) is None:
        raise Invalid("/subtype", "not_on_list", f"No such subtype on the {of.described}.")
