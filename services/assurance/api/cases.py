"""Cases: the list, one case whole, and its learning."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.assurance.api.viewer import story_of, viewer_of
from services.assurance.domain.access import RecordReading
from services.assurance.domain.case.messages import Outcome
from services.assurance.domain.case.state import Case
from services.assurance.projections import dossier, queries
from services.assurance.projections.queries import CaseFilter
from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound
from shared.kernel.words import Code, Day, Id, OdsCode
from shared.nhs.frameworks import FrameworkId
from shared.web.answers import answer
from shared.web.context import Web
from shared.web.paging import Page


def case_filter(
    provider: Annotated[OdsCode | None, Query()] = None,
    commissioner: Annotated[OdsCode | None, Query(description="Lead of the day, or now.")] = None,
    state: Annotated[Code | None, Query()] = None,
    category: Annotated[Code | None, Query()] = None,
    level: Annotated[int | None, Query(ge=1, le=3)] = None,
    framework: Annotated[FrameworkId | None, Query()] = None,
    never_event: Annotated[Outcome | None, Query(description="The outcome that stands.")] = None,
    never_event_type: Annotated[Code | None, Query()] = None,
    opened_from: Annotated[Day | None, Query()] = None,
    opened_to: Annotated[Day | None, Query()] = None,
    closed_from: Annotated[Day | None, Query()] = None,
    closed_to: Annotated[Day | None, Query()] = None,
    unrouted: Annotated[bool | None, Query()] = None,
) -> CaseFilter:
    """What a list of cases is narrowed to; days are inclusive."""
    return CaseFilter(
        provider=provider,
        commissioner=commissioner,
        state=state,
        category=category,
        level=level,
        framework=framework,
        never_event=never_event,
        never_event_type=never_event_type,
        opened_from=opened_from,
        opened_to=opened_to,
        closed_from=closed_from,
        closed_to=closed_to,
        unrouted=unrouted,
    )


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["cases"])

    @router.get("/cases", dependencies=[web.after("cases")])
    async def list_cases(
        actor: Annotated[Actor, web.actor("list_cases")],
        page: Annotated[Page, web.paging],
        narrowed: Annotated[CaseFilter, Depends(case_filter)],
    ) -> Response:
        """The cases that you take part in, newest first."""
        viewer = await viewer_of(web, actor)
        rows = await web.reach.read(
            queries.cases(viewer.codes, narrowed, page.after, page.limit + 1)
        )
        shown = [queries.shown_case(row) for row in rows]
        return page.reply(shown, lambda row: (row["opened_on"].isoformat(), row["id"]))

    @router.get("/cases/{case}", dependencies=[web.after("cases")])
    async def read_case(
        case: Id, request: Request, actor: Annotated[Actor, web.actor("read_case")]
    ) -> Response:
        """One case whole: parties, clocks, submissions with criteria, activities, timeline."""
        viewer, story = await viewer_of(web, actor), await story_of(web, case)
        web.require("read_case", actor, viewer.to_case(dossier.folded(story)))
        return web.versioned(request, len(story), dossier.dossier(story, viewer.today))

    @router.get("/cases/{case}/learning", dependencies=[web.after("cases")])
    async def read_learning(
        case: Id, actor: Annotated[Actor, web.actor("read_learning")]
    ) -> Response:
        """What the commissioner wrote on closing, for authors of lessons; each reading is kept.
        To authors elsewhere what could name somebody is withheld."""
        viewer, story = await viewer_of(web, actor), await story_of(web, case)
        state = dossier.folded(story)
        relations = viewer.to_case(state) | _come_to(actor, state)
        web.require("read_learning", actor, relations)
        found = dossier.learning(story, whole="lead" in relations)
        if found is None:
            raise NotFound("No learning is to be read here.")
        await web.record(case, RecordReading(), actor)
        return answer(found)

    return router


def _come_to(actor: Actor, case: Case) -> frozenset[str]:
    """The learning of a closed case comes to the national body, whose authors make lessons."""
    national = actor.kind == "national" and case.closed_on is not None
    return frozenset({"national"} if national else ())
