"""Who reads: the codes that a caller sees by, today's London day, and what it is to a case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.assurance.domain.case.relations import relations
from services.assurance.domain.case.state import CASE, Case
from services.assurance.projections import visibility
from services.assurance.projections.successions import acts_for
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound
from shared.web.context import Web


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A caller on a day: `codes` are its own, those it took over, and the national seat where it
    holds it; `person` is the HMAC by which its person is recorded."""

    actor: Actor
    codes: frozenset[str]
    today: date
    person: str

    def to_case(self, case: Case) -> frozenset[str]:
        """What the caller is to a case, by any of its codes."""
        acting = (replace(self.actor, organisation=code) for code in self.codes)
        return frozenset().union(*(relations(case, one) for one in acting))


async def viewer_of(web: Web, actor: Actor) -> Viewer:
    """The caller as it may see now."""
    today = london_day(web.reach.clock.now())
    codes = await acts_for(web.reach, actor)
    return Viewer(
        actor=actor,
        codes=visibility.seats_of(actor, codes),
        today=today,
        person=web.reach.ids.derive("person", actor.person) if actor.person else "",
    )


async def story_of(web: Web, case: str) -> Sequence[tuple[Any, Any]]:
    """A case's story. Raises NotFound where there is none."""
    story = await web.reach.story(CASE, case)
    if not story:
        raise NotFound("There is no such record, or it is not yours to see.")
    return story
