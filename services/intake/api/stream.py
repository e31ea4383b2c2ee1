"""What happened to the events that a caller may see, by log position, as pages or a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import APIRouter, Request, Response

from services.intake.domain.incident.relations import Involved
from services.intake.projections import queries
from services.intake.projections.queries import Reader, involved_in_row, reader_of, relations_to
from shared.kernel.decider import Actor
from shared.projections.reach import Reach
from shared.web.answers import dumps
from shared.web.context import Web
from shared.web.filtered import LIVE_TOO, ReadOn, read_on, shown
from shared.web.series import Item

PATH = "/events/changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Item):
    """One change, with whose event it is; `home`: for the trust alone."""

    involved: Involved
    home: bool


class ChangeSeries:
    """All changes, numbered by log position; who sees what is picked for each caller.

    Its head is what the read model has applied, not the log's own: a change that is not yet there
    must not be passed by.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def head(self) -> int:
        return await _newest(self._reach)

    async def oldest(self) -> int:
        return 1

    async def after(self, n: int, limit: int) -> Sequence[Change]:
        return [_change(row) for row in await self._reach.read(queries.changes(n, limit))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChanges:
    """What one reader sees of them."""

    web: Web
    reader: Reader

    async def after(self, n: int, limit: int) -> Sequence[Change]:
        rows = await self.web.reach.read(queries.changes(n, limit, self.reader))
        return [_change(row) for row in rows]

    async def before(self, n: int) -> int:
        return await _newest(self.web.reach, self.reader, n)

    async def sees(self, item: Item) -> bool:
        # Asked anew for every item: relations and successions change while a stream runs.
        change = cast("Change", item)
        now = await reader_of(self.web.reach, self.reader.actor)
        relations = await relations_to(self.web.reach, now, change.involved)
        return self.web.allowed("read_event", now.actor, relations) and (
            not change.home or "own" in relations
        )


def routes(web: Web) -> APIRouter:
    """The route of one running service; it stands before `/events/{event}`."""
    router = APIRouter(tags=["events"])
    series = ChangeSeries(web.reach)

    @router.get(PATH, dependencies=[web.after("events")], responses=LIVE_TOO)
    async def read_changes(
        request: Request,
        actor: Annotated[Actor, web.actor("read_changes")],
        asked: Annotated[ReadOn, read_on(web, series)],
    ) -> Response:
        """Changes to the events that you may see, each naming the one before it in your view
        (`previous`); the sequence is the log position, so it has gaps."""
        view = ShownChanges(web=web, reader=await reader_of(web.reach, actor))
        return await shown(web, request, series, view, asked)

    return router


async def _newest(reach: Reach, reader: Reader | None = None, upto: int | None = None) -> int:
    rows = await reach.read(queries.newest_change(reader, upto))
    return rows[0][0] or 0


def _change(row: Any) -> Change:
    told = {
        "sequence": f"{row.position:020d}",
        "type": row.type,
        "event": row.incident,
        "version": row.version,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "details": row.details,
        "links": {"event": f"/intake/events/{row.incident}"},
    }
    return Change(
        n=row.position,
        type=row.type,
        data=dumps(told),
        involved=involved_in_row(row),
        home=row.home,
    )
