"""Questions to the read models: what a reader may see, and what they look for in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true

from services.intake.domain.incident.relations import Involved, as_overseer, as_party
from services.intake.domain.rules.regions import Stay, stays_in
from services.intake.projections.successions import acts_for
from services.intake.projections.tables import CHANGES, INCIDENTS, RELATIONS
from shared.kernel.decider import Actor
from shared.nhs.relations import Relation
from shared.projections.reach import Reach

PARTIES = ("reported_by", "occurred_at", "leads")
"""The columns that name an organisation whose event it is."""


def proposals() -> Select[Any, Any]:
    """How many events a rule proposes as never events, and since when the oldest."""
    since = INCIDENTS.c.proposed_since
    return select(func.count(since), func.min(since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the actor, the codes that its organisation acts for today, and, for a region,
    which providers lay in it when."""

    actor: Actor
    codes: frozenset[str]
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a list is narrowed to; None: not at all. Days are London days, inclusive."""

    organisation: str | None = None
    kind: str | None = None
    worst_harm: str | None = None
    service_area: str | None = None
    never_event_type: str | None = None
    never_event_outcome: str | None = None
    occurred_since: date | None = None
    occurred_until: date | None = None
    recorded_since: datetime | None = None
    updated_since: datetime | None = None
    withheld: bool | None = None
    proposed: bool | None = None
    withdrawn: bool | None = None


async def reader_of(reach: Reach, actor: Actor) -> Reader:
    """The reader as of today: successions are followed from their day on."""
    codes = await acts_for(reach, actor)
    stays = stays_in(reach.register, actor.organisation) if actor.kind == "region" else ()
    return Reader(actor=actor, codes=codes, stays=stays)


async def relations_to(reach: Reach, reader: Reader, involved: Involved) -> frozenset[str]:
    """What the reader is to an event, in the words that permissions are asked with."""
    found = as_party(involved, reader.codes)
    if reader.actor.kind == "region":
        return found | ({"region"} if _lies_in(reader.stays, involved) else set())
    if reader.actor.kind != "commissioner":
        return found
    rows = await reach.read(
        select(RELATIONS).where(
            RELATIONS.c.commissioner.in_(reader.codes),
            RELATIONS.c.provider.in_(involved.providers),
        )
    )
    return found | as_overseer(involved, reader.codes, [_relation(row) for row in rows])


def visible(reader: Reader) -> ColumnElement[bool]:
    """Which rows of INCIDENTS the reader may see: the same judgement as `relations_to`, for many
    at once."""
    codes = sorted(reader.codes)
    ways: list[ColumnElement[bool]] = [INCIDENTS.c[name].in_(codes) for name in PARTIES]
    if reader.actor.kind == "commissioner":
        ways.append(_commissioned(codes))
    ways.extend(_stayed(one) for one in reader.stays)
    return or_(*ways)


def incidents(
    reader: Reader, sought: Sought, after: int | None, limit: int
) -> Select[tuple[Any, ...]]:
    """Events that the reader may see, newest report first, behind the report at `after`."""
    statement = select(INCIDENTS).where(visible(reader), *_narrowed(sought))
    if after is not None:
        statement = statement.where(INCIDENTS.c.reported_position < after)
    return statement.order_by(INCIDENTS.c.reported_position.desc()).limit(limit)


def changes(after: int, limit: int, reader: Reader | None = None) -> Select[tuple[Any, ...]]:
    """Changes behind a log position, in order, each with whose event it is; of all events, or of
    those that the reader may see."""
    return (
        select(CHANGES, *_WHOSE)
        .join(INCIDENTS, INCIDENTS.c.id == CHANGES.c.incident)
        .where(CHANGES.c.position > after, _shown_to(reader))
        .order_by(CHANGES.c.position)
        .limit(limit)
    )


def newest_change(reader: Reader | None = None, upto: int | None = None) -> Select[tuple[Any]]:
    """The position of the newest change up to a position: of all, or of what the reader may see."""
    return (
        select(func.max(CHANGES.c.position))
        .join(INCIDENTS, INCIDENTS.c.id == CHANGES.c.incident)
        .where(_shown_to(reader), true() if upto is None else CHANGES.c.position <= upto)
    )


def involved_in_row(row: Any) -> Involved:
    """Whose the event of a row is."""
    return Involved(
        reported_by=row.reported_by,
        occurred_at=row.occurred_at,
        leads=row.leads,
        day=row.day,
        service_area=row.service_area,
    )


_WHOSE = [INCIDENTS.c[name] for name in (*PARTIES, "day", "service_area")]


def _shown_to(reader: Reader | None) -> ColumnElement[bool]:
    if reader is None:
        return true()
    home = [INCIDENTS.c[name].in_(sorted(reader.codes)) for name in ("reported_by", "leads")]
    return and_(visible(reader), or_(CHANGES.c.home.is_(False), *home))


def _commissioned(codes: Sequence[str]) -> ColumnElement[bool]:
    held, area = RELATIONS.c, INCIDENTS.c.service_area
    return exists(
        select(held.provider).where(
            held.commissioner.in_(codes),
            or_(held.provider == INCIDENTS.c.occurred_at, held.provider == INCIDENTS.c.leads),
            held.since <= INCIDENTS.c.day,
            or_(held.until.is_(None), INCIDENTS.c.day <= held.until),
            or_(held.scope == "", held.scope.contains("," + area + ",")),
        )
    )


def _stayed(stay: Stay) -> ColumnElement[bool]:
    there = or_(INCIDENTS.c.occurred_at == stay.code, INCIDENTS.c.leads == stay.code)
    since = true() if stay.since is None else INCIDENTS.c.day >= stay.since
    until = true() if stay.until is None else INCIDENTS.c.day <= stay.until
    return and_(there, since, until)


def _lies_in(stays: Sequence[Stay], involved: Involved) -> bool:
    return any(
        one.code in involved.providers
        and (one.since or date.min) <= involved.day <= (one.until or date.max)
        for one in stays
    )


def _narrowed(sought: Sought) -> list[ColumnElement[bool]]:
    named = {one.name: getattr(sought, one.name) for one in fields(sought)}
    return [
        _BOUNDS[name](held) if name in _BOUNDS else INCIDENTS.c[name] == held
        for name, held in named.items()
        if held is not None
    ]


_BOUNDS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "organisation": lambda code: or_(*(INCIDENTS.c[name] == code for name in PARTIES)),
    "occurred_since": lambda since: INCIDENTS.c.day >= since,
    "occurred_until": lambda until: INCIDENTS.c.day <= until,
    "recorded_since": lambda since: INCIDENTS.c.recorded_at >= since,
    "updated_since": lambda since: INCIDENTS.c.updated_at >= since,
    "withheld": lambda wanted: (INCIDENTS.c.passages_withheld > 0).is_(wanted),
    "proposed": lambda wanted: INCIDENTS.c.proposed_since.is_not(None).is_(wanted),
}
"""What is sought otherwise than by a column equal to it."""


def _relation(row: Any) -> Relation:
    return Relation(
        provider=row.provider,
        commissioner=row.commissioner,
        role=row.role,
        scope=frozenset(one for one in row.scope.split(",") if one),
        from_=row.since,
        to=row.until,
    )
