"""What is promised to whoever calls Open Door over HTTP, however it runs, and the few things that
are not the same in both modes."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import orjson

from services.demonstration import story_2018 as story
from services.demonstration.player import Json, Person, Player
from tests.journeys.doors import problem_in
from tests.journeys.walks import NATIONAL, OTHER_TRUST, TRUST, VISITING
from tests.kit.processes import ROOT, SERVICES

BEYOND = str(10**12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way of running: who asks, and the address at which a service's API listens."""

    player: Player
    url: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row of the table in docs/running.md, and how a caller sees it: `look`
    is true of what is embedded alone."""

    what: str
    embedded: str
    production: str
    why: str
    look: Callable[[Door], Awaitable[bool]]

    @property
    def row(self) -> str:
        return f"| {self.what} | {self.embedded} | {self.production} | {self.why} |"


def trust_of(player: Player) -> Person:
    return player.person(TRUST, "trust")


async def report(player: Player, key: str, **more: str) -> httpx.Response:
    """A report with a request key."""
    headers = trust_of(player).headers() | {"Idempotency-Key": f'"{key}"'} | more
    body = story.connected_to_air("2018-12-14")
    return await player.client.post("/intake/events", json=body, headers=headers)


def fresh() -> str:
    return f"black-box-{secrets.token_hex(8)}"


async def a_report_is_recorded_and_answered(player: Player) -> None:
    answer = await report(player, fresh())
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/intake/events/{answer.json()['id']}"
    assert answer.headers["etag"] == f'W/"{answer.json()["version"]}"'
    assert int(answer.headers["open-door-position"]) > 0
    assert answer.json()["receipt"]


async def a_repeat_is_answered_as_the_first_time(player: Player) -> None:
    key = fresh()
    first, again = await report(player, key), await report(player, key)
    for name in ("location", "etag", "open-door-position"):
        assert again.headers[name] == first.headers[name]
    assert (again.status_code, again.content) == (first.status_code, first.content)


async def a_used_key_is_refused_for_another_request(player: Player) -> None:
    key = fresh()
    await report(player, key)
    other = await trust_of(player).post("/intake/events", story.wrong_side("2018-12-14"), key=key)
    assert other.status == 422
    assert other.body["type"] == "/problems/idempotency-key-reused"


async def who_wrote_reads_it_at_once(player: Player) -> None:
    written = await report(player, fresh())
    headers = trust_of(player).headers() | {
        "Open-Door-After": written.headers["open-door-position"],
        "Prefer": "wait=20",
    }
    listed = await player.client.get("/intake/events?limit=1", headers=headers)
    assert [one["id"] for one in listed.json()["items"]] == [written.json()["id"]]


async def a_position_beyond_the_newest_is_said(player: Player) -> None:
    headers = trust_of(player).headers() | {"Open-Door-After": BEYOND}
    answer = await player.client.get("/intake/events", headers=headers)
    problem_in(answer, 409, "series-rewound")


async def nobody_without_a_token_gets_in(player: Player) -> None:
    for service, path in (
        ("intake", "events"),
        ("assurance", "cases"),
        ("learning", "suggestions"),
    ):
        answer = await player.client.get(f"/{service}/{path}")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def others_do_not_see_it(player: Player) -> None:
    written = await report(player, fresh())
    stranger = player.person(OTHER_TRUST, "trust")
    assert (await stranger.get(written.headers["location"])).status == 404


async def a_declaration_becomes_a_case_of_its_commissioner(player: Player) -> None:
    """Over the bus, whichever it is."""
    relation = {"commissioner": VISITING, "role": "lead", "since": "2013-04-01"}
    operator = player.person(NATIONAL, "operator", "o1")
    await operator.post(f"/assurance/relations/{TRUST}", relation)
    trust, incident = trust_of(player), (await report(player, fresh())).json()["id"]
    await story.declared(trust, incident, "2018-12-17")
    visitor = player.person(VISITING, "commissioner")
    case = await visitor.sees(f"/assurance/cases/{incident}")
    assert case["id"] == incident
    await story.acknowledged(visitor, incident)
    await trust.sees(f"/intake/events/{incident}/timeline", _tells_of("case_acknowledged"))


def _tells_of(kind: str) -> Callable[[Json], bool]:
    return lambda body: any(one["details"].get("kind") == kind for one in body["items"])


async def a_stream_tells_what_the_page_tells(player: Player) -> None:
    await report(player, fresh())
    path, headers = "/intake/events/changes?after=0", trust_of(player).headers()
    page = await trust_of(player).sees(path, lambda body: bool(body["items"]))
    live = headers | {"Accept": "text/event-stream"}
    async with player.client.stream("GET", path, headers=live) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                assert orjson.loads(line.removeprefix("data:")) == page["items"][0]
                return
    raise AssertionError("the stream ended")


async def anyone_may_fetch_keys_and_heads(player: Player) -> None:
    for service in SERVICES:
        for path in ("keys", "heads"):
            assert (await player.client.get(f"/{service}/{path}")).status_code == 200


async def every_service_says_that_it_lives_and_is_ready(player: Player) -> None:
    for service in SERVICES:
        for probe in ("livez", "readyz", "startupz", "_ping"):
            assert (await player.client.get(f"/{service}/{probe}")).status_code == 200


async def the_description_is_the_published_one(player: Player) -> None:
    for service in SERVICES:
        told = await player.client.get(f"/{service}/openapi.json")
        page = (ROOT / "docs" / "openapi" / f"{service}.json").read_bytes()
        assert told.json() == orjson.loads(page)


async def what_is_nowhere_is_a_problem(player: Player) -> None:
    for path in ("/intake/nowhere", "/assurance/cases/none/nowhere"):
        problem_in(await player.client.get(path), 404, "not-found")


CHECKS: tuple[Callable[[Player], Awaitable[None]], ...] = (
    a_report_is_recorded_and_answered,
    a_repeat_is_answered_as_the_first_time,
    a_used_key_is_refused_for_another_request,
    who_wrote_reads_it_at_once,
    a_position_beyond_the_newest_is_said,
    nobody_without_a_token_gets_in,
    others_do_not_see_it,
    a_declaration_becomes_a_case_of_its_commissioner,
    a_stream_tells_what_the_page_tells,
    anyone_may_fetch_keys_and_heads,
    every_service_says_that_it_lives_and_is_ready,
    the_description_is_the_published_one,
    what_is_nowhere_is_a_problem,
)


async def _checks(door: Door) -> Json:
    async with httpx.AsyncClient(base_url=door.url("intake"), timeout=30) as client:
        found: Json = (await client.get("/intake/_status")).json()["checks"]
        return found


async def one_port_serves_all(door: Door) -> bool:
    async with httpx.AsyncClient(base_url=door.url("intake"), timeout=30) as client:
        return (await client.get("/learning/_ping")).status_code == 200


async def there_is_a_page_of_all(door: Door) -> bool:
    async with httpx.AsyncClient(base_url=door.url("intake"), timeout=30) as client:
        return (await client.get("/")).headers["content-type"].startswith("text/html")


async def the_bus_has_no_check(door: Door) -> bool:
    return "bus" not in await _checks(door)


async def tasks_are_told_while_they_run(door: Door) -> bool:
    return bool((await _checks(door))["tasks"]["figures"])


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        what="where the services answer",
        embedded="one port serves all three",
        production="each API has a port of its own",
        why="they are scaled and replaced apart; the paths are the same, for a proxy to join",
        look=one_port_serves_all,
    ),
    Difference(
        what="`GET /`",
        embedded="a page of all services, in development",
        production="a problem, 404",
        why="no process knows of the other services",
        look=there_is_a_page_of_all,
    ),
    Difference(
        what="`bus` among the checks of `_status`",
        embedded="no",
        production="yes",
        why="a reader of an embedded log takes from that log itself: there is nothing between",
        look=the_bus_has_no_check,
    ),
    Difference(
        what="`tasks` in `_status`",
        embedded="every task, as it stands",
        production="tasks that do not run, as their workers last said",
        why="tasks run in other processes, which tell the database what is wrong",
        look=tasks_are_told_while_they_run,
    ),
)


async def holds_everywhere(door: Door) -> None:
    """Every check; one that does not hold is named by its own name in the traceback."""
    for check in CHECKS:
        await check(door.player)


async def differs(door: Door, *, embedded: bool) -> None:
    """The differences are these, and they are seen."""
    for one in DIFFERENCES:
        assert await one.look(door) is embedded, one.what
