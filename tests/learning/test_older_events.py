"""How an event of learning would grow: what was recorded reads, folds and projects as before.

The answer whether a lesson applies is recorded as yes or no. A later version may want `partly`,
and another name for the reason: two steps of schema, each with its upcaster.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import pytest
from sqlalchemy import select

from services.learning.domain.adoption import (
    ADOPTION,
    Adoption,
    Answered,
    NotRelevant,
    RelevanceAnswered,
    adoption_id,
)
from services.learning.projections.tables import ADOPTIONS
from services.learning.projections.views import ADOPTIONS_VIEW, PROJECTIONS
from services.learning.service import service
from shared.kernel.decider import Aggregate
from shared.kernel.errors import Broken
from shared.kernel.messages import event
from shared.kernel.words import ERASED, Sealed, Text
from shared.log.base import Appended, Entry
from shared.log.codec import Codec, Meta
from shared.projections.base import Rows, Seen
from shared.runtime.building import Builder
from shared.runtime.heard import HEARD
from shared.runtime.service import Service
from shared.runtime.streams import Streams
from tests.learning.lessons import answer, published
from tests.learning.world import OTHER_TRUST, TRUST, World

Plain = dict[str, Any]
NOTE = "We have no such flowmeters since the refit."


@event("adoption_relevance_answered", schema=3)
class RelevanceWeighed(Answered):
    """The lesson applies, applies in part, or does not for this reason."""

    relevance: Literal["relevant", "partly", "not_relevant"]
    why_not: NotRelevant | None = None
    note: Sealed[Text] | None = None


def in_words(plain: Plain) -> Plain:
    """From schema 1, where it was yes or no."""
    rest = {name: held for name, held in plain.items() if name != "applies"}
    return {**rest, "relevance": "relevant" if plain["applies"] else "not_relevant"}


def reason_renamed(plain: Plain) -> Plain:
    """From schema 2."""
    rest = {name: held for name, held in plain.items() if name != "reason"}
    return {**rest, "why_not": plain.get("reason")}


def _weighed(adoption: Adoption, weighed: RelevanceWeighed) -> Adoption:
    return replace(adoption, applies=weighed.relevance != "not_relevant", reason=weighed.why_not)


LATER: Aggregate[Adoption] = replace(
    ADOPTION,
    steps={
        **{cls: step for cls, step in ADOPTION.steps.items() if cls is not RelevanceAnswered},
        RelevanceWeighed: _weighed,
    },
    upcasters={
        ("adoption_relevance_answered", 1): in_words,
        ("adoption_relevance_answered", 2): reason_renamed,
    },
)


async def weighed_view(rows: Rows, told: RelevanceWeighed, seen: Seen) -> None:
    older = RelevanceAnswered(
        lesson=told.lesson,
        number=told.number,
        version=told.version,
        organisation=told.organisation,
        on=told.on,
        applies=told.relevance != "not_relevant",
        reason=told.why_not,
    )
    await ADOPTIONS_VIEW.views[RelevanceAnswered](rows, older, seen)


def later_version() -> Service:
    """The service as it would be then: its read model of adoptions means something else."""
    projections = [
        replace(
            one,
            version=2,
            views={
                **{cls: view for cls, view in one.views.items() if cls is not RelevanceAnswered},
                RelevanceWeighed: weighed_view,
            },
        )
        if RelevanceAnswered in one.views
        else one
        for one in PROJECTIONS
    ]
    aggregates = tuple(LATER if one is ADOPTION else one for one in service.aggregates)
    return replace(service, aggregates=aggregates, projections=tuple(projections))


def streams_of(world: World, version: Service) -> Streams:
    codec = Codec((*version.aggregates, HEARD))
    return Streams(world.engine.log, codec, world.engine.vault, version.erases)


async def two_answers(world: World) -> str:
    """One that it applies, one that it does not and why; the lesson."""
    lesson = await published(world)
    await answer(world, "trust", lesson, "relevance", applies=True)
    not_here = {"applies": False, "reason": "equipment_not_used", "note": NOTE}
    await answer(world, "other_trust", lesson, "relevance", **not_here)
    return lesson


async def adoptions(world: World) -> Sequence[Any]:
    return await world.engine.log.store.read(select(ADOPTIONS).order_by(ADOPTIONS.c.organisation))


async def test_what_was_recorded_is_read_in_the_later_form(world: World):
    lesson = await two_answers(world)
    streams = streams_of(world, later_version())
    for trust, relevance, why_not, note in (
        (TRUST, "relevant", None, None),
        (OTHER_TRUST, "not_relevant", "equipment_not_used", NOTE),
    ):
        one = adoption_id(lesson, 1, trust)
        told = (await streams.story(LATER, one))[-1][0]
        assert isinstance(told, RelevanceWeighed)
        assert (told.relevance, told.why_not, told.note) == (relevance, why_not, note)
        folded = await streams.load(LATER, one)
        before = await world.engine.streams.load(ADOPTION, one)
        assert (folded.state, folded.version) == (before.state, before.version)


async def test_a_read_model_is_built_from_both_forms(world: World):
    lesson = await two_answers(world)
    before = list(await adoptions(world))
    built = await Builder(service=later_version(), log=world.engine.log).build()
    assert {one.name: one.done for one in built}["adoptions"] == "built"
    assert list(await adoptions(world)) == before
    assert [(row.applies, row.reason) for row in before if row.lesson == lesson] == [
        (True, None),
        (False, "equipment_not_used"),
    ]


async def test_what_was_erased_stays_so(world: World):
    lesson = await two_answers(world)
    one = adoption_id(lesson, 1, OTHER_TRUST)
    (recorded,) = [
        row
        for row in await world.engine.log.stream(ADOPTION.stream(one))
        if row.type == "adoption_relevance_answered"
    ]
    codec = Codec((*later_version().aggregates, HEARD))
    told = codec.decode(recorded, LATER, lambda token, path: ERASED)
    assert (told.note, told.why_not) == (ERASED, "equipment_not_used")


async def test_the_older_version_refuses_what_only_a_later_one_can_read(world: World):
    lesson = await two_answers(world)
    one = adoption_id(lesson, 1, TRUST)
    streams = streams_of(world, later_version())
    told = (await streams.story(LATER, one))[-1][0]
    folded = await streams.load(LATER, one)
    stream, version = LATER.stream(one), folded.version + 1
    meta = Meta(command="c", at="2019-04-01T09:00:00Z", organisation=TRUST)
    partly = replace(told, relevance="partly")
    later, _ = await streams.encode(stream, version, partly, meta, folded)
    (outcome,) = await world.engine.log.append([Entry(events=(later,))])
    assert isinstance(outcome, Appended)
    assert (await streams.story(LATER, one))[-1][0] == partly
    with pytest.raises(Broken, match="written by newer code"):
        await world.engine.streams.load(ADOPTION, one)


def test_a_missing_step_shows_at_the_start():
    gap = replace(LATER, upcasters={("adoption_relevance_answered", 1): in_words})
    with pytest.raises(Broken, match="adoption_relevance_answered from schema 2 is amiss"):
        Codec((gap,))
