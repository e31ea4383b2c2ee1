"""Changes as a live stream and as pages: the same items, each naming the one before."""

from dataclasses import fields, replace
from typing import Any

import orjson
from fastapi import Request

from services.intake.api.stream import ChangeSeries, ShownChanges
from services.intake.domain.incident.messages.classification import NeverEventProposed
from services.intake.projections.queries import reader_of
from shared.web.context import Web
from shared.web.filtered import ReadOn, shown
from shared.web.sse import Hub
from tests.intake import builders as make
from tests.intake.reach import reach_of, relation

PROPOSED = NeverEventProposed(
    type="15", list="2018-02-01", framework="SIF2015", causes=("words",), rule="r1"
)
STORIES: dict[str, list[object]] = {
    "e1": [make.reported(), PROPOSED, make.classified()],
    "e2": [make.reported(occurred_at="RR8", leads="RR8")],
    "e3": [make.reported(), make.responded("case_opened")],
}
REQUEST = Request({"type": "http", "method": "GET", "path": "/intake/events/changes"})


async def web_of(connection) -> Any:
    reach = await reach_of(connection, STORIES, [relation(make.TRUST, make.CCG)])
    nothing: dict[str, Any] = dict.fromkeys(one.name for one in fields(Web))
    return Web(**{**nothing, "reach": reach, "hub": Hub()})


async def asked_of(web, actor, **asked) -> Any:
    view = ShownChanges(web=web, reader=await reader_of(web.reach, actor))
    return await shown(web, REQUEST, ChangeSeries(web.reach), view, ReadOn(**asked))


async def page(web, actor, after=0, limit=10):
    return orjson.loads((await asked_of(web, actor, after=after, limit=limit, live=False)).body)


async def live(web, actor, after, count):
    """The first `count` items of a stream."""
    response = await asked_of(web, actor, after=after, limit=count, live=True)
    items: list[Any] = []
    async for frame in response.body_iterator:
        fields = dict(line.split(b": ", 1) for line in frame.strip().split(b"\n"))
        if b"data" in fields:
            items.append(orjson.loads(fields[b"data"]))
            assert fields[b"id"] == b"%d" % int(items[-1]["sequence"])
        if len(items) == count:
            web.hub.close()
    return items


async def test_a_page_names_the_item_before_and_the_way_on(connection):
    web = await web_of(connection)
    told = await page(web, make.TRUST_LEAD, limit=2)
    assert [one["type"] for one in told["items"]] == ["event_reported", "never_event_proposed"]
    assert [one["previous"] for one in told["items"]] == ["", f"{1:020d}"]
    assert told["links"]["next"] == "/intake/events/changes?after=2&limit=2"
    assert told["head"] == 6
    more = await page(web, make.TRUST_LEAD, after=2)
    assert more["items"][0]["previous"] == f"{2:020d}"
    end = await page(web, make.TRUST_LEAD, after=6)
    assert (end["items"], end["links"]["next"]) == ([], "/intake/events/changes?after=6&limit=10")


async def test_the_item_before_is_that_of_the_readers_own_view(connection):
    web = await web_of(connection)
    told = await page(web, make.actor("commissioner", make.CCG))
    assert [(int(one["sequence"]), one["previous"]) for one in told["items"]] == [
        (1, ""),
        (3, f"{1:020d}"),
        (5, f"{3:020d}"),
        (6, f"{5:020d}"),
    ]


async def test_a_stream_gives_the_same_items_as_the_pages(connection):
    web = await web_of(connection)
    for actor, after in (
        (make.TRUST_LEAD, 0),
        (make.actor("commissioner", make.CCG), 0),
        (make.actor("commissioner", make.CCG), 4),
        (make.actor("trust", "RR8"), 2),
    ):
        web = replace(web, hub=Hub())
        told = (await page(web, actor, after))["items"]
        assert await live(web, actor, after, len(told)) == told
