"""What was told of the cases that a caller takes part in, by log position, as pages or a stream."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy import select

from services.assurance.api.viewer import Viewer, viewer_of
from services.assurance.projections import told
from shared.kernel.decider import Actor
from shared.log.tables import PUBLISHED
from shared.web.answers import answer
from shared.web.auth import principal_of
from shared.web.context import Web
from shared.web.series import Item, item_of, judged, number

TOPIC = "opendoor.assurance.v1"
EVENT_STREAM = "text/event-stream"


class ToldSeries:
    """All that assurance told, numbered by log position; who sees what is picked for each caller.

    Its head is what the read model has applied, not the log's own: an item that is not yet known
    to be anybody's must not be passed by.
    """

    def __init__(self, web: Web) -> None:
        self._reach = web.reach

    async def head(self) -> int:
        rows = await self._reach.read(told.told_head())
        return rows[0].position or 0

    async def oldest(self) -> int:
        return 1

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        rows = await self._reach.read(told.told(n, limit))
        return await self.at([row.position for row in rows])

    async def at(self, positions: Sequence[int]) -> Sequence[Item]:
        """The items at some positions, in order."""
        if not positions:
            return []
        statement = (
            select(PUBLISHED)
            .where(PUBLISHED.c.topic == TOPIC, PUBLISHED.c.position.in_(positions))
            .order_by(PUBLISHED.c.position)
        )
        return [item_of(row, row.position) for row in await self._reach.read(statement)]


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["events"])
    series = ToldSeries(web)

    @router.get("/events", dependencies=[web.after("cases")])
    async def read_events(
        request: Request,
        actor: Annotated[Actor, web.actor("read_case_stream")],
        after: Annotated[str | None, Query(description="Position of the last item seen.")] = None,
        last_event_id: Annotated[
            str | None, Header(description="The same, as event-stream clients send it.")
        ] = None,
        accept: Annotated[str, Header(description=f"`{EVENT_STREAM}` for a live stream.")] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> Response:
        """Contracts about your cases, each naming the one before it in your view (`previous`)."""
        viewer = await viewer_of(web, actor)
        given = [number(text) for text in (after, last_event_id) if text is not None]
        live = EVENT_STREAM in accept
        start = max(given, default=await series.head() if live else 0)
        await judged(series, start, (await web.log.head()).position)
        if live:
            return await _stream(web, series, request, viewer, start)
        return await _page(web, series, request, viewer, start, limit)

    return router


async def _before(web: Web, viewer: Viewer, position: int) -> int:
    rows = await web.reach.read(told.told_before(viewer.codes, position))
    return rows[0].position or 0


async def _page(
    web: Web, series: ToldSeries, request: Request, viewer: Viewer, start: int, limit: int
) -> Response:
    rows = await web.reach.read(told.told_to(viewer.codes, start, limit))
    previous = await _before(web, viewer, start)
    items = []
    for item in await series.at([row.position for row in rows]):
        items.append(orjson.Fragment(item.naming(previous)))
        previous = item.n
    path = request.scope.get("root_path", "") + "/events"
    last = rows[-1].position if rows else start
    links = {"next": f"{path}?after={last}&limit={limit}"}
    return answer({"items": items, "head": await series.head(), "links": links})


async def _stream(
    web: Web, series: ToldSeries, request: Request, viewer: Viewer, start: int
) -> Response:
    async def pick(item: Item) -> bool:
        return bool(await web.reach.read(told.is_shown(viewer.codes, item.n)))

    principal = principal_of(request)
    # Tokens live in real time, whatever the clock of the story says.
    life = principal and (principal.expires_at - datetime.now(UTC)).total_seconds()
    return web.hub.stream(
        series,
        start,
        pick=pick,
        previous=await _before(web, viewer, start),
        expires_in=life or None,
    )
