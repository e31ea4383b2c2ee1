"""Who commissions whom, and who took over from whom."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.assurance.projections import queries, visibility
from shared.kernel.decider import Actor
from shared.kernel.words import Day, OdsCode
from shared.web.answers import answer
from shared.web.context import Web
from shared.web.paging import Page


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["relations"])

    @router.get("/relations", dependencies=[web.after("commissioning")])
    async def list_relations(
        actor: Annotated[Actor, web.actor("read_relations")],
        page: Annotated[Page, web.paging],
        provider: Annotated[OdsCode | None, Query()] = None,
        commissioner: Annotated[OdsCode | None, Query()] = None,
        on: Annotated[Day | None, Query(description="Only what holds on that London day.")] = None,
    ) -> Response:
        """Commissioning relations, as an operator recorded them."""
        rows = await web.reach.read(
            queries.relations(provider, commissioner, on, page.after, page.limit + 1)
        )
        return page.reply(
            [queries.shown_relation(row) for row in rows],
            lambda row: (
                row["provider"],
                row["commissioner"],
                row["role"],
                " ".join(row["scope"]),
                row["since"].isoformat(),
            ),
        )

    @router.get("/relations/{provider}", dependencies=[web.after("commissioning")])
    async def read_relations(
        provider: OdsCode, actor: Annotated[Actor, web.actor("read_relations")]
    ) -> Response:
        """All relations of one provider."""
        rows = await web.reach.read(queries.relations(provider, None, None, None, 1000))
        return answer(
            {"provider": provider, "items": [queries.shown_relation(row) for row in rows]}
        )

    @router.get("/successions", dependencies=[web.after("commissioning")])
    async def list_successions(
        actor: Annotated[Actor, web.actor("read_relations")],
    ) -> Response:
        """Which organisation took over everything of which other, and from which day."""
        rows = await web.reach.read(visibility.successions())
        shown = [{"former": row.former, "successor": row.successor, "on": row.on} for row in rows]
        return answer({"items": sorted(shown, key=lambda one: str(one["former"]))})

    @router.get("/successions/{former}", dependencies=[web.after("commissioning")])
    async def read_succession(
        former: OdsCode, actor: Annotated[Actor, web.actor("read_relations")]
    ) -> Response:
        """Who took over from an organisation."""
        rows = await web.reach.read(visibility.successions())
        row = web.found([one for one in rows if one.former == former])
        return answer({"former": row.former, "successor": row.successor, "on": row.on})

    return router
