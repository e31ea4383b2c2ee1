"""Whose part an organisation takes: its own, and that of all it took over."""

from sqlalchemy import select

from services.intake.projections.tables import SUCCESSIONS
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor
from shared.nhs.relations import Succession, acting_for
from shared.projections.reach import Reach


async def acts_for(reach: Reach, actor: Actor) -> frozenset[str]:
    """The actor's organisation and all that it took over by today, London (M8)."""
    rows = await reach.read(select(SUCCESSIONS))
    held = [Succession(from_=one.former, to=one.successor, on=one.since) for one in rows]
    return acting_for(actor.organisation, london_day(reach.clock.now()), held)
