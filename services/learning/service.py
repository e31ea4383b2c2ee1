"""Learning as one value: the only file that knows everyone in it."""

from functools import partial
from pathlib import Path

from services.learning.api import national, reads, stream
from services.learning.api.panel import panel
from services.learning.commands import COMMANDS
from services.learning.domain.adoption import ADOPTION
from services.learning.domain.lesson.state import LESSON
from services.learning.domain.marks import LESSON_NUMBER
from services.learning.domain.suggestion import SUGGESTION
from services.learning.projections.queries import waits_in
from services.learning.projections.successions import acts_for
from services.learning.projections.tables import LESSONS, METADATA, SUGGESTIONS
from services.learning.projections.views import PROJECTIONS
from services.learning.publisher import SAYS
from services.learning.reactions import REACTIONS
from shared.runtime.service import Awaited, Service

_AWAITED = tuple(
    Awaited(what=what, counted=partial(waits_in, table, state))
    for what, table, state in (
        ("Take up a suggestion, or dismiss it", SUGGESTIONS, "waiting"),
        ("Finish a draft", LESSONS, "draft"),
        ("Review a lesson", LESSONS, "in_review"),
        ("Publish a lesson", LESSONS, "approved"),
    )
)

service = Service(
    name="learning",
    title="Open Door: Learning",
    description="Lessons drawn from patient-safety events, who adopted them, and national tables.",
    aggregates=(SUGGESTION, LESSON, LESSON_NUMBER, ADOPTION),
    commands=COMMANDS,
    reactions=REACTIONS,
    says=SAYS,
    projections=PROJECTIONS,
    tables=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=(
        reads.suggestion_routes,
        reads.lesson_routes,
        reads.adoption_routes,
        national.routes,
        stream.routes,
    ),
    topics=("opendoor.learning.v1", "opendoor.learning.sources.v1", "opendoor.learning.heads.v1"),
    acts_for=acts_for,
    panel=panel,
    awaited=_AWAITED,
)
