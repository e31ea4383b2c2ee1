"""Events: the list, one event, its versions, its story, and what was submitted about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.intake.api.listed import listed
from services.intake.api.reading import Sight, sight_of, told
from services.intake.api.shown import (
    RECORD,
    SUBMISSIONS,
    investigation_shown,
    record_shown,
    withheld_from,
)
from services.intake.api.timeline import timeline_shown, versions_shown
from services.intake.domain.access import ACCESS, Part
from services.intake.domain.incident.messages.classification import Outcome
from services.intake.domain.incident.messages.report import Kind
from services.intake.projections import queries
from services.intake.projections.queries import Sought, reader_of
from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound
from shared.kernel.words import Code, Day, Id, Moment, OdsCode
from shared.nhs.harm import HarmWord
from shared.web.context import Web
from shared.web.paging import Page


def sought(
    organisation: Annotated[
        OdsCode | None, Query(description="Told of it, gave the care or leads it.")
    ] = None,
    kind: Annotated[Kind | None, Query()] = None,
    harm: Annotated[HarmWord | None, Query(description="Worst harm to any patient.")] = None,
    service_area: Annotated[Code | None, Query()] = None,
    never_event_type: Annotated[Code | None, Query(description="By the standing word.")] = None,
    never_event: Annotated[Outcome | None, Query(description="The outcome that stands.")] = None,
    occurred_since: Annotated[Day | None, Query()] = None,
    occurred_until: Annotated[Day | None, Query()] = None,
    recorded_since: Annotated[Moment | None, Query()] = None,
    updated_since: Annotated[Moment | None, Query()] = None,
    withheld: Annotated[
        bool | None, Query(description="Whether passages wait to be released or corrected.")
    ] = None,
    proposed: Annotated[
        bool | None, Query(description="Whether a rule waits for a person to decide.")
    ] = None,
    withdrawn: Annotated[bool | None, Query()] = None,
) -> Sought:
    """What a list of events is narrowed to; days are inclusive."""
    return Sought(
        organisation=organisation,
        kind=kind,
        worst_harm=harm,
        service_area=service_area,
        never_event_type=never_event_type,
        never_event_outcome=never_event,
        occurred_since=occurred_since,
        occurred_until=occurred_until,
        recorded_since=recorded_since,
        updated_since=updated_since,
        withheld=withheld,
        proposed=proposed,
        withdrawn=withdrawn,
    )


def routes(web: Web) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter(tags=["events"])
    reading = Annotated[Actor, web.actor("read_event")]

    @router.get("/events", dependencies=[web.after("events")])
    async def list_events(
        actor: Annotated[Actor, web.actor("list_events")],
        page: Annotated[Page, web.paging],
        narrowed: Annotated[Sought, Depends(sought)],
    ) -> Response:
        """The events that you may see, in codes, newest report first."""
        reader = await reader_of(web.reach, actor)
        after = int(page.after[0] or 0) if page.after else None
        statement = queries.incidents(reader, narrowed, after, page.limit + 1)
        rows = await web.reach.read(statement)
        return page.reply([listed(row, reader) for row in rows], lambda row: (row["reported"],))

    @router.get("/events/{event}", dependencies=[web.after("events")])
    async def read_event(event: Id, request: Request, actor: reading) -> Response:
        """One event as it stands. Elsewhere flagged passages are withheld, and it is recorded
        who read."""
        return await _record(web, request, await sight_of(web, event, actor), "record")

    @router.get("/events/{event}/versions", dependencies=[web.after("events")])
    async def list_versions(event: Id, request: Request, actor: reading) -> Response:
        """Every version, with what made it."""
        sight = await sight_of(web, event, actor)
        items = versions_shown(event, sight.story, sight.eye.whole)
        return web.versioned(request, sight.version, {"items": items})

    @router.get("/events/{event}/versions/{version}", dependencies=[web.after("events")])
    async def read_version(event: Id, version: int, request: Request, actor: reading) -> Response:
        """The event as it stood at one version."""
        sight = await sight_of(web, event, actor)
        return await _record(web, request, sight.at(version), "version")

    @router.get("/events/{event}/timeline", dependencies=[web.after("events")])
    async def read_timeline(event: Id, request: Request, actor: reading) -> Response:
        """The whole story in codes and days: the trust's steps, the commissioner's answers, the
        lesson; for the trust also who read the narrative elsewhere."""
        sight = await sight_of(web, event, actor)
        readings = await web.reach.story(ACCESS, event) if sight.eye.whole else ()
        items = timeline_shown(sight.story, readings, sight.eye.whole)
        return web.versioned(request, sight.version + len(readings), {"items": items})

    @router.get("/events/{event}/receipt", dependencies=[web.after("events")])
    async def read_receipt(event: Id, request: Request, actor: reading) -> Response:
        """The receipt of the filing, as it was given. The salt, with which one can try what was
        filed, is for the trust's own, and for nobody once anything of it was erased."""
        sight = await sight_of(web, event, actor)
        receipt = await web.signatures.receipt(event, (row for _, row in sight.story))
        if receipt is None:
            raise NotFound("No receipt was given for this event.")
        salt = {"receipt_salt": web.signatures.salt(event)} if sight.whole_and_unerased else {}
        return web.versioned(request, sight.version, {"receipt": receipt, **salt})

    @router.get("/events/{event}/investigation", dependencies=[web.after("events")])
    async def read_investigation(event: Id, request: Request, actor: reading) -> Response:
        """What was submitted: every initial review and investigation, in order."""
        sight = await sight_of(web, event, actor)
        story = [one for one, _ in sight.story]
        body = investigation_shown(event, sight.version, sight.incident, story, sight.eye)
        withheld = withheld_from(sight.incident, SUBMISSIONS, sight.eye)
        return await told(web, request, sight, body, "investigation", withheld)

    return router


async def _record(web: Web, request: Request, sight: Sight, part: Part) -> Response:
    body: Any = record_shown(sight.id, sight.version, sight.incident, sight.eye)
    return await told(
        web, request, sight, body, part, withheld_from(sight.incident, RECORD, sight.eye)
    )
