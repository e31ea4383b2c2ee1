"""Views of a series of which each caller sees a part, as pages or live: one way for both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import orjson
from fastapi import Depends, Header, Query, Request, Response

from shared.web.answers import answer
from shared.web.context import Web
from shared.web.paging import DEFAULT_LIMIT, LIMIT
from shared.web.series import AFTER, LAST_EVENT_ID, Item, Series, judged, newest_of
from shared.web.sse import EVENT_STREAM

LIVE_TOO: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
}
"""What a route that is `shown` says to OpenAPI beside its JSON page."""

_NONE_OF_IT = re.compile(r"q\s*=\s*0(?:\.0{0,3})?\Z")


class View(Protocol):
    """What one caller sees of a series."""

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        """The first items with a number > `n` that the caller sees, in order."""
        ...

    async def before(self, n: int) -> int:
        """The newest number up to `n` that the caller sees, 0 where there is none."""
        ...

    async def sees(self, item: Item) -> bool:
        """Whether the caller sees an item, asked anew for each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOn:
    """How a caller reads on: behind number `after`, live or as a page of up to `limit`."""

    after: int
    live: bool
    limit: int


def read_on(web: Web, series: Series) -> Any:
    """The dependency that gives the `ReadOn` asked for, judged before the first byte (S4, S7).

    Without a number a page starts before the first item, a stream at the head.
    """

    async def reading_on(
        after: Annotated[str | None, AFTER] = None,
        last_event_id: Annotated[str | None, LAST_EVENT_ID] = None,
        accept: Annotated[str, Header(description=f"`{EVENT_STREAM}` for a live stream.")] = "",
        limit: Annotated[int, Query(ge=1, le=LIMIT)] = DEFAULT_LIMIT,
    ) -> ReadOn:
        live = _wants_stream(accept)
        start = newest_of(after, last_event_id)
        if start is None:
            start = await series.head() if live else 0
        await judged(series, start, (await web.log.head()).position)
        return ReadOn(after=start, live=live, limit=limit)

    return Depends(reading_on)


def _wants_stream(accept: str) -> bool:
    """Whether an Accept header names an event stream, other than to rule it out (`q=0`)."""
    for one in accept.lower().split(","):
        media, *parameters = (part.strip() for part in one.split(";"))
        if media == EVENT_STREAM:
            return not any(_NONE_OF_IT.match(part) for part in parameters)
    return False


async def shown(web: Web, request: Request, series: Series, view: View, asked: ReadOn) -> Response:
    """The live stream or the page asked for; each item names the one before it in the view (S2)."""
    previous = await view.before(asked.after)
    if asked.live:
        return web.stream(request, series, asked.after, pick=view.sees, previous=previous)
    items = await view.after(asked.after, asked.limit)
    link = _next(request, items, asked)
    body = {
        "items": _naming(items, previous),
        "head": await series.head(),
        "links": {"next": link},
    }
    return answer(body, headers={"Link": f'<{link}>; rel="next"'})


def _naming(items: Sequence[Item], previous: int) -> list[orjson.Fragment]:
    before = (previous, *(one.n for one in items))
    return [orjson.Fragment(one.naming(n)) for one, n in zip(items, before, strict=False)]


def _next(request: Request, items: Sequence[Item], asked: ReadOn) -> str:
    last = items[-1].n if items else asked.after
    return f"{request.scope['path']}?after={last}&limit={asked.limit}"
