"""National tables, projected from what was heard: as this log knew it, or the sources, by a day."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from services.learning.domain.rules.national import NationalTable, never_events
from services.learning.projections import queries
from shared.kernel.clock import LONDON
from shared.kernel.decider import Actor
from shared.kernel.words import Day, DayOrMoment
from shared.nhs.periods import financial_year
from shared.projections.reach import Reach
from shared.web.answers import answer
from shared.web.context import Web


def _year(label: str) -> str:
    try:
        financial_year(label)
    except ValueError:
        raise PydanticCustomError("year", "write a year as 2023/24") from None
    return label


def routes(web: Web) -> APIRouter:
    """Counts for England: nothing in them is suppressed, as they are national totals by type."""
    router = APIRouter(tags=["national"])

    @router.get("/national/never-events", dependencies=[web.after("national")])
    async def national_never_events(
        actor: Annotated[Actor, web.actor("read_national_table")],
        year: Annotated[
            str,
            AfterValidator(_year),
            Query(
                description="A financial year, 2023/24.",
                json_schema_extra={"pattern": "^[0-9]{4}/[0-9]{2}$"},
            ),
        ],
        by: Annotated[Literal["type"], Query()] = "type",
        as_at: Annotated[
            DayOrMoment | None, Query(description="What this log knew then; a day means its end.")
        ] = None,
        known_on: Annotated[
            Day | None, Query(description="What the sources had said by the end of that day.")
        ] = None,
    ) -> Response:
        """Never events by type, one table a list; under review and not meeting stand beside."""
        table = await national_table(web.reach, year, before(as_at), known_on)
        asked = {"as_at": as_at or web.reach.clock.now()}
        if known_on is not None:
            asked["known_on"] = known_on
        return answer(shown(table, asked))

    return router


def before(as_at: date | datetime | None) -> datetime | None:
    """The instant before which something must have been recorded: a day counts to its end in
    London, an instant includes itself; None asks for what is known now."""
    if as_at is None:
        return None
    if isinstance(as_at, datetime):
        return as_at + timedelta(microseconds=1)
    return datetime.combine(as_at + timedelta(days=1), time(), LONDON)


async def national_table(
    reach: Reach, year: str, recorded_before: datetime | None, known_on: date | None
) -> NationalTable:
    """The year's tables. Raises ValueError for a year that is none, such as 2023/99."""
    first, last = financial_year(year)
    history = known_on is not None
    incidents = await reach.read(queries.national_incidents(first, last, recorded_before, history))
    decisions = await reach.read(queries.national_decisions(first, last, recorded_before, history))
    return never_events(
        year,
        [queries.incident_version(row) for row in incidents],
        [queries.decision(row) for row in decisions],
        known_on,
    )


def shown(table: NationalTable, asked: dict[str, Any]) -> dict[str, Any]:
    """`{year, as_at, lists, total}`; `known_on` where that was asked."""
    body = asdict(table)
    return {"year": body["year"], **asked, "lists": body["lists"], "total": body["total"]}
