"""Never events of a year in England, counted from what was decided about each incident.

Types, buckets and the refusal to add lists up follow NHS England's never events data releases: what
meets the definition is the count; what is under review or was reported and does not meet it stands
beside it, always shown together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.nhs.never_event_judging import AUTHORITIES
from shared.nhs.never_events import NoListInForce, list_by_id, lists_between
from shared.nhs.periods import financial_year

NO_TYPE = "No type named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one authority said about an incident: `meets`, `under_review` or `does_not_meet`;
    `known_on` is the London day on which the source decided it."""

    incident: str
    authority: str
    outcome: str
    list: str
    type: str | None
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentVersion:
    """The incident as its source told it: the London `day` it happened, whether it was withdrawn;
    `known_on` is the London day on which the source said so."""

    incident: str
    day: date
    withdrawn: bool
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """One type of one list; `count` is what meets the definition."""

    type: str | None
    title: str
    count: int
    under_review: int
    reported_not_meeting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTable:
    """The counts under one list, most frequent type first; types without any are left out."""

    list: str
    rows: tuple[TypeRow, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalTable:
    """A year's tables, one a list; `total` is None unless there is exactly one list, since counts
    under different lists are never added up."""

    year: str
    lists: tuple[ListTable, ...]
    total: int | None


def never_events(
    year: str,
    incidents: Iterable[IncidentVersion],
    decisions: Iterable[Decision],
    known_on: date | None = None,
) -> NationalTable:
    """The tables of a financial year such as 2023/24, from records in the order they were heard.

    With `known_on`, only what the sources had said by that London day. Raises ValueError for
    what is no financial year.
    """
    first, last = financial_year(year)
    newest = {one.incident: one for one in incidents if _said_by(one.known_on, known_on)}
    counted = {
        one.incident for one in newest.values() if first <= one.day <= last and not one.withdrawn
    }
    standing = _standing(
        one for one in decisions if one.incident in counted and _said_by(one.known_on, known_on)
    )
    lists = {one.id for one in lists_between(first, last)} | {one.list for one in standing}
    tables = tuple(
        _list_table(id_, [one for one in standing if one.list == id_]) for id_ in sorted(lists)
    )
    total = tables[0].total if len(tables) == 1 else None
    return NationalTable(year=year, lists=tables, total=total)


def _said_by(day: date, known_on: date | None) -> bool:
    return known_on is None or day <= known_on


def _standing(decisions: Iterable[Decision]) -> list[Decision]:
    """One decision an incident, that of the highest authority; where it names no type, the type
    last named for the incident under the same list, so that a refusal stands beside its type."""
    by_incident: dict[str, dict[str, Decision]] = defaultdict(dict)
    named: dict[tuple[str, str], str] = {}
    for one in decisions:
        by_incident[one.incident][one.authority] = one
        if one.type is not None:
            named[one.incident, one.list] = one.type
    standing = (_highest(said) for said in by_incident.values())
    return [
        one if one.type else replace(one, type=named.get((one.incident, one.list)))
        for one in standing
    ]


def _highest(said: Mapping[str, Decision]) -> Decision:
    return next(said[authority] for authority in AUTHORITIES if authority in said)


def _list_table(id_: str, standing: Sequence[Decision]) -> ListTable:
    buckets = Counter((one.type, one.outcome) for one in standing)
    titles, order = _titles(id_)
    rows = [
        TypeRow(
            type=type_,
            title=titles.get(type_, type_) if type_ else NO_TYPE,
            count=buckets[type_, "meets"],
            under_review=buckets[type_, "under_review"],
            reported_not_meeting=buckets[type_, "does_not_meet"],
        )
        for type_ in {type_ for type_, _ in buckets}
    ]
    rows.sort(key=lambda row: (-row.count, order.get(row.type or "", len(order)), row.title))
    return ListTable(list=id_, rows=tuple(rows), total=sum(row.count for row in rows))


def _titles(id_: str) -> tuple[Mapping[str, str], Mapping[str, int]]:
    """Titles and places of a list's types; both empty for a list that this code does not hold."""
    try:
        types = list_by_id(id_).types
    except NoListInForce:
        return {}, {}
    titles = {one.code: one.title for one in types}
    return titles, {code: place for place, code in enumerate(titles)}
