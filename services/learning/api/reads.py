"""Suggestions that wait, lessons as everybody or their authors may read them, and adoption."""

from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from services.learning.domain.lesson.messages import Content
from services.learning.domain.lesson.state import LESSON, Lesson
from services.learning.facts import providers_written_for, screened
from services.learning.projections import queries
from services.learning.projections.successions import acts_for
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor
from shared.kernel.errors import NotAllowed
from shared.kernel.words import Counting, Id, ShortText
from shared.nhs.organisations import Register
from shared.web.answers import answer
from shared.web.context import Web
from shared.web.paging import Page

SuggestionState = Literal["waiting", "taken", "dismissed"]
LessonState = Literal["published", "withdrawn", "draft", "in_review", "approved", "abandoned"]

OWN = frozenset({"own"})
PUBLISHED = frozenset({"published"})
EVERYWHERE = frozenset({"national", "regulator", "investigator"})
"""Kinds that see every organisation's answers."""


def suggestion_routes(web: Web) -> APIRouter:
    """What waits for an author."""
    router = APIRouter(tags=["suggestions"])

    @router.get("/suggestions", dependencies=[web.after("suggestions")])
    async def list_suggestions(
        actor: Annotated[Actor, web.actor("read_suggestions")],
        page: Annotated[Page, web.paging],
        state: Annotated[SuggestionState, Query()] = "waiting",
    ) -> Response:
        """Closed cases with learning, those that have waited longest first: for a national body
        all, for others those of their own and of the providers that they commission today."""
        providers = await providers_written_for(web.reach, actor)
        rows = await web.reach.read(
            queries.suggestions(state, providers, _position(page), page.limit + 1)
        )
        about = {term for row in rows for term in queries.suggestion_terms(row)}
        related = await web.reach.read(queries.lessons_about(about)) if about else ()
        now = web.reach.clock.now()
        shown = [(row.position, queries.suggestion_shown(row, now, related)) for row in rows]
        return _listed(page, shown)

    return router


def lesson_routes(web: Web) -> APIRouter:
    """Lessons: published ones open to everybody, the others for those who write and review."""
    router = APIRouter(tags=["lessons"])

    @router.get("/lessons", dependencies=[web.after("lessons")])
    async def list_lessons(
        actor: Annotated[Actor, web.actor("read_lesson")],
        page: Annotated[Page, web.paging],
        q: Annotated[ShortText | None, Query(description="Words that all must occur.")] = None,
        state: Annotated[LessonState, Query()] = "published",
    ) -> Response:
        """Lessons in one state, newest first; those not published only of the own organisation,
        where words are not searched, as a draft's text is sealed."""
        if state in ("published", "withdrawn"):
            rows = await web.reach.read(
                queries.lessons(state, None, q, _position(page), page.limit + 1)
            )
            return _listed(page, [(row.position, queries.lesson_listed(row)) for row in rows])
        if not web.allowed("read_lesson", actor, OWN):
            raise NotAllowed("Drafts are for the authors and reviewers of their organisation.")
        own = await acts_for(web.reach, actor)
        rows = await web.reach.read(
            queries.lessons(state, own, None, _position(page), page.limit + 1)
        )
        return _listed(page, [(row.position, await _draft_listed(web, row)) for row in rows])

    @router.get("/lessons/{lesson}", dependencies=[web.after("lessons")])
    async def read_lesson(
        lesson: Id, request: Request, actor: Annotated[Actor, web.actor("read_lesson")]
    ) -> Response:
        """A lesson by its id or number; a draft with what the screen would refuse."""
        row = web.found(await web.reach.read(queries.lesson(lesson)))
        if row.text is not None:
            web.require("read_lesson", actor, PUBLISHED)
            return web.versioned(request, row.version, queries.lesson_shown(row))
        own = OWN if row.organisation in await acts_for(web.reach, actor) else frozenset()
        web.require("read_lesson", actor, own)
        state, version = await web.reach.load(LESSON, row.id)
        return web.versioned(request, version, draft_shown(row.id, state))

    @router.get("/lessons/{lesson}/versions", dependencies=[web.after("lessons")])
    async def read_versions(
        lesson: Id, actor: Annotated[Actor, web.actor("read_lesson")]
    ) -> Response:
        """Every version that went out, oldest first."""
        row = web.found(await web.reach.read(queries.lesson(lesson)))
        versions = await web.reach.read(queries.lesson_versions(row.id))
        web.found(versions)
        return answer({"items": [queries.version_shown(one) for one in versions], "links": {}})

    return router


