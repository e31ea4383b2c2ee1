"""What an organisation is to an event: the words that permissions are asked with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.intake.domain.incident.state import Incident
from shared.kernel.decider import Actor
from shared.nhs.relations import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """Whose an event is: who told, where it occurred, who leads; its London day and area."""

    reported_by: str
    occurred_at: str
    leads: str
    day: date
    service_area: str | None = None

    @property
    def providers(self) -> frozenset[str]:
        """The organisations whose commissioners and region may read it."""
        return frozenset({self.occurred_at, self.leads})


def involved_in(incident: Incident) -> Involved:
    """Whose the event is. Raises NotFound where nothing was reported."""
    told = incident.told
    return Involved(
        reported_by=incident.reported_by,
        occurred_at=told.occurred_at,
        leads=told.leads,
        day=incident.day,
        service_area=told.service_area,
    )


def relations(incident: Incident, actor: Actor) -> frozenset[str]:
    """What the actor's organisation is to an event of its own stream; see `as_party`."""
    if incident.report is None:
        return frozenset()
    return as_party(involved_in(incident), frozenset({actor.organisation}))


def as_party(involved: Involved, readers: frozenset[str]) -> frozenset[str]:
    """`own` for whoever told of it or leads it, `provider` for where it occurred."""
    own = {"own"} if readers & {involved.reported_by, involved.leads} else set()
    return frozenset(own | ({"provider"} if involved.occurred_at in readers else set()))


def as_overseer(
    involved: Involved, readers: frozenset[str], commissioning: Iterable[Relation]
) -> frozenset[str]:
    """`lead` or `associate` where one of the readers held such a relation with a provider of the
    event on its day and for its service area; a specialised commissioner leads in its scope."""
    return frozenset(
        "associate" if one.role == "associate" else "lead"
        for one in commissioning
        if one.commissioner in readers
        and one.provider in involved.providers
        and one.holds(involved.day)
        and one.covers(involved.service_area)
    )
