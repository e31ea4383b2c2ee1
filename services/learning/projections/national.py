"""What was heard, as the national tables need it: each incident and each decision over time, so
that a figure can be asked as it was known on any earlier day; and who commissions whom."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table

from services.learning.projections.tables import DECISIONS, INCIDENTS, RELATIONS, SUCCESSIONS
from shared.kernel.clock import day_of
from shared.projections.base import Projection, Rows, Seen
from shared.runtime.heard import ContractHeard

STANDS = 0
"""The `until_position` of a row that nothing has replaced."""


async def _reported(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
    """A report or an amendment: the incident as it now stands. A withdrawn one stays so."""
    told = heard.data
    before = await rows.get(INCIDENTS, incident=told["incident"], until_position=STANDS)
    await _supersede(
        rows,
        INCIDENTS,
        seen,
        {"incident": told["incident"]},
        day=day_of(told["day"]),
        withdrawn=bool(before and before["withdrawn"]),
        kind=told["kind"],
        occurred_at=told["occurred_at"],
        opted_out=told.get("opted_out", False),
        known_on=_reported_on(heard),
    )


async def _withdrawn(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
    """The incident leaves the counts and stays in the log."""
    told = heard.data
    before = await rows.get(INCIDENTS, incident=told["incident"], until_position=STANDS)
    await _supersede(
        rows,
        INCIDENTS,
        seen,
        {"incident": told["incident"]},
        day=day_of(told["day"]),
        withdrawn=True,
        kind=told["kind"],
        occurred_at=told["occurred_at"],
        opted_out=bool(before and before["opted_out"]),
        known_on=day_of(heard.time),
    )


async def _decided(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
    """A trust, a commissioner or the national body decided; each authority's last word counts."""
    told = heard.data
    await _supersede(
        rows,
        DECISIONS,
        seen,
        {"incident": told["incident"], "authority": told["authority"]},
        list=told["list"],
        type=told.get("type"),
        subtype=told.get("subtype"),
        outcome=told["outcome"],
        known_on=day_of(told["effective_at"]),
    )


async def _relation_changed(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
    told = heard.data
    until = told.get("until")
    rows.put(
        RELATIONS,
        provider=told["provider"],
        commissioner=told["commissioner"],
        role=told["role"],
        since=day_of(told["since"]),
        until=day_of(until) if until else None,
    )


async def _succession_recorded(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
    told = heard.data
    rows.put(
        SUCCESSIONS,
        former=told["former"],
        successor=told["successor"],
        since=day_of(told["on"]),
    )


Hear = Callable[[Rows, ContractHeard, Seen], Awaitable[None]]

NATIONAL_STEPS: Mapping[str, Hear] = {
    "opendoor.intake.event_reported.v1": _reported,
    "opendoor.intake.event_amended.v1": _reported,
    "opendoor.intake.event_withdrawn.v1": _withdrawn,
    "opendoor.intake.classification_decided.v1": _decided,
    "opendoor.assurance.classification_decided.v1": _decided,
}

RELATION_STEPS: Mapping[str, Hear] = {
    "opendoor.assurance.relation_changed.v1": _relation_changed,
    "opendoor.assurance.succession_recorded.v1": _succession_recorded,
}


def _by_type(steps: Mapping[str, Hear]) -> Hear:
    async def view(rows: Rows, heard: ContractHeard, seen: Seen) -> None:
        step = steps.get(heard.type)
        if step is not None:
            await step(rows, heard, seen)

    return view


NATIONAL_VIEW = Projection(
    name="national",
    tables=(INCIDENTS, DECISIONS),
    views={ContractHeard: _by_type(NATIONAL_STEPS)},
)

RELATIONS_VIEW = Projection(
    name="relations",
    tables=(RELATIONS, SUCCESSIONS),
    views={ContractHeard: _by_type(RELATION_STEPS)},
)


async def _supersede(
    rows: Rows, table: Table, seen: Seen, key: Mapping[str, Any], **columns: Any
) -> None:
    """The row that stood is kept with its end; the new one stands from now on."""
    before = await rows.get(table, **key, until_position=STANDS)
    if before is not None:
        ended = {"until_position": seen.position, "recorded_to": seen.recorded_at}
        rows.put(table, **{**before, **ended})
    rows.put(
        table,
        **key,
        until_position=STANDS,
        from_position=seen.position,
        recorded_from=seen.recorded_at,
        recorded_to=None,
        **columns,
    )


def _reported_on(heard: ContractHeard) -> date:
    """When the source first said so: for back-filled records the day it was identified."""
    if heard.data.get("backfill"):
        return day_of(heard.data["identified_on"])
    return day_of(heard.time)
