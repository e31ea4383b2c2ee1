"""Who does what, in plain words for anybody, and by name for the parties of a case."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.assurance.api.viewer import story_of, viewer_of
from services.assurance.projections import dossier
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor
from shared.kernel.words import Day, Id
from shared.nhs.frameworks import FRAMEWORKS, FrameworkId
from shared.nhs.frameworks import framework as framework_of
from shared.nhs.roles import STEPS, holders, words
from shared.web.answers import answer
from shared.web.context import Web


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["roles"])

    @router.get("/roles", dependencies=[web.after("cases")])
    async def read_roles(
        actor: Annotated[Actor, web.actor("read_roles")],
        framework: Annotated[FrameworkId | None, Query()] = None,
        case: Annotated[Id | None, Query(description="Needs a token of a party.")] = None,
        on: Annotated[Day | None, Query(description="A London day; today by default.")] = None,
    ) -> Response:
        """Each step of a framework: who holds it and what happens next. With `case`, the
        organisations that hold its steps on that day."""
        day = on or london_day(web.reach.clock.now())
        if case is not None:
            return answer(await _of_case(web, actor, case, day))
        shown = [framework] if framework else list(FRAMEWORKS)
        return answer({"on": day, "frameworks": [_of_framework(one, day) for one in shown]})

    return router


async def _of_case(web: Web, actor: Actor, case: str, on: date) -> dict[str, Any]:
    viewer, story = await viewer_of(web, actor), await story_of(web, case)
    web.require("read_case", actor, viewer.to_case(dossier.folded(story)))
    then = dossier.folded(story, until=on)
    roles = dossier.roles_of(then, on) if then.opened else ()
    return {"case": case, "on": on, "roles": roles}


def _of_framework(framework: str, on: date) -> dict[str, Any]:
    return {
        "framework": framework,
        "title": framework_of(framework).title,
        "steps": [_step(framework, step, on) for step in STEPS],
    }


def _step(framework: str, step: str, on: date) -> dict[str, Any]:
    said = words(framework, step)
    held = holders(framework, step, on)
    return {
        "step": step,
        "title": said.title,
        "text": said.text,
        "next": said.next,
        "holders": [
            {"responsibility": role.responsibility, "holder": role.holder} for role in held
        ],
        "clocks": sorted({clock for role in held for clock in role.clocks}),
    }
