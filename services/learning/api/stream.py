"""The published series: live, or from any point on, in the very bytes in which it was told."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared.kernel.decider import Actor
from shared.web.answers import JSON
from shared.web.context import Web
from shared.web.filtered import ReadOn
from shared.web.filtered import shown as shown_filtered
from shared.web.public_items import PublicItems
from shared.web.series import Series, judged, number
from shared.web.sse import EventStream

TOPIC = "opendoor.learning.v1"
LIMIT = 100
DEFAULT_LIMIT = 50
WHOLE = frozenset({"national", "regulator", "investigator"})
"""Kinds that get the series whole; everybody else gets its public items (E6)."""


def routes(web: Web) -> APIRouter:
    """Two views of one total order; `n` is `sequence` in both."""
    router = APIRouter(tags=["stream"])
    told = web.published(TOPIC)

    @router.get("/stream", response_class=EventStream)
    async def stream(
        request: Request,
        actor: Annotated[Actor, web.actor("read_stream")],
        after: Annotated[int, web.resume(told)],
    ) -> Response:
        """Server-sent events: `id` is the sequence, `data` the structured CloudEvent.

        National bodies get the whole series, without gaps. Everybody else gets its public items,
        what organisations answered left out; each names the one before it in `previous`.
        """
        if actor.kind in WHOLE:
            return web.stream(request, told, after)
        asked = ReadOn(after=after, live=True, limit=DEFAULT_LIMIT)
        return await shown_filtered(web, request, told, PublicItems(series=told), asked)

    @router.get("/events")
    async def list_events(
        request: Request,
        actor: Annotated[Actor, web.actor("read_stream")],
        after: Annotated[
            str | None, Query(description="Sequence of the last item seen; from the first without.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT)] = DEFAULT_LIMIT,
    ) -> Response:
        """Items behind a point, `head`, and a `next` link even at the end (S22).

        National bodies get the whole series, without gaps. Everybody else gets its public items,
        what organisations answered left out; each names the one before it in `previous`.
        """
        if actor.kind in WHOLE:
            return await page(told, request.scope["path"], after, limit)
        start = await judged(told, number(after) if after else 0, await told.head())
        asked = ReadOn(after=start, live=False, limit=limit)
        return await shown_filtered(web, request, told, PublicItems(series=told), asked)

    return router


async def page(series: Series, path: str, after: str | None, limit: int) -> Response:
    """A page of a series. The items' bytes stand in it unchanged."""
    head = await series.head()
    start = await judged(series, number(after) if after else 0, head)
    items = await series.after(start, limit)
    last = items[-1].n if items else start
    link = f"{path}?after={last}&limit={limit}"
    tail = orjson.dumps({"head": max(head, last), "links": {"next": link}})
    body = b'{"items":[' + b",".join(item.data for item in items) + b"]," + tail[1:]
    return Response(body, headers={"Link": f'<{link}>; rel="next"'}, media_type=JSON)
