"""One assurance activity, as it stands and every version of it; and counts of many."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.assurance.api.viewer import Viewer, viewer_of
from services.assurance.domain.activity.relations import relations
from services.assurance.domain.activity.state import ACTIVITY, Activity
from services.assurance.domain.case.state import CASE
from services.assurance.projections import queries
from shared.kernel.decider import Actor
from shared.kernel.messages import event_name
from shared.kernel.words import Day, Id, OdsCode
from shared.web.context import Web
from shared.web.paging import Page


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["activities"])

    @router.get("/activities/{activity}", dependencies=[web.after("activities")])
    async def read_activity(
        activity: Id, request: Request, actor: Annotated[Actor, web.actor("read_activity")]
    ) -> Response:
        """An activity with findings and support agreed; the first record stays readable."""
        story = await web.reach.story(ACTIVITY, activity)
        state = ACTIVITY.fold([event for event, _ in story])
        viewer = await viewer_of(web, actor)
        web.require("read_activity", actor, await _relations(web, viewer, state))
        return web.versioned(request, len(story), _shown(activity, state, story))

    @router.get("/activity-modes", dependencies=[web.after("cases"), web.after("activity_modes")])
    async def list_modes(
        actor: Annotated[Actor, web.actor("count_activities")],
        page: Annotated[Page, web.paging],
        provider: Annotated[OdsCode | None, Query()] = None,
        since: Annotated[Day | None, Query(description="Inclusive.")] = None,
        until: Annotated[Day | None, Query(description="Inclusive.")] = None,
    ) -> Response:
        """How many activities on your cases looked into each provider in each way: counts of what
        was recorded and stands, not rates."""
        viewer = await viewer_of(web, actor)
        rows = await web.reach.read(
            queries.modes_of_activities(
                viewer.codes, provider, since, until, page.after, page.limit + 1
            )
        )
        shown = [queries.shown_mode(row) for row in rows]
        return page.reply(shown, lambda row: (row["provider"], row["mode"]))

    return router


async def _relations(web: Web, viewer: Viewer, activity: Activity) -> frozenset[str]:
    """What the caller is to the activity itself, and to each case that it was about."""
    found = relations(activity, viewer.actor)
    for id_ in activity.ids_of("case"):
        case, _ = await web.reach.load(CASE, id_)
        found |= viewer.to_case(case)
    return found


def _shown(id_: str, activity: Activity, story: Any) -> dict[str, Any]:
    versions = [
        {"version": at.version, "recorded_at": at.recorded_at, "what": event_name(type(one))}
        | _fields(one)
        for one, at in story
    ]
    return {
        "id": id_,
        "version": len(story),
        "withdrawn": activity.withdrawn_on is not None,
        "erased": activity.erased,
        **_fields(activity.content),
        "versions": versions,
        "links": {"self": f"/assurance/activities/{id_}"},
    }


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in type(event).__dataclass_fields__}
