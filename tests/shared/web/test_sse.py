"""Tests of shared/web/sse.py and series.py: what a listener hears, and who is let go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import SystemClock
from shared.kernel.errors import NotAllowed, Unavailable
from shared.log.base import Entry, NewContract
from shared.log.schema import create
from shared.log.sqlite import SqliteLog
from shared.log.waking import Signal
from shared.web import sse
from shared.web.series import Item, PublishedSeries
from shared.web.sse import Hub, Pace
from tests.shared.web.boxes import Boxes, ListedSeries, client_of

QUICK = Pace(heartbeat=0.05, poll=0.005, retry=(1.0, 2.0))


class Listener:
    """A client of one stream over ASGI, reading as slowly as the test likes."""

    def __init__(self, response: Any) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()
        self.gone = asyncio.Event()
        self.headers: dict[bytes, bytes] = {}
        self.status = 0
        self.task = asyncio.create_task(self._listen(response))

    async def _listen(self, response: Any) -> None:
        scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
        await response(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        elif message["body"]:
            self.heard.put_nowait(message["body"])

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames until the stream ends."""
        while not (self.task.done() and self.heard.empty()):
            frame = asyncio.create_task(self.heard.get())
            await asyncio.wait([frame, self.task], return_when=asyncio.FIRST_COMPLETED)
            if frame.done():
                yield frame.result()
            else:
                frame.cancel()

    async def ids(self, count: int) -> list[int]:
        """The ids of the next so many items."""
        found: list[int] = []
        async with aclosing(self.frames()) as frames:  # type: ignore[type-var]  # a generator
            async for frame in frames:
                if frame.startswith(b"id: "):
                    found.append(int(frame.split()[1]))
                if len(found) == count:
                    break
        return found

    async def end(self) -> None:
        self.gone.set()
        await self.task


@pytest.fixture
def series() -> ListedSeries:
    return ListedSeries()


async def test_an_item_is_told_whole(series):
    series.add()
    hub = Hub(pace=QUICK)
    listener = Listener(hub.stream(series, 0))
    frames = [await listener.heard.get() for _ in range(2)]
    assert frames[0].startswith(b"retry: 1")
    assert frames[1] == b'id: 1\nevent: box.made.v1\ndata: {"id":"box/1"}\n\n'
    assert listener.headers[b"content-type"].startswith(b"text/event-stream")
    assert listener.headers[b"cache-control"] == b"no-store"
    await listener.end()
    assert hub.open == 0


@pytest.mark.parametrize("kept", [0, 1, sse.PAGE - 1, sse.PAGE, sse.PAGE + 1, 3 * sse.PAGE])
async def test_catches_up_and_goes_on_live_without_gap_or_repeat(series, kept):
    series.add(kept)
    signal = Signal()
    hub = Hub(signal, QUICK)
    listener = Listener(hub.stream(series, 0))

    async def add_meanwhile() -> None:
        for _ in range(50):
            series.add()
            signal.set()
            await asyncio.sleep(0)

    _, ids = await asyncio.gather(add_meanwhile(), listener.ids(kept + 50))
    assert ids == list(range(1, kept + 51))
    await listener.end()


@pytest.mark.parametrize("cut", range(1, 12))
async def test_a_stream_cut_anywhere_resumes_without_gap(series, cut):
    series.add(5)
    hub = Hub(pace=QUICK)
    first = Listener(hub.stream(series, 0))
    seen = await first.ids(min(cut, 5))
    await first.end()
    series.add(7)
    second = Listener(hub.stream(series, seen[-1]))
    rest = await second.ids(12 - len(seen))
    await second.end()
    assert seen + rest == list(range(1, 13))


async def test_silence_is_broken_by_a_comment(series):
    listener = Listener(Hub(pace=QUICK).stream(series, 0))
    assert (await listener.heard.get()).startswith(b"retry:")
    assert await listener.heard.get() == b": still here\n\n"
    await listener.end()


async def test_closing_the_hub_ends_every_stream_at_once(series):
    series.add(3)
    hub = Hub(pace=Pace(heartbeat=3600, poll=3600))
    listeners = [Listener(hub.stream(series, 0)) for _ in range(3)]
    for listener in listeners:
        await listener.ids(3)
    hub.close()
    for listener in listeners:
        last = [frame async for frame in listener.frames()]
        assert last[-1].startswith(b"retry: ")
    assert hub.open == 0


@pytest.mark.parametrize("longest", [{"longest_life": 0.02}, {}])
async def test_a_life_ends_with_a_word_when_to_come_back(series, longest):
    pace = Pace(heartbeat=0.5, poll=0.005, **longest)
    listener = Listener(Hub(pace=pace).stream(series, 0, expires_in=None if longest else 0.02))
    frames = [frame async for frame in listener.frames()]
    assert frames[-1].startswith(b"retry: ")


async def test_who_falls_behind_is_let_go_alone(series, monkeypatch):
    monkeypatch.setattr(sse, "QUEUE", 5)
    signal = Signal()
    hub = Hub(signal, QUICK)
    slow, quick = Listener(hub.stream(series, 0)), Listener(hub.stream(series, 0))
    series.add()
    for listener in (slow, quick):
        assert await listener.ids(1) == [1]
    slow.reading.clear()
    for n in range(2, 40):
        series.add()
        signal.set()
        assert await quick.ids(1) == [n]
    slow.reading.set()
    heard = [int(frame.split()[1]) async for frame in slow.frames() if frame.startswith(b"id")]
    assert heard == list(range(2, 2 + len(heard)))
    assert len(heard) <= 6
    resumed = Listener(hub.stream(series, heard[-1]))
    assert await resumed.ids(39 - heard[-1]) == list(range(heard[-1] + 1, 40))
    for listener in (quick, resumed):
        await listener.end()


