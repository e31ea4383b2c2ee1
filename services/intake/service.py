"""Intake as one value."""

from pathlib import Path

from services.intake.api import reads, stream
from services.intake.api.panel import panel
from services.intake.commands import COMMANDS
from services.intake.domain.access import ACCESS
from services.intake.domain.incident.messages.passages import SubjectErased
from services.intake.domain.incident.state import INCIDENT
from services.intake.projections.queries import proposals
from services.intake.projections.successions import acts_for
from services.intake.projections.tables import METADATA
from services.intake.projections.views import PROJECTIONS
from services.intake.publisher import SAYS
from services.intake.reactions import REACTIONS
from shared.runtime.service import Awaited, Service

service = Service(
    name="intake",
    title="Open Door: intake",
    description="Patient-safety events as they were told, and what became of them.",
    aggregates=(INCIDENT, ACCESS),
    commands=COMMANDS,
    reactions=REACTIONS,
    says=SAYS,
    projections=PROJECTIONS,
    tables=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=(stream.routes, reads.routes),
    topics=("opendoor.intake.v1", "opendoor.intake.heads.v1"),
    erases=(SubjectErased,),
    acts_for=acts_for,
    panel=panel,
    awaited=(Awaited(what="Decide on a proposed never event", counted=proposals),),
)
