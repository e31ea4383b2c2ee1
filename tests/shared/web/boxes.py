"""A service that the tests of the web share: boxes, whose commands are recorded, not decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, Query, Request, Response

from shared.kernel.clock import Clock
from shared.kernel.decider import Actor
from shared.kernel.errors import NotAuthenticated
from shared.kernel.messages import command, value
from shared.kernel.words import Code, Counting, Day, Id, Many, Sealed, Text, Whole
from shared.projections.waiting import Waiting
from shared.security.principal import Principal
from shared.web.after import Waits
from shared.web.application import Parts, application
from shared.web.asked import Asked, Done
from shared.web.auth import Guard
from shared.web.context import Web
from shared.web.health import Check, health_routes
from shared.web.measured import measured_nowhere
from shared.web.paging import Page, Pager
from shared.web.series import Item
from shared.web.sse import Hub, Pace

TRUST = "report_event"
OPEN = "read_roles"
ORGANISATIONS = ("RX1", "RX2")


@value
class Label:
    code: Code
    weight: Whole = 0


@command
class MakeBox:
    """A box is made for somebody, on a day."""

    owner: Sealed[Text]
    made_on: Day
    colour: Literal["red", "green"] = "red"
    labels: Many[Label] = ()


@command
class BreakBox:
    """A box is broken: nothing more to say."""


@command
class MendThing:
    """One thing of a box is mended; the path says which."""

    thing: Counting
    how: Text


@command
class MakeByReference:
    """A box is made or changed by the name that another system gave it."""

    system: Text
    reference: Text
    owner: Text


@command
class WhisperBox:
    """Anyone may tell of a box."""

    what: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    type: type[Any]
    route: str | None
    may: str = TRUST
    creates: bool = False
    needs_match: bool = False
    status: int = 202
    receipt: bool = False


ROWS = (
    Row(type=MakeBox, route="POST /boxes", creates=True, status=201),
    Row(type=BreakBox, route="POST /boxes/{box}/breaking"),
    Row(type=MendThing, route="PUT /boxes/{box}/things/{thing}", needs_match=True),
    Row(type=MakeByReference, route="PUT /boxes/by-reference/{system}/{reference}", creates=True),
    Row(type=WhisperBox, route="POST /whispers", may=OPEN, creates=True, status=201),
    Row(type=Label, route=None),
)


@dataclass(frozen=True, slots=True)
class BoxService:
    name: str = "intake"
    title: str = "Boxes"
    description: str = "A service of boxes."
    commands: Sequence[Row] = ROWS


@dataclass(slots=True)
class ListedSeries:
    """A series that a test fills."""

    items: list[Item] = field(default_factory=list)
    first: int = 1
    reads: int = 0

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            n = len(self.items) + 1
            self.items.append(Item(n=n, type="box.made.v1", data=b'{"id":"box/%d"}' % n))

    async def head(self) -> int:
        return len(self.items)

    async def oldest(self) -> int:
        return self.first

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        self.reads += 1
        return self.items[n : n + limit]


async def nothing_recorded(id_: str, command: Any, actor: Actor) -> int:
    raise AssertionError("no reading of a box is recorded")


@dataclass(slots=True)
class Boxes:
    """The service, what it was asked, and how it answers."""

    clock: Clock
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Done] | None = None
    series: ListedSeries = field(default_factory=ListedSeries)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    head: int = 0
    scopes: frozenset[str] = frozenset({"intake/read", "intake/write"})
    life: timedelta = timedelta(hours=1)
    pace: Pace = field(default_factory=Pace)
    checks: tuple[Check, ...] = ()
    started: bool = True
    measured: Callable[[str, str, int, float], None] = measured_nowhere
    rows: list[dict[str, Any]] = field(default_factory=list)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(pace=self.pace)

    async def handle(self, asked: Asked) -> Done:
        self.asked.append(asked)
        if self.answer is not None:
            return self.answer(asked)
        return Done(
            id=asked.id or "new", version=3, position=7, status=asked.row.status, repeated=False
        )

    async def verify(self, token: str, acting_for: str | None) -> Principal:
        if token == "expired":
            raise NotAuthenticated("token-expired", "The token has expired.")
        return Principal(
            client="a-client",
            person="dev",
            organisation=acting_for or ORGANISATIONS[0],
            organisations=ORGANISATIONS,
            kind="trust" if token == "trust" else "commissioner",
            roles=frozenset({token}),
            scopes=self.scopes,
            expires_at=self.clock.now() + self.life,
        )

    async def newest(self) -> int:
        return self.head

    async def is_started(self) -> bool:
        return self.started

    def web(self, log: Any = None) -> Web:
        return Web(
            service=BoxService(),
            reach=_Reach(self.clock),  # type: ignore[arg-type]  # the clock is all that is asked
            log=log,
            record=nothing_recorded,
            signatures=None,  # type: ignore[arg-type]  # nothing is signed here
            hub=self.hub,
            guard=Guard("intake", self.verify),
            waits=Waits(self.waiting, self.newest),
            pager=Pager(b"p" * 32),
        )

    def app(self, *more: APIRouter) -> Any:
        """The application, and no server around it."""
        web = self.web()
        return application(
            web,
            Parts(
                handler=self.handle,
                secret=b"s" * 32,
                version="1.2.3",
                routers=[self.reads(web), *more],
                health=health_routes("intake", "1.2.3", self.checks, started=self.is_started),
                measure=self.measured,
            ),
        )

    def reads(self, web: Web) -> APIRouter:
        router = APIRouter(tags=["boxes"])

        @router.get("/boxes", response_model=dict[str, Any])
        async def list_boxes(
            actor: Annotated[Actor, web.actor(TRUST)],
            page: Annotated[Page, web.paging],
            colour: Annotated[Literal["red", "green"] | None, Query()] = None,
        ) -> Response:
            """Boxes in the order of their ids."""
            start = page.after[0] if page.after else ""
            rows = [row for row in self.rows if row["id"] > start]
            return page.reply(rows[: page.limit + 1], lambda row: (row["id"],))

        @router.get("/boxes/{box}", response_model=dict[str, Any])
        async def read_box(
            box: Id, request: Request, actor: Annotated[Actor, web.actor(TRUST)]
        ) -> Response:
            """One box."""
            row = web.found([row for row in self.rows if row["id"] == box])
            return web.versioned(request, row["version"], row)

        @router.get("/failing", dependencies=[web.anyone], include_in_schema=False)
        async def fail() -> Response:
            raise ZeroDivisionError("a person's words")

        @router.get("/stream", response_class=Response)
        async def stream(
            request: Request,
            actor: Annotated[Actor, web.actor(TRUST)],
            after: Annotated[int, web.resume(self.series, "/intake/boxes")],
        ) -> Response:
            """Boxes as they are made."""
            return web.stream(request, self.series, after)

        return router


@dataclass(frozen=True, slots=True)
class _Reach:
    clock: Clock


def client_of(app: Any, role: str | None = "trust") -> httpx.AsyncClient:
    """A client of the application as it is mounted; it sees what a socket's client would. Its
    token is the name of its role; None: it has none."""
    headers = {"Authorization": f"Bearer {role}"} if role else {}
    transport = httpx.ASGITransport(app, root_path="/intake", raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://box/intake", headers=headers)


KEY = {"Idempotency-Key": '"8e03978e"'}
A_BOX = {"owner": "north", "made_on": "2018-12-19"}
NOON = datetime(2018, 12, 19, 12, tzinfo=UTC)
