"""The whole story of an event in codes and days, across the services."""

from collections.abc import Sequence
from typing import Any

from services.intake.domain.access import NarrativeRead
from services.intake.projections.details import HOME, details_of
from shared.kernel.messages import event_name
from shared.log.meta import Meta

Told = Sequence[tuple[Any, Any]]
"""(event, where it is recorded), in order."""


def versions_shown(id_: str, story: Told, whole: bool) -> list[dict[str, Any]]:
    """Each version with what made it; what concerns the trust alone is told to it alone."""
    shown = []
    for event, recorded in story:
        if whole or type(event) not in HOME:
            step = _step(event, recorded)
            link = f"/intake/events/{id_}/versions/{recorded.version}"
            shown.append({"version": recorded.version, **step, "links": {"self": link}})
    return shown


def timeline_shown(story: Told, readings: Told, whole: bool) -> list[dict[str, Any]]:
    """What was told, decided, answered and learnt; for the trust also who read it elsewhere."""
    seen = [(event, at) for event, at in story if whole or type(event) not in HOME]
    steps = [*seen, *(readings if whole else ())]
    return [_step(event, at) for event, at in sorted(steps, key=lambda one: one[1].position)]


def _step(event: Any, recorded: Any) -> dict[str, Any]:
    meta = Meta.decode(recorded.meta)
    told = details_of(event)
    if isinstance(event, NarrativeRead):
        told = {"part": event.part, "version": event.version}
    return {
        "type": event_name(type(event)),
        "at": meta.at,
        "recorded_at": recorded.recorded_at,
        "by": meta.organisation or None,
        "details": told,
    }
