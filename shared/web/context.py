"""What a service's `api/*.py` is given when its router is made."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request, Response

from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound
from shared.log.base import Log, Recorded
from shared.projections.reach import Reach
from shared.security.evidence import Receipt
from shared.security.permissions import allowed
from shared.web import after, auth, concurrency, paging
from shared.web.asked import Serving
from shared.web.auth import principal_of
from shared.web.series import Pick, PublishedSeries, Series, resume
from shared.web.sse import Hub

Record = Callable[[str, Any, Actor], Awaitable[int | None]]
"""`(id, command, actor)`: carries out a command that a reading leads to, such as noting who read
a narrative; needs no request key, asks no permission of its own. Answers the log's position,
None where nothing followed."""


class Signatures(Protocol):
    """What a service signs, for whoever keeps it."""

    async def published(self) -> Mapping[str, Any]:
        """The public keys, as `/keys` answers them."""
        ...

    async def receipt(self, id_: str, rows: Iterable[Recorded]) -> Receipt | None:
        """The receipt of the filing with which a stream begins, None where there is none."""
        ...

    def salt(self, id_: str) -> str:
        """What the digest of that filing begins with."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The manners of every read route, bound to one running service.

    A router factory takes it and closes over it; paths stand without the service's prefix:

        def routes(web: Web) -> APIRouter:
            router = APIRouter(tags=["cases"])

            @router.get("/cases", dependencies=[web.after("cases")])
            async def list_cases(
                actor: Annotated[Actor, web.actor("read_cases")],
                page: Annotated[Page, web.paging],
                state: Annotated[CaseState | None, Query()] = None,
            ) -> Response:
                statement = queries.cases(actor, state, page.after, page.limit + 1)
                rows = await web.reach.read(statement)
                return page.reply([queries.shown(row) for row in rows], lambda row: (row["id"],))

            @router.get("/cases/{case}", dependencies=[web.after("cases")])
            async def read_case(
                case: Id, request: Request, actor: Annotated[Actor, web.actor("read_cases")]
            ) -> Response:
                row = web.found(await web.reach.read(queries.case(case)))
                web.require("read_cases", actor, queries.relations(row, actor))
                return web.versioned(request, row.version, queries.shown(row))

            told = web.published("opendoor.learning.v1")

            @router.get("/stream")
            async def stream(
                request: Request,
                actor: Annotated[Actor, web.actor("read_stream")],
                after: Annotated[int, web.resume(told)],
            ) -> Response:
                return web.stream(request, told, after)

            return router

    The cursor of a page is whatever tuple of texts and whole numbers the query orders by.
    A route without `web.actor` or `web.anyone` fails the architecture's test.
    """

    service: Serving
    reach: Reach
    log: Log
    record: Record
    signatures: Signatures
    hub: Hub
    guard: auth.Guard
    waits: after.Waits
    pager: paging.Pager

    def actor(self, permission: str) -> Any:
        """The dependency that lets in who may ask at all by the row `permission`, and gives the
        Actor. What the actor may see is asked per thing, with `allowed` or `require`."""
        return self.guard.actor(permission)

    @property
    def anyone(self) -> Any:
        """The dependency that says of a route that it is open (M7)."""
        return self.guard.anyone

    def after(self, projection: str) -> Any:
        """The dependency that honours `Open-Door-After` for a projection of this service (H19)."""
        return self.waits.until(projection)

    @property
    def paging(self) -> Any:
        """The dependency that gives the `Page` asked for (H12)."""
        return self.pager.dependency

    def allowed(self, permission: str, actor: Actor, relations: frozenset[str]) -> bool:
        """Whether the actor may, being `relations` to the thing."""
        return allowed(permission, actor, relations)

    def require(self, permission: str, actor: Actor, relations: frozenset[str]) -> None:
        """Raises NotFound where the actor may not see the thing: it is not there for them (M8)."""
        if not allowed(permission, actor, relations):
            raise NotFound("There is no such record, or it is not yours to see.")

    def found(self, rows: Any) -> Any:
        """The first of `rows`. Raises NotFound where there is none."""
        if not rows:
            raise NotFound("There is no such record, or it is not yours to see.")
        return rows[0]

    def published(self, topic: str) -> Series:
        """What this service told on a topic of one partition, for lists and streams."""
        return PublishedSeries(log=self.log, topic=topic)

    def resume(self, series: Series, archive: str | None = None) -> Any:
        """The dependency that gives a stream's starting point (S4, S7); `archive` is a link."""
        return resume(series, archive)

    def stream(
        self,
        request: Request,
        series: Series,
        after: int,
        *,
        pick: Pick | None = None,
        previous: int | None = None,
    ) -> Response:
        """The live stream behind `after`; with `pick` filtered, its first item naming `previous`.

        It ends with the caller's token, by the clock that judges tokens.
        """
        principal = principal_of(request)
        left = None
        if principal is not None:
            left = (principal.expires_at - self.reach.clock.now()).total_seconds()
        return self.hub.stream(series, after, pick=pick, previous=previous, expires_in=left)

    @property
    def versioned(self) -> Callable[..., Response]:
        """`(request, version, body)`: the body with its ETag, or 304 (H7)."""
        return concurrency.versioned
