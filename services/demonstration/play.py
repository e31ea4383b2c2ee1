"""Plays the demonstration: the story of 2018, then the year 2023/24, in simulated time."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.demonstration import story_2018 as story
from services.demonstration.england import PlannedEvent, plan
from services.demonstration.player import Player
from services.demonstration.reports import report_of
from services.demonstration.story_2018 import Cast
from shared.nhs import synthetic
from shared.nhs.relations import Relation, Succession

STORY_STEPS = 20


async def play(stage: Any) -> None:
    """Fills a fresh stage. `stage` is shared.runtime.storytelling.Stage."""
    numbers = itertools.count(1)
    player = Player(
        stage.client, stage.token, stage.settle, stage.at, lambda: f"demonstration-{next(numbers)}"
    )
    planned = plan()
    relations = list(synthetic.relations())
    total = STORY_STEPS + len(relations) // 10 + len(planned)
    told = Told(stage.progress, total)
    await player.at(datetime(2018, 1, 2, 9, tzinfo=UTC))
    await _commissioning(player, relations, synthetic.successions(), told)
    await _story(player, told)
    await _year(stage, player, planned, told)
    await player.settle()


class Told:
    """Counts steps for whoever watches."""

    def __init__(self, progress: Callable[[int, int, str], None], total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def step(self, what: str, steps: int = 1) -> None:
        """So many steps further."""
        self._done = min(self._done + steps, self._total)
        self._progress(self._done, self._total, what)


async def _commissioning(
    player: Player,
    relations: list[Relation],
    successions: tuple[Succession, ...],
    told: Told,
) -> None:
    """Who commissions whom, from the explicit table of the synthetic England."""
    operator = player.person(synthetic.national(1), "operator", "o1")
    for number, one in enumerate(relations, start=1):
        body = {
            "commissioner": one.commissioner,
            "role": one.role,
            "scope": sorted(one.scope),
            "since": one.from_.isoformat(),
            **({"until": one.to.isoformat()} if one.to else {}),
        }
        await operator.does(f"/assurance/relations/{one.provider}", body)
        if number % 10 == 0:
            told.step("who commissions whom")
    for move in successions:
        await operator.does(
            f"/assurance/successions/{move.from_}",
            {"successor": move.to, "on": move.on.isoformat()},
        )
    await player.settle()


def cast_of(player: Player) -> Cast:
    """Two synthetic trusts with their lead CCGs, and a synthetic national body."""
    return Cast(
        player=player,
        trust=synthetic.trust(1),
        visiting=synthetic.ccg(synthetic.lead_ccg(1)),
        other_trust=synthetic.trust(2),
        reading=synthetic.ccg(synthetic.lead_ccg(2)),
        national=synthetic.national(1),
    )


async def _story(player: Player, told: Told) -> None:
    """Air for oxygen, on the days on which things happen."""
    cast = cast_of(player)
    trust, visitor, author = cast.at_trust(), cast.visitor(), cast.author()

    async def on(year: int, month: int, day: int, what: str) -> None:
        await player.at(datetime(year, month, day, 10, tzinfo=UTC))
        told.step(f"{year}: {what}")

    await on(2018, 1, 17, "a mistake that is on no list yet")
    january = await story.reported(trust, story.connected_to_air("2018-01-15"))
    await story.classified(trust, january, story.AIR_FOR_OXYGEN)
    await on(2018, 12, 5, "the same mistake, on the list now")
    december = await story.reported(trust, story.connected_to_air("2018-12-03"))
    await story.classified(trust, december, story.AIR_FOR_OXYGEN)
    await story.declared(trust, december, "2018-12-05")
    await on(2018, 12, 6, "the commissioner goes to see")
    await visitor.sees(f"/assurance/cases/{december}")
    await story.acknowledged(visitor, december)
    await story.reviewed_at_first(trust, december)
    await on(2018, 12, 10, "a visit, staff and family")
    await story.accepted_initial_review(visitor, december)
    await story.read_the_paper(visitor, december, "2018-12-07")
    await story.went_to_see(visitor, december, "2018-12-10")
    await on(2019, 1, 21, "the investigation goes back")
    await story.investigated(trust, december, thorough=False)
    await player.settle()
    await story.sent_back(visitor, december, 1)
    await on(2019, 2, 11, "and comes again, better")
    await story.investigated(trust, december, thorough=True)
    await player.settle()
    await on(2019, 2, 18, "the case closes with learning")
    await story.accepted(visitor, december, 2)
    await story.closed(visitor, december, "medical_gases")
    second = await _on_paper(player, cast, on, story.connected_to_air("2019-02-20"), "15")
    third = await _on_paper(player, cast, on, story.wrong_side("2019-02-21"), story.WRONG_SIDE)
    await on(2019, 4, 8, "a lesson is written")
    lesson = await story.drafted(author, december, second)
    await author.does(
        f"/learning/suggestions/{third}/dismissal",
        {"reason": "known_lesson", "note": "An earlier lesson says the same."},
    )
    await on(2019, 4, 15, "approved by a second person, published")
    await story.published(cast, lesson)
    await player.settle()
    await on(2019, 5, 13, "the trust adopts it")
    await story.adopted(trust, lesson)


async def _on_paper(player: Player, cast: Cast, on: Any, report: dict[str, Any], type_: str) -> str:
    """A case of the other trust, whose commissioner stays with the paper."""
    trust, reader = cast.at_other_trust(), cast.reader()
    await on(2019, 2, 22, "another trust, another commissioner")
    incident = await story.reported(trust, report)
    await story.classified(trust, incident, type_)
    await story.declared(trust, incident, "2019-02-22")
    await player.settle()
    await story.acknowledged(reader, incident)
    await story.reviewed_at_first(trust, incident)
    await on(2019, 3, 18, "read on paper")
    await story.read_the_paper(reader, incident, "2019-03-18")
    await story.investigated(trust, incident, thorough=False)
    await player.settle()
    await story.accepted(reader, incident, 1)
    await story.closed(
        reader, incident, "medical_gases", shallow_reason="No visit could be arranged in time."
    )
    return incident


async def _year(stage: Any, player: Player, planned: tuple[PlannedEvent, ...], told: Told) -> None:
    """The never events of 2023/24: posted within days of each, classified by their trust, and
    heard everywhere on the day of their record, so that `as_at` is right to the day."""
    today = None
    for one in planned:
        if one.recorded_at.date() != today:
            today = one.recorded_at.date()
            await player.settle()
        stage.clock.set(one.recorded_at.astimezone(UTC))
        provider = player.person(one.provider, "trust")
        event = await story.reported(provider, report_of(one))
        await provider.does(
            f"/intake/events/{event}/classification",
            {"outcome": "meets", "type": one.code, "reason": "The list's definition is met."},
        )
        told.step("the never events of 2023/24")
