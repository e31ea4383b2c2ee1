"""Each bar says its value and whether it holds, and says so when there is nothing to judge."""

import pytest

from bench.bars import BARS, judged
from bench.names import APPEND, EVENTSOURCING, POSTGRES
from bench.results import Figure
from bench.words import REASONS
from tests.bench.examples import appends, fairness, results

EIGHT_FAIR = "eight processes appending at once: slowest against fastest"
AGAINST_EVENTSOURCING = "log append, 32 writers, PostgreSQL, against eventsourcing's save"


def bar(name: str, *more: Figure) -> dict[str, object]:
    """One bar of the example's run, with further figures."""
    return next(one for one in judged(results(*more)) if one["name"] == name)


@pytest.mark.parametrize(("value", "holds"), [(0.9, True), (0.91, True), (0.899, False)])
def test_a_bar_holds_from_its_very_number_on(value: float, holds: bool) -> None:
    found = bar(EIGHT_FAIR, fairness(value))
    assert (found["value"], found["bar"], found["holds"]) == (value, 0.9, holds)


def test_a_bar_without_its_figures_neither_holds_nor_fails() -> None:
    found = bar(EIGHT_FAIR)
    assert (found["value"], found["holds"]) == (None, None)


@pytest.mark.parametrize(("saved", "holds"), [(100, True), (101, False)])
def test_a_ratio_is_of_medians_at_the_same_clients(saved: float, holds: bool) -> None:
    found = bar(AGAINST_EVENTSOURCING, *appends(EVENTSOURCING, (1, 1, saved, 1)))
    assert (found["value"], found["holds"]) == (round(2000 / saved, 3), holds)


def test_the_first_sample_does_not_decide() -> None:
    slow = Figure(row=APPEND, name=POSTGRES, unit="", samples=(1, 2, 9), clients=7)
    assert slow.value == 2


def test_every_number_to_hold_is_there_once() -> None:
    names = [one.name for one in BARS]
    assert len(set(names)) == len(names) == 12


def test_a_reason_is_of_a_bar() -> None:
    assert set(REASONS) <= {one.name for one in BARS}
