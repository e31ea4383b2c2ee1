"""Medians and percentiles, and a closed loop that counts what was begun in time."""

import pytest

from bench.sampling import (
    Sample,
    closed_loop,
    closed_loop_of_threads,
    median,
    percentile,
    sample_of,
)


@pytest.mark.parametrize(
    ("values", "found"), [([3.0], 3.0), ([9.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 9.0], 3.0)]
)
def test_the_median_is_the_middle_one_or_the_mean_of_two(values: list[float], found: float) -> None:
    assert median(values) == found


def test_there_is_no_median_of_nothing() -> None:
    with pytest.raises(ValueError, match="the median of nothing"):
        median([])


@pytest.mark.parametrize(
    ("share", "found"), [(0.0, 1), (0.5, 50), (0.501, 51), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_a_percentile_is_a_value_that_was_met(share: float, found: float) -> None:
    assert percentile([float(one) for one in range(100, 0, -1)], share) == found


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 0.99) == 0


def test_a_rate_is_what_was_done_in_a_second() -> None:
    sample = sample_of(2, [0.1, 0.3, 0.2], 1.5, 0.5)
    assert sample == Sample(clients=2, done=3, seconds=1.5, p50=0.2, p99=0.3, cpu=0.5)
    assert sample.rate == 2


async def test_a_closed_loop_counts_every_step_of_every_client() -> None:
    steps: list[int] = []

    async def step() -> None:
        steps.append(1)

    sample = await closed_loop(step, 3, 0.01)
    assert (sample.clients, sample.done) == (3, len(steps))
    assert sample.done > 0


def test_threads_are_counted_alike() -> None:
    steps: list[int] = []
    sample = closed_loop_of_threads(lambda: steps.append(1), 2, 0.01)
    assert (sample.clients, sample.done) == (2, len(steps))
    assert sample.done > 0
