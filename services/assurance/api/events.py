"""What was told of the cases that a caller takes part in, by log position, as pages or a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from services.assurance.api.viewer import Viewer, viewer_of
from services.assurance.projections import told
from shared.kernel.decider import Actor
from shared.log.tables import PUBLISHED
from shared.projections.reach import Reach
from shared.web.context import Web
from shared.web.filtered import LIVE_TOO, ReadOn, read_on, shown
from shared.web.series import Item, item_of

TOPIC = "opendoor.assurance.v1"


class ToldSeries:
    """All that assurance told, numbered by log position; who sees what is picked for each caller.

    Its head is what the read model has applied, not the log's own: an item that is not yet known
    to be anybody's must not be passed by.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def head(self) -> int:
        rows = await self._reach.read(told.told_head())
        return rows[0].position or 0

    async def oldest(self) -> int:
        return 1

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        rows = await self._reach.read(told.told(n, limit))
        return await _items_at(self._reach, [row.position for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTo:
    """What one caller is shown of it."""

    reach: Reach
    viewer: Viewer

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        rows = await self.reach.read(told.told_to(self.viewer.codes, n, limit))
        return await _items_at(self.reach, [row.position for row in rows])

    async def before(self, n: int) -> int:
        rows = await self.reach.read(told.told_before(self.viewer.codes, n))
        return rows[0].position or 0

    async def sees(self, item: Item) -> bool:
        return bool(await self.reach.read(told.is_shown(self.viewer.codes, item.n)))


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["events"])
    series = ToldSeries(web.reach)

    @router.get("/events", dependencies=[web.after("cases")], responses=LIVE_TOO)
    async def read_events(
        request: Request,
        actor: Annotated[Actor, web.actor("read_case_stream")],
        asked: Annotated[ReadOn, read_on(web, series)],
    ) -> Response:
        """Contracts about your cases, each naming the one before it in your view (`previous`)."""
        view = ToldTo(reach=web.reach, viewer=await viewer_of(web, actor))
        return await shown(web, request, series, view, asked)

    return router


async def _items_at(reach: Reach, positions: Sequence[int]) -> Sequence[Item]:
    if not positions:
        return []
    statement = (
        select(PUBLISHED)
        .where(PUBLISHED.c.topic == TOPIC, PUBLISHED.c.position.in_(positions))
        .order_by(PUBLISHED.c.position)
    )
    return [item_of(row, row.position) for row in await reach.read(statement)]
