"""A draft: what is decided on what, added whole or not at all, and told under ids of its own."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from shared.kernel.errors import Broken, Invalid
from shared.log.meta import Meta
from shared.runtime.drafting import Cause, Draft
from tests.runtime.boxes import (
    BOX,
    SHELF,
    CloseBox,
    FillBox,
    PutOnShelf,
    ShelfNoted,
    service,
)
from tests.runtime.house import House, actor

CAUSE = Cause(actor=actor(), correlation="story")
TOO_MANY = 70_000
"""Words that no contract holds."""


async def decide(draft: Draft, command: Any, box: str) -> None:
    await draft.decide(service.row_for(type(command)), box, command, CAUSE)


async def test_events_for_other_streams_go_into_the_same_commit(house: House):
    box = await house.made()
    done = await house.ask(PutOnShelf(shelf="top"), box)
    assert (await house.engine.reach.load(SHELF, "top")) == ((box,), 1)
    assert (await house.box(box)).held == 1
    assert (done.version, done.position) == (2, 3)


async def test_two_who_want_the_same_shelf_are_decided_one_after_the_other(house: House):
    boxes = [await house.made() for _ in range(4)]
    await asyncio.gather(*(house.ask(PutOnShelf(shelf="top"), box) for box in boxes))
    held, version = await house.engine.reach.load(SHELF, "top")
    assert (sorted(held), version) == (sorted(boxes), 4)


async def test_a_command_is_decided_on_what_the_draft_has_left(house: House):
    box = await house.made()
    draft = Draft(house.engine.desk)
    await decide(draft, FillBox(by=2), box)
    await decide(draft, FillBox(by=3), box)
    assert [one.version for one in draft.events] == [2, 3]
    assert (await draft.folded(BOX, box)).state.held == 5


async def test_facts_see_streams_as_the_draft_has_left_them(house: House):
    boxes = [await house.made() for _ in range(2)]
    draft = Draft(house.engine.desk)
    for box in (*boxes, boxes[0]):
        await decide(draft, PutOnShelf(shelf="top"), box)
    noted = [one for one in draft.events if one.type == "shelf_noted"]
    assert [one.version for one in noted] == [1, 2]
    assert (await draft.folded(SHELF, "top")).state == tuple(boxes)


async def test_what_is_refused_for_its_size_adds_nothing(house: House):
    """The first of two events is fine, the second tells too much: neither stays."""
    box = await house.made()
    draft = Draft(house.engine.desk)
    await decide(draft, FillBox(by=1), box)
    with pytest.raises(Invalid):
        await decide(draft, FillBox(by=2, then=3, words=TOO_MANY), box)
    assert len(draft.events) == len(draft.contracts) == 1
    await decide(draft, FillBox(by=4), box)
    assert [one.version for one in draft.events] == [2, 3]
    assert [one.event for one in draft.contracts] == [0, 1]
    assert (await draft.folded(BOX, box)).state.held == 5


async def test_what_is_refused_leaves_nothing_on_other_streams(house: House, monkeypatch):
    box = await house.made()
    draft = Draft(house.engine.desk)
    add, count = draft._add, 0

    async def failing(*args: Any) -> None:
        nonlocal count
        count += 1
        await add(*args)
        if count == 2:
            raise Invalid("", "too_large", "Too large.")

    monkeypatch.setattr(draft, "_add", failing)
    with pytest.raises(Invalid):
        await decide(draft, PutOnShelf(shelf="top"), box)
    assert (draft.events, draft.contracts) == ([], [])
    assert (await draft.folded(SHELF, "top")).version == 0


async def test_contracts_of_one_event_have_ids_of_their_own(house: House):
    box = await house.made()
    await house.ask(FillBox(by=1, tells=3), box)
    stream = BOX.stream(box)
    ids = [one.id for one in await house.told()]
    assert ids == [f"{stream}/2", f"{stream}/2/1", f"{stream}/2/2"]


async def test_contracts_point_at_the_event_behind_them(house: House):
    box = await house.made()
    await house.ask(FillBox(by=1, then=2), box)
    assert [one.position for one in await house.told()] == [2, 3]
    assert [orjson.loads(one.data)["number"] for one in await house.told()] == ["1", "3"]


async def test_an_event_on_another_version_than_was_seen_is_broken(house: House, monkeypatch):
    box = await house.made()

    async def blind(reach: Any, aggregate: Any, id_: str) -> Any:
        return (), 7

    monkeypatch.setattr("shared.runtime.drafting.DraftReach.load", blind)
    with pytest.raises(Broken):
        await house.ask(PutOnShelf(shelf="top"), box)


async def test_an_event_of_nobody_is_broken(house: House):
    box = await house.made()
    desk = replace(house.engine.desk, service=replace(service, aggregates=(BOX,)))
    with pytest.raises(Broken, match="ShelfNoted"):
        await decide(Draft(desk), PutOnShelf(shelf="top"), box)


async def test_what_nobody_decides_is_added_as_it_is(house: House):
    draft = Draft(house.engine.desk)
    await draft.add(SHELF, "top", ShelfNoted(box="b"), CAUSE)
    await draft.add(SHELF, "top", ShelfNoted(box="c"), CAUSE)
    assert [one.version for one in draft.events] == [1, 2]
    assert draft.contracts == []


async def test_meta_says_who_and_why_and_names_nobody(house: House):
    box = await house.made()
    draft = Draft(house.engine.desk)
    cause = Cause(
        actor=actor(),
        correlation="story",
        causation="lesson-1/1",
        traceparent="00-a",
        backfill=True,
    )
    await draft.decide(service.row_for(CloseBox), box, CloseBox(), cause)
    meta = Meta.decode(draft.events[0].meta)
    assert (meta.correlation, meta.causation, meta.traceparent) == ("story", "lesson-1/1", "00-a")
    assert (meta.client, meta.organisation, meta.kind) == ("client", "OWNER", "trust")
    assert meta.person == house.engine.ids.derive("person", "person")
    assert meta.backfill


async def test_equal_commands_have_digests_of_their_own(house: House):
    box = await house.made()
    drafts = [Draft(house.engine.desk) for _ in range(2)]
    for draft in drafts:
        await decide(draft, CloseBox(), box)
    first, second = (draft.events[0] for draft in drafts)
    assert (first.data, first.version) == (second.data, second.version)
    assert first.digest() != second.digest()
