"""What happened to the events that a caller may see, by log position, as pages or a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from services.intake.domain.incident.relations import Involved
from services.intake.projections import queries
from services.intake.projections.queries import Reader, involved_in_row, reader_of, relations_to
from shared.kernel.decider import Actor
from shared.projections.reach import Reach
from shared.web.answers import answer, dumps
from shared.web.auth import principal_of
from shared.web.context import Web
from shared.web.series import Item, judged, number

EVENT_STREAM = "text/event-stream"
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


def routes(web: Web) -> APIRouter:
    """The route of one running service; it stands before `/events/{event}`."""
    router = APIRouter(tags=["events"])
    series = ChangeSeries(web.reach)

    @router.get(PATH, dependencies=[web.after("events")])
    async def read_changes(
        request: Request,
        actor: Annotated[Actor, web.actor("read_changes")],
        after: Annotated[str | None, Query(description="Sequence of the last item seen.")] = None,
        last_event_id: Annotated[
            str | None, Header(description="The same, as event-stream clients send it.")
        ] = None,
        accept: Annotated[str, Header(description=f"`{EVENT_STREAM}` for a live stream.")] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> Response:
        """Changes to the events that you may see, each naming the one before it in your view
        (`previous`); the sequence is the log position, so it has gaps."""
        given = [number(text) for text in (after, last_event_id) if text is not None]
        live = EVENT_STREAM in accept
        start = max(given, default=await series.head() if live else 0)
        await judged(series, start, (await web.log.head()).position)
        reader = await reader_of(web.reach, actor)
        if live:
            return await _stream(web, series, request, reader, start)
        return await _page(web, request, reader, start, limit)

    return router


async def _page(web: Web, request: Request, reader: Reader, start: int, limit: int) -> Response:
    rows = await web.reach.read(queries.changes(start, limit, reader))
    previous = await _newest(web.reach, reader, start)
    items = []
    for item in map(_change, rows):
        items.append(orjson.Fragment(item.naming(previous)))
        previous = item.n
    path = request.scope.get("root_path", "") + PATH
    last = rows[-1].position if rows else start
    links = {"next": f"{path}?after={last}&limit={limit}"}
    return answer({"items": items, "head": await _newest(web.reach), "links": links})


async def _stream(
    web: Web, series: ChangeSeries, request: Request, reader: Reader, start: int
) -> Response:
    async def pick(item: Item) -> bool:
        # Asked anew for every item: relations and successions change while a stream runs.
        change = cast("Change", item)
        now = await reader_of(web.reach, reader.actor)
        relations = await relations_to(web.reach, now, change.involved)
        return web.allowed("read_event", now.actor, relations) and (
            not change.home or "own" in relations
        )

    principal = principal_of(request)
    # Tokens live in real time, whatever the clock of the story says.
    life = principal and (principal.expires_at - datetime.now(UTC)).total_seconds()
    previous = await _newest(web.reach, reader, start)
    return web.hub.stream(series, start, pick=pick, previous=previous, expires_in=life or None)


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