async def test_who_does_not_read_at_all_is_let_go(series):
    series.add()
    hub = Hub(pace=Pace(send_timeout=0.02, heartbeat=0.01, poll=0.005))
    listener = Listener(hub.stream(series, 0))
    await listener.ids(1)
    listener.reading.clear()
    await listener.task
    assert hub.open == 0


async def test_one_reader_serves_all_who_listen(series):
    signal = Signal()
    hub = Hub(signal, Pace(heartbeat=3600, poll=3600))
    listeners = [Listener(hub.stream(series, 0)) for _ in range(20)]

    async def all_hear_another():
        before = series.reads
        series.add()
        signal.set()
        for listener in listeners:
            assert await listener.ids(1) == [len(series.items)]
        return series.reads - before

    # Whoever heard two items has joined the one reader: the first may have come from a page.
    await all_hear_another()
    await all_hear_another()
    assert await all_hear_another() <= 2
    for listener in listeners:
        await listener.end()


async def test_a_filtered_view_names_the_item_before(series):
    async def odd(item: Item) -> bool:
        return item.n % 2 == 1

    series.add(6)
    listener = Listener(Hub(pace=QUICK).stream(series, 0, pick=odd))
    frames = [await listener.heard.get() for _ in range(4)][1:]
    names = [frame.split(b'"previous":')[1].split(b"}")[0] for frame in frames]
    assert names == [b'""', b'"%020d"' % 1, b'"%020d"' % 3]
    await listener.end()


async def test_a_right_that_was_lost_ends_the_stream(series):
    async def until_three(item: Item) -> bool:
        if item.n > 3:
            raise NotAllowed("No longer.")
        return True

    series.add(6)
    listener = Listener(Hub(pace=QUICK).stream(series, 0, pick=until_three))
    frames = [frame async for frame in listener.frames()]
    assert sum(frame.startswith(b"id:") for frame in frames) == 3
    assert frames[-1].startswith(b"retry: ")


async def test_a_database_that_goes_away_loses_nothing(series, monkeypatch):
    hub = Hub(pace=QUICK)
    listener = Listener(hub.stream(series, 0))
    series.add()
    assert await listener.ids(1) == [1]
    after = ListedSeries.after

    asked = asyncio.Event()

    async def gone(self: ListedSeries, n: int, limit: int) -> Any:
        asked.set()
        raise Unavailable("The database cannot be reached.")

    monkeypatch.setattr(ListedSeries, "after", gone)
    series.add(2)
    await asked.wait()
    monkeypatch.setattr(ListedSeries, "after", after)
    assert await listener.ids(2) == [2, 3]
    await listener.end()


@pytest.mark.parametrize(
    ("query", "header", "status", "slug"),
    [
        ("?after=x", None, 400, "resume-point-malformed"),
        ("?after=-1", None, 400, "resume-point-malformed"),
        ("", "9" * 30, 400, "resume-point-malformed"),
        ("?after=11", None, 409, "series-rewound"),
        ("", "00000000000000000011", 409, "series-rewound"),
        ("?after=2", None, 410, "series-gone"),
        ("?after=3", "2", 200, ""),
        ("?after=4", None, 200, ""),
        ("", None, 200, ""),
    ],
)
async def test_a_resume_point_is_judged_before_the_first_byte(
    boxes: Boxes, query, header, status, slug
):
    boxes.series.add(10)
    boxes.series.first = 4
    boxes.hub.close()
    async with client_of(boxes.app()) as client:
        headers = {"Last-Event-ID": header} if header else {}
        answer = await client.get(f"/stream{query}", headers=headers)
        assert answer.status_code == status
        if slug:
            assert answer.json()["type"] == f"/problems/{slug}"
        if status == 410:
            assert (answer.json()["oldest"], answer.json()["head"]) == (4, 10)
            assert answer.json()["links"] == {"archive": "/intake/boxes"}


@pytest.mark.parametrize(("query", "header", "first"), [("?after=3", "7", 8), ("?after=7", "3", 8)])
async def test_the_larger_resume_point_counts(boxes, query, header, first):
    boxes.series.add(9)
    boxes.hub.pace = Pace(longest_life=0.05, heartbeat=0.02, poll=0.005)
    async with client_of(boxes.app()) as client:
        answer = await client.get(f"/stream{query}", headers={"Last-Event-ID": header})
        assert f"id: {first}\n" in answer.text
        assert f"id: {first - 1}\n" not in answer.text


async def test_a_stream_ends_with_its_token(boxes):
    boxes.life = timedelta(seconds=0.05)
    async with client_of(boxes.app()) as client:
        answer = await client.get("/stream")
        assert answer.text.count("retry: ") == 2


async def test_what_was_published_is_handed_out_as_it_was_said(tmp_path):
    log = SqliteLog(tmp_path / "log.db", SystemClock())
    await log.store.write(create)
    told = NewContract(
        topic="opendoor.learning.v1",
        partition=0,
        id="lesson-x/1",
        type="opendoor.learning.lesson_published.v1",
        key="lesson-x",
        subject="x",
        time="2018-12-19T09:30:00Z",
        attributes=b'{"source":"urn:open-door:learning"}',
        data=b'{"lesson" : "x"}',
        event=None,
    )
    await log.append([Entry(contracts=(told,))])
    published = PublishedSeries(log=log, topic="opendoor.learning.v1")
    assert (await published.head(), await published.oldest()) == (1, 1)
    (item,) = await published.after(0, 10)
    assert item.n == 1
    assert b'"data":{"lesson" : "x"}' in item.data
    assert b'"sequence":"00000000000000000001"' in item.data
    await log.close()
    await log.store.close()
