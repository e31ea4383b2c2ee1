"""Reactions: a batch decided as one draft, refusals passed, poison named, contracts kept."""

from dataclasses import replace

import orjson
import pytest

from shared.bus.effects import EffectFailed
from shared.contracts.learning import AdoptionRecordedV1, LessonPublishedV1
from shared.kernel.errors import ReadModelBehind, Unavailable
from shared.log.meta import Meta
from shared.runtime.heard import HEARD, ContractHeard
from tests.runtime.boxes import BOX, SHELF
from tests.runtime.house import House, drawn, record


def published(n: int = 1, title: str = "Look twice") -> LessonPublishedV1:
    return LessonPublishedV1(
        lesson="l1",
        number="2018-1",
        version=n,
        title=title,
        what_happened="It was mixed up.",
        factors=[],
        actions=[],
        applies_to={},
        response="information",
        sources="under 5",
        themes=[],
        published_on="2018-12-19",
    )


async def test_two_records_of_one_stream_in_one_batch_follow_each_other(house: House):
    box = await house.made()
    effect = await house.hear(drawn(box, by=2, n=1), drawn(box, by=3, n=2))
    assert [one.version for one in effect.events] == [2, 3]
    assert (await house.box(box)).held == 5


async def test_facts_of_a_later_record_see_what_an_earlier_one_did(house: House):
    boxes = [await house.made() for _ in range(2)]
    await house.hear(*(drawn(box, what="shelf", number="top") for box in (*boxes, boxes[0])))
    assert await house.engine.reach.load(SHELF, "top") == (tuple(boxes), 2)


async def test_a_refusal_is_counted_and_the_others_go_on(house: House):
    closed, open_ = await house.made(), await house.made()
    await house.hear(drawn(closed, what="close"), drawn(closed), drawn(open_))
    assert (await house.box(closed)).held == 0
    assert (await house.box(open_)).held == 1
    assert house.reactor.refused == {"not-now": 1}


async def test_what_is_refused_for_its_size_adds_nothing_to_the_batch(house: House):
    """A command of two events, the second of which tells too much, between two that are fine."""
    box = await house.made()
    effect = await house.hear(
        drawn(box, by=1, n=1), drawn(box, by=10, what="twice", n=2), drawn(box, by=2, n=3)
    )
    assert [one.version for one in effect.events] == [2, 3]
    assert [one.event for one in effect.contracts] == [0, 1]
    assert (await house.box(box)).held == 3
    assert house.reactor.refused == {"invalid": 1}


async def test_a_thing_that_must_be_there_is_not_made(house: House):
    effect = await house.hear(drawn("none", what="close"))
    assert effect.events == ()
    assert house.reactor.refused == {"no-such-thing": 1}


async def test_the_system_needs_no_right(house: House):
    await house.hear(drawn("new"))
    assert (await house.box("new")).held == 1


async def test_what_nobody_reacts_to_is_passed(house: House):
    told = AdoptionRecordedV1(
        lesson="l1", number="2018-1", version=1, organisation="RHQ", state="seen", on="2018-12-19"
    )
    effect = await house.hear(record(told, "adoption-1", 1))
    assert effect.events == ()
    assert sum(house.reactor.passed.values()) == 1


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_poison_is_named_by_its_place(house: House, place: int):
    """The command raises what nobody foresaw."""
    records = [drawn(f"b{n}", by=1, n=n + 1) for n in range(3)]
    records[place] = drawn("bad", by=-1, n=place + 1)
    with pytest.raises(EffectFailed) as failed:
        await house.hear(*records)
    assert failed.value.index == place
    assert isinstance(failed.value.error, ValueError)


async def test_a_contract_that_does_not_read_is_poison(house: House):
    good = drawn("b", n=2)
    assert good.event is not None
    bad = replace(good, event=replace(good.event, data=orjson.dumps({"incidents": 7})))
    with pytest.raises(EffectFailed) as failed:
        await house.hear(drawn("b", n=1), bad)
    assert failed.value.index == 1


async def test_a_record_that_is_no_event_is_poison(house: House):
    with pytest.raises(EffectFailed, match="ValueError"):
        await house.hear(replace(drawn("b"), event=None, fault="no CloudEvent"))


@pytest.mark.parametrize("busy", [Unavailable("Gone."), ReadModelBehind(2, 1)])
async def test_what_passes_by_itself_is_no_poison(house: House, monkeypatch, busy: Exception):
    async def away(stream: str, after: int = 0) -> None:
        raise busy

    monkeypatch.setattr(house.engine.log, "stream", away)
    with pytest.raises(type(busy)):
        await house.hear(drawn("b"))


async def test_what_follows_is_tied_to_what_it_follows_from(house: House):
    effect = await house.hear(drawn("b", n=7))
    meta = Meta.decode(effect.events[0].meta)
    assert (meta.correlation, meta.causation) == ("story", "lesson-l1/7")
    assert (meta.client, meta.kind, meta.person) == ("open-door", "system", "")
    attributes = orjson.loads(effect.contracts[0].attributes)
    assert (attributes["correlationid"], attributes["causationid"]) == ("story", "lesson-l1/7")


async def test_what_only_needs_to_be_remembered_is_kept_as_it_was_told(house: House):
    told = published()
    await house.hear(record(told, "lesson-l1", 1), record(published(2, "Twice"), "lesson-l1", 2))
    story = await house.engine.reach.story(HEARD, "lesson-l1")
    assert [where.stream for _, where in story] == ["heard-lesson-l1"] * 2
    kept: ContractHeard = story[0][0]
    assert (kept.id, kept.n, kept.type) == (
        "lesson-l1/1",
        1,
        "opendoor.learning.lesson_published.v1",
    )
    assert kept.source == "urn:open-door:learning"
    assert kept.data["title"] == "Look twice"


async def test_a_box_that_nobody_made_is_made_by_what_is_heard(house: House):
    await house.hear(drawn("a", "b"))
    heads = [(await house.engine.reach.load(BOX, one))[1] for one in ("a", "b")]
    assert heads == [1, 1]
