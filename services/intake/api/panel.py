"""What intake shows of itself on the home page: the story of one report that became learning."""

from typing import Any

from sqlalchemy import Select, select

from services.intake.api.timeline import timeline_shown
from services.intake.domain.incident.state import INCIDENT
from services.intake.projections.tables import INCIDENTS
from shared.kernel.clock import london_day
from shared.runtime.home import Panel, StoryStep
from shared.runtime.service import Reach

_WORDS = {
    "event_reported": "A trust reports the event",
    "never_event_proposed": "A rule asks a person to look: it may be a never event",
    "classification_decided": "The trust classifies it as a never event",
    "serious_incident_declared": "The trust declares a serious incident",
    "initial_review_submitted": "The trust sends its initial review",
    "investigation_submitted": "The trust sends its investigation",
    "lesson_drawn": "A lesson is drawn from it and published",
}
_ANSWERS = {
    "case_opened": "The commissioner's case opens by itself",
    "case_acknowledged": "The commissioner acknowledges the case",
    "activity_recorded": "The commissioner looks for itself",
    "feedback_given": "The commissioner answers a submission",
    "investigation_returned": "The investigation goes back, criterion by criterion",
    "clock_breached": "A clock runs past its day",
    "case_closed": "The case closes with its learning",
}


async def panel(reach: Reach) -> Panel:
    """The first report that a lesson was drawn from, in plain words; nothing while none was."""
    rows = await reach.read(_first_with_lesson())
    if not rows:
        return Panel()
    story = await reach.story(INCIDENT, rows[0].id)
    steps = [step for one in timeline_shown(story, (), whole=False) if (step := _step(one))]
    # A visit is told later than it was made; people read a story by its days.
    return Panel(
        story_title="One report, from ward to lesson",
        story=tuple(sorted(steps, key=lambda step: step.on)),
    )


def _first_with_lesson() -> Select[Any]:
    first = INCIDENTS.c.reported_position
    return select(INCIDENTS.c.id).where(INCIDENTS.c.lessons > 0).order_by(first).limit(1)


def _step(item: dict[str, Any]) -> StoryStep | None:
    details = item["details"]
    words = _WORDS.get(item["type"]) or _ANSWERS.get(str(details.get("kind")))
    if words is None:
        return None
    if details.get("modes"):
        modes = ", ".join(mode.replace("_", " ") for mode in details["modes"])
        words = f"{words}: {modes}"
    return StoryStep(on=_day(item), what=f"{words}.")


def _day(item: dict[str, Any]) -> str:
    told = item["details"].get("on")
    return str(told) if told else london_day(item["recorded_at"]).isoformat()
