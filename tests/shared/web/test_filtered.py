"""Tests of shared/web/filtered.py: one view for each caller, as pages and live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Annotated, Any

import orjson
import pytest
from fastapi import APIRouter, Request, Response

from shared.kernel.clock import SettableClock, SystemClock
from shared.kernel.decider import Actor
from shared.web.filtered import ReadOn, _wants_stream, read_on, shown
from shared.web.series import Item
from shared.web.sse import Pace
from tests.shared.web.boxes import NOON, TRUST, Boxes, ListedSeries, client_of

LIVE = {"Accept": "text/event-stream"}
SHORT = Pace(longest_life=0.2, heartbeat=0.02, poll=0.005)


@dataclass(frozen=True, slots=True)
class OddOnes:
    """A caller who sees every other box."""

    series: ListedSeries

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        return [one for one in self.series.items if one.n > n and await self.sees(one)][:limit]

    async def before(self, n: int) -> int:
        return max((one for one in range(1, n + 1) if one % 2), default=0)

    async def sees(self, item: Item) -> bool:
        return item.n % 2 == 1


class Head:
    """As much of a log as is asked for: its end."""

    async def head(self) -> Any:
        return SimpleNamespace(position=7)


def app_of(boxes: Boxes) -> Any:
    boxes.series.add(6)
    router = APIRouter()
    web = boxes.web(log=Head())

    @router.get("/odd")
    async def odd(
        request: Request,
        actor: Annotated[Actor, web.actor(TRUST)],
        asked: Annotated[ReadOn, read_on(web, boxes.series)],
    ) -> Response:
        return await shown(web, request, boxes.series, OddOnes(boxes.series), asked)

    return boxes.app(router)


def data_of(text: str) -> list[Any]:
    lines = (line for line in text.splitlines() if line.startswith("data: "))
    return [orjson.loads(line.removeprefix("data: ")) for line in lines]


async def test_a_page_names_the_item_before_and_the_way_on(boxes):
    async with client_of(app_of(boxes)) as client:
        first = (await client.get("/odd?limit=2")).json()
        assert [one["previous"] for one in first["items"]] == ["", f"{1:020d}"]
        assert first["links"]["next"] == "/intake/odd?after=3&limit=2"
        assert first["head"] == 6
        rest = (await client.get("/odd?after=3&limit=2")).json()
        assert [one["previous"] for one in rest["items"]] == [f"{3:020d}"]
        end = (await client.get("/odd", params={"after": 5})).json()
        assert (end["items"], end["links"]["next"]) == ([], "/intake/odd?after=5&limit=50")


@pytest.mark.parametrize("offset", [-timedelta(days=2500), timedelta(), timedelta(days=2500)])
async def test_a_stream_lives_by_the_clock_that_judges_tokens(offset):
    boxes = Boxes(SystemClock(offset))
    boxes.hub.pace = SHORT
    async with client_of(app_of(boxes)) as client:
        paged = (await client.get("/odd?after=2")).json()["items"]
        live = data_of((await client.get("/odd?after=2", headers=LIVE)).text)
        assert live == paged
        assert len(live) == 2


async def test_a_stream_ends_with_its_token():
    boxes = Boxes(SettableClock(NOON))
    boxes.life = timedelta(seconds=0.05)
    async with client_of(app_of(boxes)) as client:
        answer = await client.get("/odd", headers=LIVE)
        assert answer.text.count("retry: ") == 2


async def test_without_a_number_a_page_starts_at_the_first_and_a_stream_at_the_head(boxes):
    boxes.hub.pace = SHORT
    async with client_of(app_of(boxes)) as client:
        assert len((await client.get("/odd")).json()["items"]) == 3
        assert data_of((await client.get("/odd", headers=LIVE)).text) == []


@pytest.mark.parametrize(
    ("query", "header", "status", "slug"),
    [
        ("?after=x", None, 400, "resume-point-malformed"),
        ("", "9" * 30, 400, "resume-point-malformed"),
        ("?after=8", None, 409, "series-rewound"),
        ("?after=1", "8", 409, "series-rewound"),
        ("?after=7", None, 200, ""),
    ],
)
async def test_a_resume_point_is_judged_by_the_logs_head(boxes, query, header, status, slug):
    async with client_of(app_of(boxes)) as client:
        headers = {"Last-Event-ID": header} if header else {}
        answer = await client.get(f"/odd{query}", headers=headers)
        assert answer.status_code == status
        if slug:
            assert answer.json()["type"] == f"/problems/{slug}"


@pytest.mark.parametrize(
    ("accept", "live"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("application/json, text/event-stream;q=0.5", True),
        ("text/event-stream;q=0", False),
        ("application/json, text/event-stream; q=0.000", False),
        ("text/event-streams", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_a_stream_is_sent_to_who_asks_for_one(accept: str, live: bool):
    assert _wants_stream(accept) is live
