"""One request: done once for its key, tried again against others, refused by name."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.kernel.decider import SYSTEM
from shared.kernel.errors import (
    AlreadyExists,
    Contended,
    Invalid,
    KeyReused,
    NotAllowed,
    NotFound,
    NotNow,
    PreconditionFailed,
)
from shared.runtime.handle import TRIES
from tests.runtime.boxes import BOX, CloseBox, FillBox, MakeBox
from tests.runtime.house import House, actor

OTHER = actor("OTHER")
STRANGER = actor("STRANGER")


def figures(done: Any) -> tuple[Any, ...]:
    return done.id, done.version, done.position, done.status


async def test_a_repeat_gets_the_first_result(house: House):
    box = await house.made()
    first = await house.ask(FillBox(by=1), box, key="k")
    await house.filled(box)
    again = await house.ask(FillBox(by=1), box, key="k")
    assert figures(again) == figures(first)
    assert (first.repeated, again.repeated) == (False, True)
    assert (await house.box(box)).held == 2


async def test_a_repeat_of_a_creation_gets_its_id_again(house: House):
    first = await house.ask(MakeBox(), key="k")
    again = await house.ask(MakeBox(), key="k")
    assert figures(again) == figures(first)
    assert again.repeated


async def test_a_repeat_that_would_be_refused_by_now_gets_the_first_result(house: House):
    box = await house.made()
    first = await house.ask(FillBox(by=1), box, key="k")
    await house.ask(CloseBox(), box)
    assert figures(await house.ask(FillBox(by=1), box, key="k")) == figures(first)


async def test_a_repeat_whose_version_is_stale_by_now_gets_the_first_result(house: House):
    box = await house.made()
    first = await house.ask(FillBox(by=1), box, key="k", expects=1)
    assert figures(await house.ask(FillBox(by=1), box, key="k", expects=1)) == figures(first)


async def test_a_repeat_that_would_change_nothing_by_now_gets_the_first_result(house: House):
    """The decider finds the box closed and has nothing to say; the key says what was answered."""
    box = await house.made()
    first = await house.ask(CloseBox(), box, key="k")
    again = await house.ask(CloseBox(), box, key="k")
    assert figures(again) == figures(first)
    assert again.repeated


async def test_a_key_with_another_payload_is_refused(house: House):
    box = await house.made()
    await house.ask(FillBox(by=1), box, key="k")
    before = await house.position()
    with pytest.raises(KeyReused):
        await house.ask(FillBox(by=2), box, key="k")
    assert await house.position() == before


@pytest.mark.parametrize(
    "other",
    [FillBox(by=0), FillBox(by=1, tells=0, words=70_000, then=1)],
    ids=["one that changes nothing", "one that would be refused"],
)
async def test_a_key_with_another_payload_is_refused_whatever_it_leads_to(house: House, other: Any):
    box = await house.made()
    await house.ask(CloseBox(), box, key="k")
    with pytest.raises(KeyReused):
        await house.ask(other, box, key="k")


async def test_a_refusal_leaves_the_key_free(house: House):
    with pytest.raises(Invalid):
        await house.ask(MakeBox(label=""), key="k")
    assert (await house.ask(MakeBox(label="tools"), key="k")).version == 1


async def test_a_stale_version_leaves_the_key_free(house: House):
    box = await house.made()
    await house.filled(box)
    with pytest.raises(PreconditionFailed):
        await house.ask(FillBox(by=1), box, key="k", expects=1)
    assert (await house.ask(FillBox(by=1), box, key="k", expects=2)).version == 3


async def test_what_changes_nothing_is_answered_with_what_is(house: House):
    box = await house.made()
    before = await house.position()
    done = await house.ask(FillBox(by=0), box)
    assert figures(done) == (box, 1, before, 200)


async def test_a_known_thing_under_a_new_key_is_named(house: House):
    box = (await house.ask(MakeBox(reference="r-1"))).id
    with pytest.raises(AlreadyExists) as refused:
        await house.ask(MakeBox(reference="r-1", label="other"))
    assert refused.value.link == box


async def test_a_creation_tries_first_and_loads_nothing(house: House, monkeypatch):
    loaded: list[str] = []
    load = house.engine.log.stream

    async def noted(stream: str, after: int = 0) -> Any:
        loaded.append(stream)
        return await load(stream, after)

    monkeypatch.setattr(house.engine.log, "stream", noted)
    await house.ask(MakeBox(reference="r-1"))
    with pytest.raises(AlreadyExists):
        await house.ask(MakeBox(reference="r-1"))
    assert loaded == []


async def test_a_request_that_others_overtook_is_decided_again(house: House):
    box = await house.made()
    done = await asyncio.gather(*(house.filled(box) for _ in range(4)))
    assert sorted(one.version for one in done) == [2, 3, 4, 5]
    assert (await house.box(box)).held == 4


async def test_who_is_overtaken_at_every_try_is_told_to_come_again(house: House, monkeypatch):
    box = await house.made()
    append, tries = house.engine.appender.append, 0

    async def overtaken(entry: Any) -> Any:
        nonlocal tries
        if entry.key.key == "slow":
            tries += 1
            await house.filled(box)
        return await append(entry)

    monkeypatch.setattr(house.engine.appender, "append", overtaken)
    with pytest.raises(Contended):
        await house.ask(FillBox(by=100), box, key="slow")
    assert tries == TRIES
    assert (await house.box(box)).held == TRIES


async def test_what_one_may_not_see_is_not_there(house: House):
    box = await house.made()
    with pytest.raises(NotFound) as hidden:
        await house.ask(FillBox(by=1), box, by=STRANGER)
    with pytest.raises(NotFound) as absent:
        await house.ask(FillBox(by=1), "none", by=STRANGER)
    assert hidden.value.detail == absent.value.detail


async def test_a_version_tells_a_stranger_nothing(house: House):
    """A stale If-Match on what may not be seen is answered as if it were not there (M8)."""
    box = await house.made()
    with pytest.raises(NotFound):
        await house.ask(FillBox(by=1), box, by=STRANGER, expects=77)


async def test_what_one_may_see_and_not_change_is_not_allowed(house: House):
    box = await house.made()
    with pytest.raises(NotAllowed):
        await house.ask(FillBox(by=1), box, by=OTHER)


async def test_whoever_took_over_acts_for_who_went_before(house: House):
    box = await house.made()
    await house.ask(FillBox(by=1), box, by=actor("HEIR"))
    assert (await house.box(box)).held == 1


async def test_a_role_without_the_step_is_not_allowed_anything(house: House):
    box = await house.made()
    with pytest.raises(NotAllowed):
        await house.ask(FillBox(by=1), box, by=actor(role="reviewer"))


async def test_a_request_cannot_come_from_the_system(house: House):
    box = await house.made()
    with pytest.raises(NotAllowed):
        await house.ask(FillBox(by=1), box, by=SYSTEM)


async def test_what_a_reading_leads_to_needs_no_right_of_its_own(house: House):
    box = await house.made()
    position = await house.engine.handle.carry_out(box, FillBox(by=1), STRANGER)
    assert position == await house.position() == 2
    assert await house.engine.handle.carry_out(box, FillBox(by=0), STRANGER) is None
    assert await house.position() == 2
    assert (await house.box(box)).held == 1


async def test_a_reading_that_was_overtaken_is_recorded_all_the_same(house: House):
    box = await house.made()
    record = house.engine.handle.carry_out
    await asyncio.gather(*(record(box, FillBox(by=1), STRANGER) for _ in range(3)))
    assert (await house.box(box)).held == 3


async def test_a_refused_reading_is_refused(house: House):
    box = await house.made()
    await house.ask(CloseBox(), box)
    with pytest.raises(NotNow):
        await house.engine.handle.carry_out(box, FillBox(by=1), STRANGER)


async def test_the_key_of_another_client_is_another_key(house: House):
    box = await house.made()
    await house.ask(FillBox(by=1), box, key="k")
    asked = house.asks(FillBox(by=2), box, key="k")
    done = await house.engine.handle(replace(asked, client="another"))
    assert not done.repeated
    assert (await house.recorded(box))[-1].stream == BOX.stream(box)
