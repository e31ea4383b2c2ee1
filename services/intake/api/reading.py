"""One event as one caller may see it, loaded from its stream; readings elsewhere are recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from services.intake.api.shown import Eye
from services.intake.domain.access import Part, RecordReading
from services.intake.domain.incident.messages.passages import SubjectErased
from services.intake.domain.incident.relations import involved_in
from services.intake.domain.incident.state import INCIDENT, Incident
from services.intake.projections.queries import reader_of, relations_to
from shared.kernel.decider import Actor
from shared.kernel.errors import NotFound
from shared.web.context import Web

MAY_READ = "read_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """An event's story with the place of each step, what it adds up to, and how much of it the
    caller sees."""

    id: str
    actor: Actor
    story: Sequence[tuple[Any, Any]]
    incident: Incident
    eye: Eye

    @property
    def version(self) -> int:
        return len(self.story)

    @property
    def whole_and_unerased(self) -> bool:
        """Whether the caller sees all that was filed, and all of it is still there."""
        return self.eye.whole and not any(
            isinstance(event, SubjectErased) for event, _ in self.story
        )

    def at(self, version: int) -> "Sight":
        """The same as of an earlier version; what was erased since is not shown there either.
        Raises NotFound for a version that never was."""
        if not 1 <= version <= self.version:
            raise NotFound("The event has no such version.")
        story = self.story[:version]
        later = [event for event, _ in self.story[version:]]
        erased = [event for event in later if isinstance(event, SubjectErased)]
        incident = INCIDENT.fold([*(event for event, _ in story), *erased])
        return replace(self, story=story, incident=incident)


async def sight_of(web: Web, id_: str, actor: Actor) -> Sight:
    """The event. Raises NotFound where there is none, or none that the actor may see (M8)."""
    story = await web.reach.story(INCIDENT, id_)
    incident = INCIDENT.fold([event for event, _ in story])
    involved = involved_in(incident)
    reader = await reader_of(web.reach, actor)
    relations = await relations_to(web.reach, reader, involved)
    web.require(MAY_READ, actor, relations)
    eye = Eye(whole="own" in relations, teller=involved.reported_by in reader.codes)
    return Sight(id=id_, actor=actor, story=story, incident=incident, eye=eye)


async def told(
    web: Web, request: Request, sight: Sight, body: Any, part: Part, withheld: int
) -> Response:
    """The answer that holds narrative. Given to another organisation, it is recorded first: who
    cannot be recorded is not told."""
    response = web.versioned(request, sight.version, body)
    if response.status_code == 200 and not sight.eye.whole:
        command = RecordReading(part=part, version=sight.version, passages_withheld=withheld)
        await web.record(sight.id, command, sight.actor)
    return response
