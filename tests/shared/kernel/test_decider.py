"""Tests of shared/kernel/decider.py: what a stream may hold, and what it is folded to."""

from dataclasses import dataclass

import pytest

from services.assurance.service import service as assurance
from services.intake.service import service as intake
from services.learning.service import service as learning
from shared.kernel.decider import Aggregate

EVERY = [one for service in (intake, assurance, learning) for one in service.aggregates]


@dataclass(frozen=True, slots=True)
class Counted:
    by: int


@dataclass(frozen=True, slots=True)
class Foreign:
    by: int


COUNT: Aggregate[int] = Aggregate(
    name="count", initial=1, steps={Counted: lambda count, event: count + event.by}
)


def test_a_stream_folds_by_the_step_of_each_event() -> None:
    assert COUNT.events == (Counted,)
    assert COUNT.fold([Counted(2), Counted(3)]) == 6
    assert COUNT.fold([Counted(2)], state=10) == 12


@pytest.mark.parametrize("aggregate", [COUNT, *EVERY], ids=lambda one: one.name)
def test_an_event_that_is_foreign_to_a_stream_is_refused(
    aggregate: Aggregate[object],
) -> None:
    with pytest.raises(TypeError, match=f"Foreign is no event of {aggregate.name}"):
        aggregate.fold([Foreign(1)])
