"""One assurance activity: as it stands, and every version of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from services.assurance.api.viewer import Viewer, viewer_of
from services.assurance.domain.activity.relations import relations
from services.assurance.domain.activity.state import ACTIVITY, Activity
from services.assurance.domain.case.state import CASE
from shared.kernel.decider import Actor
from shared.kernel.messages import event_name
from shared.kernel.words import Id
from shared.web.context import Web


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
