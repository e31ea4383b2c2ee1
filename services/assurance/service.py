"""Assurance as one value: the only file that knows everyone here."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from services.assurance import facts
from services.assurance.api import ROUTERS
from services.assurance.commands import COMMANDS, commands_of
from services.assurance.domain.access import ACCESS
from services.assurance.domain.activity.state import ACTIVITY
from services.assurance.domain.case.events import SubjectErased
from services.assurance.domain.case.state import CASE
from services.assurance.domain.commissioning import COMMISSIONING, SUCCESSION
from services.assurance.domain.marks import ActivityErased
from services.assurance.domain.rules.waiting import ITEMS
from services.assurance.projections import queries, worklist
from services.assurance.projections.successions import acts_for
from services.assurance.projections.tables import METADATA
from services.assurance.projections.views import PROJECTIONS
from services.assurance.publisher import SAYS
from services.assurance.reactions import REACTIONS
from shared.projections.reach import Reach
from shared.runtime.service import Awaited, Panel, Service, Timer, To
from shared.web.charts import Bar


async def _ticks(reach: Reach) -> Sequence[To]:
    return [To(case, tick, create=False) for case, tick in await facts.due_clocks(reach)]


async def _handovers(reach: Reach) -> Sequence[To]:
    return [To(case, over, create=False) for case, over in await facts.due_handovers(reach)]


_DEPTHS = (
    "Paper: desk and data review",
    "Dialogue: calls, meetings, conversations",
    "Presence where care is given",
    "Presence, with staff and patients heard",
)


async def _panel(reach: Reach) -> Panel:
    """How deep assurance went, all activities together: no commissioner is ranked."""
    counted = {row.depth: row.count for row in await reach.read(queries.depths_of_activities())}
    return Panel(
        chart_title="How deep assurance went",
        chart_note="Counts of recorded activities by derived depth; these are not rates.",
        bars=tuple(Bar(label, counted.get(depth, 0)) for depth, label in enumerate(_DEPTHS)),
    )


_AWAITED = tuple(
    Awaited(what=one.title, counted=partial(worklist.items_waiting, item))
    for item, one in ITEMS.items()
)

service = Service(
    name="assurance",
    title="Open Door: assurance",
    description=(
        "What commissioners do about patient-safety events: cases, clocks, activities with their "
        "depth, reviews and closings."
    ),
    aggregates=(CASE, ACTIVITY, COMMISSIONING, SUCCESSION, ACCESS),
    commands=COMMANDS,
    reactions=REACTIONS,
    timers=(
        Timer("clocks", 30.0, _ticks),
        Timer("hand-overs", 60.0, _handovers),
    ),
    says=SAYS,
    projections=PROJECTIONS,
    tables=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    topics=("opendoor.assurance.v1", "opendoor.assurance.heads.v1"),
    erases=(SubjectErased, ActivityErased),
    imports_relations=commands_of,
    acts_for=acts_for,
    panel=_panel,
    awaited=_AWAITED,
    clocks=worklist.clocks_running,
)
