"""Never events by the list in force on the day: a code means nothing without its list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from shared.nhs.never_event_lists import LISTS, NeverEventList, NeverEventSubtype, NeverEventType

__all__ = [
    "LISTS",
    "NeverEventList",
    "NeverEventSubtype",
    "NeverEventType",
    "NoListInForce",
    "NotComparable",
    "NotCounted",
    "NotOnList",
    "TypeOnList",
    "comparable",
    "counted_type_on",
    "list_by_id",
    "list_on",
    "lists_between",
    "require_comparable",
    "type_on",
    "type_on_list",
]


class NoListInForce(LookupError):
    """No list of never events is held for that day, or under that id."""


class NotOnList(LookupError):
    """The list in force holds no such type or subtype; the message names the list and its dates."""


class NotCounted(NotOnList):
    """The type is on the list but suspended, so nothing can meet it."""


class NotComparable(ValueError):
    """Counts under different lists are not to be compared or added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeOnList:
    """A never-event type together with the list that gives it its meaning."""

    list: NeverEventList
    type: NeverEventType


def list_on(day: date) -> NeverEventList:
    """The list in force on a London day. Raises NoListInForce before the first one held."""
    for candidate in LISTS:
        if candidate.in_force(day):
            return candidate
    raise NoListInForce(
        f"No never events list is held for that day: the first is {LISTS[0].described}."
    )


def list_by_id(list_id: str) -> NeverEventList:
    """A list by its id, which is the day it came into force. Raises NoListInForce."""
    for candidate in LISTS:
        if candidate.id == list_id:
            return candidate
    known = ", ".join(one.id for one in LISTS)
    raise NoListInForce(f"No such never events list; the lists are {known}.")


def lists_between(first: date, last: date) -> tuple[NeverEventList, ...]:
    """The lists in force on any day of a period, oldest first; two or more mean: do not add up."""
    return tuple(one for one in LISTS if one.overlaps(first, last))


def type_on(day: date, code: str) -> TypeOnList:
    """A type by the list of the day, suspended ones included. Raises NoListInForce, NotOnList."""
    return type_on_list(list_on(day), code)


def type_on_list(of: NeverEventList, code: str) -> TypeOnList:
    """A type of one list. Raises NotOnList."""
    found = of.type(code)
    if found is None:
        _refuse_type(of)
    return TypeOnList(list=of, type=found)


def counted_type_on(day: date, code: str) -> TypeOnList:
    """A type that an incident of that day can meet. Raises NoListInForce, NotOnList, NotCounted."""
    found = type_on(day, code)
    if found.type.suspended:
        raise NotCounted(f"{found.type.title} is suspended on {found.list.described}.")
    return found


def comparable(list_ids: Iterable[str]) -> bool:
    """Whether counts under these lists may stand in one series: only when all are one list."""
    return len(set(list_ids)) <= 1


def require_comparable(list_ids: Iterable[str]) -> None:
    """Raises NotComparable, naming the lists, unless all are one."""
    ids = sorted(set(list_ids))
    if len(ids) > 1:
        names = "; ".join(list_by_id(one).described for one in ids)
        raise NotComparable(f"Counts under different lists are not comparable: {names}.")


def _refuse_type(of: NeverEventList) -> NoReturn:
    raise NotOnList(f"No such type on the {of.described}.")
