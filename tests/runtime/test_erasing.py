"""Keys of sealed texts: one a scope of a stream, destroyed by an erasure, and fresh after it."""

import pytest
from sqlalchemy import delete

from shared.kernel.words import ERASED
from shared.log.tables import CURSORS
from shared.projections.base import LOG_TOPIC
from shared.runtime.drafting import Cause, Draft
from shared.runtime.erasing import READER, Eraser
from shared.runtime.streams import keys_of
from tests.runtime.boxes import BOX, EraseSubject, FillBox, LabelBox, service
from tests.runtime.house import House, actor

NAMES = ("first", "second")


async def full_box(house: House) -> str:
    return await house.made(label="tools", maker="maker", names=NAMES)


async def key_of(house: House, box: str, scope: str = "record") -> str:
    return keys_of(await house.recorded(box))[scope][-1]


async def erased(house: House, box: str, scope: str, patient: int | None = None) -> None:
    await house.ask(EraseSubject(scope=scope, patient=patient), box)
    await settled(house)


async def settled(house: House, eraser: Eraser | None = None) -> None:
    eraser = eraser or Eraser(house.engine)
    while await eraser.step():
        continue


async def test_each_scope_of_a_stream_has_a_key_of_its_own(house: House):
    keys = keys_of(await house.recorded(await full_box(house)))
    assert list(keys) == ["record", "reporter", "patient/1", "patient/2"]
    assert len({one for ids in keys.values() for one in ids}) == 4


async def test_what_has_no_text_needs_no_key(house: House):
    assert keys_of(await house.recorded(await house.made())) == {}


async def test_a_scope_keeps_its_key(house: House):
    box = await full_box(house)
    before = keys_of(await house.recorded(box))
    await house.ask(LabelBox(label="nails", names=NAMES), box)
    assert keys_of(await house.recorded(box)) == before


async def test_streams_share_no_key(house: House):
    first, second = [await key_of(house, await full_box(house)) for _ in range(2)]
    assert first != second


@pytest.mark.parametrize(
    ("scope", "patient", "left"),
    [
        ("record", None, (ERASED, ERASED, ERASED, ERASED)),
        ("reporter", None, ("tools", ERASED, "first", "second")),
        ("patient", 2, ("tools", "maker", "first", ERASED)),
        ("patient", 3, ("tools", "maker", "first", "second")),
    ],
)
async def test_an_erasure_takes_what_it_names(house: House, scope, patient, left):
    box, other = await full_box(house), await full_box(house)
    await erased(house, box, scope, patient)
    state = await house.box(box)
    assert (state.label, state.maker, *state.names) == left
    kept = await house.box(other)
    assert (kept.label, kept.maker, *kept.names) == ("tools", "maker", *NAMES)


async def test_texts_stand_until_the_worker_comes(house: House):
    box = await full_box(house)
    await house.ask(EraseSubject(scope="record"), box)
    assert (await house.box(box)).label == "tools"


async def test_what_is_said_after_an_erasure_stays(house: House):
    box = await full_box(house)
    old = await key_of(house, box)
    await erased(house, box, "record")
    await house.ask(LabelBox(label="nails"), box)
    assert await key_of(house, box) != old
    assert (await house.box(box)).label == "nails"


async def test_what_is_said_before_the_worker_came_stays_as_well(house: House):
    """The key is destroyed late where the worker was down: it must seal nothing meanwhile."""
    box = await full_box(house)
    await house.ask(EraseSubject(scope="record"), box)
    await house.ask(LabelBox(label="nails"), box)
    await settled(house)
    assert (await house.box(box)).label == "nails"


async def test_what_is_said_in_the_same_draft_after_an_erasure_stays(house: House):
    box = await full_box(house)
    old = await key_of(house, box)
    draft = Draft(house.engine.desk)
    for command in (EraseSubject(scope="record"), LabelBox(label="nails")):
        row = service.row_for(type(command))
        await draft.decide(row, box, command, Cause(actor=actor(), correlation=""))
    assert old not in (await draft.folded(BOX, box)).keys.values()


async def test_an_erasure_leaves_the_keys_of_other_scopes(house: House):
    box = await full_box(house)
    old = keys_of(await house.recorded(box))
    await erased(house, box, "patient", 1)
    await house.ask(LabelBox(label="nails", names=NAMES), box)
    new = keys_of(await house.recorded(box))
    assert new["record"] == old["record"]
    assert new["patient/2"] == old["patient/2"]
    assert len(new["patient/1"]) == 2


async def test_an_erasure_takes_every_key_that_the_scope_had(house: House):
    box = await full_box(house)
    await erased(house, box, "record")
    await house.ask(LabelBox(label="nails"), box)
    await erased(house, box, "record")
    assert (await house.box(box)).label is ERASED


async def test_a_new_eraser_goes_on_where_the_last_one_stopped(house: House):
    box = await full_box(house)
    await erased(house, box, "record")
    assert await house.engine.log.cursor(READER, LOG_TOPIC, 0) == await house.position()
    assert await Eraser(house.engine).step() == 0


async def test_from_the_beginning_again_it_destroys_no_more(house: House):
    """After a restore: erasing again what was erased leaves what was said since."""
    box = await full_box(house)
    await erased(house, box, "record")
    await house.ask(LabelBox(label="nails"), box)
    begun_anew = delete(CURSORS).where(CURSORS.c.reader == READER)
    await house.engine.log.store.write(lambda connection: connection.execute(begun_anew))
    await settled(house)
    assert (await house.box(box)).label == "nails"
    assert await house.engine.log.cursor(READER, LOG_TOPIC, 0) == await house.position()


async def test_of_two_erasers_the_slower_reads_its_place_again(house: House):
    box = await full_box(house)
    slow, fast = Eraser(house.engine), Eraser(house.engine)
    await settled(house, slow)
    await house.ask(FillBox(by=1), box)
    await settled(house, fast)
    await house.ask(EraseSubject(scope="record"), box)
    await settled(house, slow)
    assert (await house.box(box)).label is ERASED
    assert await house.engine.log.cursor(READER, LOG_TOPIC, 0) == await house.position()