def adoption_routes(web: Web) -> APIRouter:
    """What organisations answered to a lesson, the four states of proof apart."""
    router = APIRouter(tags=["adoption"])

    @router.get(
        "/lessons/{lesson}/adoption",
        dependencies=[web.after("lessons"), web.after("adoptions")],
    )
    async def read_adoption(
        lesson: Id,
        actor: Annotated[Actor, web.actor("read_adoption")],
        version: Annotated[Counting | None, Query(description="The newest unless named.")] = None,
    ) -> Response:
        """Counts over all organisations, and the answers of those that the caller may see: its
        own, those that it commissions today, those of its region, or all for a national body."""
        row = web.found(await web.reach.read(queries.lesson(lesson)))
        web.require("read_lesson", actor, PUBLISHED if row.text is not None else frozenset())
        asked = version or row.lesson_version
        if version is not None:
            versions = await web.reach.read(queries.lesson_versions(row.id))
            web.found([one for one in versions if one.lesson_version == version])
        rows = await web.reach.read(queries.adoptions(row.id, asked))
        visible = await _visible(web, actor, [one.organisation for one in rows])
        return answer(
            {
                "lesson": row.id,
                "number": row.number,
                "version": asked,
                "response": row.text["response"],
                "respond_by": row.text["respond_by"],
                "counts": queries.adoption_counts(rows),
                "items": [
                    queries.adoption_shown(one) for one in rows if one.organisation in visible
                ],
                "links": {"lesson": f"/learning/lessons/{row.id}"},
            }
        )

    return router


def draft_shown(lesson_id: str, lesson: Lesson) -> dict[str, Any]:
    """A draft, its sources by case, and where the screen would refuse it: field and kind."""
    content = lesson.draft
    return {
        "lesson": lesson_id,
        "state": lesson.stage,
        **{one.name: getattr(content, one.name) for one in fields(Content)},
        "sources": lesson.sources,
        **_abandonment(lesson),
        "passages": screened(content),
        "links": {"self": f"/learning/lessons/{lesson_id}"},
    }


def _abandonment(lesson: Lesson) -> dict[str, Any]:
    if lesson.abandoned is None:
        return {}
    gone = lesson.abandoned
    return {"abandoned_on": gone.on, "abandonment_reason": gone.reason}


def _position(page: Page) -> int | None:
    """The position behind which a page begins."""
    return int(page.after[0] or 0) if page.after else None


def _listed(page: Page, shown: list[tuple[int, dict[str, Any]]]) -> Response:
    """A page of items; the position that each stands at is the cursor."""
    places = {id(item): place for place, item in shown}
    return page.reply([item for _, item in shown], lambda item: (places[id(item)],))


async def _draft_listed(web: Web, row: Any) -> dict[str, Any]:
    state, _ = await web.reach.load(LESSON, row.id)
    return queries.draft_listed(row, state.draft.title, web.reach.clock.now())


async def _visible(web: Web, actor: Actor, codes: list[str]) -> frozenset[str]:
    """Those of some organisations whose answers the actor may see today."""
    today = london_day(web.reach.clock.now())
    if actor.kind in EVERYWHERE:
        return frozenset(codes)
    held = await acts_for(web.reach, actor)
    if actor.kind == "commissioner":
        rows = await web.reach.read(queries.commissioned_by(held, today))
        held |= {row.provider for row in rows}
    if actor.kind == "region":
        held |= _of_region(web.reach.register, actor.organisation, codes, today)
    return held


def _of_region(register: Register, region: str, codes: list[str], on: date) -> set[str]:
    return {code for code in codes if register.region_of(code, on) == region}
