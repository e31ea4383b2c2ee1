"""What waits and what is due: the worklist and the clocks."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from services.assurance.api.viewer import viewer_of
from services.assurance.projections import worklist
from services.assurance.projections.worklist import FAR, ListFilter
from shared.kernel.decider import Actor
from shared.kernel.words import Code, Day, OdsCode, Whole
from shared.web.context import Web
from shared.web.paging import Page

View = Literal["all", "mine", "due", "overdue", "unrouted"]
SOON = timedelta(days=7)
"""How far ahead the view `due` looks where no number of days is named."""


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["worklist"])

    @router.get("/worklist", dependencies=[web.after("cases")])
    async def read_worklist(
        actor: Annotated[Actor, web.actor("read_worklist")],
        page: Annotated[Page, web.paging],
        view: Annotated[View, Query(description="Which items; `mine`: those you hold.")] = "all",
        owner: Annotated[OdsCode | None, Query(description="Who holds the item.")] = None,
        item: Annotated[Code | None, Query()] = None,
        within_days: Annotated[Whole | None, Query(le=366, description="For `due`.")] = None,
    ) -> Response:
        """What waits in your cases: with whom, since when, due when; the first due first."""
        viewer = await viewer_of(web, actor)
        ahead = SOON if within_days is None else timedelta(days=within_days)
        narrowed = ListFilter(
            mine=view == "mine",
            overdue_on=viewer.today if view == "overdue" else None,
            due_by=viewer.today + ahead if view == "due" else None,
            owner=owner,
            item="reroute" if view == "unrouted" else item,
        )
        rows = await web.reach.read(
            worklist.worklist(viewer.codes, narrowed, page.after, page.limit + 1)
        )
        shown = [worklist.shown_item(row, viewer.today, viewer.person) for row in rows]
        return page.reply(
            shown, lambda row: ((row["due"] or FAR).isoformat(), row["case"], row["item"])
        )

    @router.get("/clocks", dependencies=[web.after("cases")])
    async def read_clocks(
        actor: Annotated[Actor, web.actor("read_clocks")],
        page: Annotated[Page, web.paging],
        due_before: Annotated[Day | None, Query(description="Exclusive.")] = None,
        running: Annotated[bool | None, Query()] = True,
    ) -> Response:
        """The clocks of your cases, the first due first, with their first due day."""
        viewer = await viewer_of(web, actor)
        rows = await web.reach.read(
            worklist.clocks(viewer.codes, due_before, running, page.after, page.limit + 1)
        )
        shown = [
            {
                "case": row.case_id,
                "provider": row.provider,
                "commissioner": row.lead,
                **worklist.shown_clock(row, viewer.today),
                "links": {"case": f"/assurance/cases/{row.case_id}"},
            }
            for row in rows
        ]
        return page.reply(
            shown, lambda row: (row["due"].isoformat(), row["case"], row["rule"], row["n"])
        )

    return router
