"""What an activity is after its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.assurance.domain.activity.messages import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    Subject,
)
from services.assurance.domain.marks import ActivityErased
from shared.kernel.decider import Aggregate
from shared.kernel.errors import NotFound, NotNow


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity as it stands: the event that says so, the first one, its withdrawal, and
    whether its text was erased."""

    now: ActivityRecorded | ActivityCorrected | None = None
    first: ActivityRecorded | None = None
    withdrawn_on: date | None = None
    erased: bool = False

    @property
    def content(self) -> ActivityRecorded | ActivityCorrected:
        """What stands. Raises NotFound before anything was recorded."""
        return self.require_there()

    def require_there(self) -> ActivityRecorded | ActivityCorrected:
        """What stands, withdrawn or not. Raises NotFound before anything was recorded."""
        if self.now is None:
            raise NotFound("There is no such activity, or it is not yours to see.")
        return self.now

    def require_standing(self) -> None:
        """Raises NotFound before it was recorded, NotNow once it is withdrawn or erased."""
        self.require_there()
        if self.erased:
            raise NotNow("The activity's text was erased with its incident's.")
        if self.withdrawn_on:
            raise NotNow("The activity has been withdrawn.")

    def ids_of(self, kind: str) -> tuple[str, ...]:
        """The ids of the subjects of one kind, each once, in the order given."""
        return ids_of(self.now.subjects if self.now else (), kind)


def ids_of(subjects: tuple[Subject, ...], kind: str) -> tuple[str, ...]:
    """The ids of the subjects of one kind, each once, in the order given."""
    return tuple(dict.fromkeys(one.id for one in subjects if one.kind == kind))


_STEPS: Mapping[type[Any], Callable[[Activity, Any], Activity]] = {
    ActivityRecorded: lambda activity, event: replace(activity, now=event, first=event),
    ActivityCorrected: lambda activity, event: replace(activity, now=event),
    ActivityWithdrawn: lambda activity, event: replace(activity, withdrawn_on=event.withdrawn_on),
    ActivityErased: lambda activity, event: replace(activity, erased=True),
}

ACTIVITY: Aggregate[Activity] = Aggregate(name="activity", initial=Activity(), steps=_STEPS)
