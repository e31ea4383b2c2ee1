"""Numbers of things: one is not many."""

from datetime import timedelta

import pytest

from shared.runtime.ages import age
from shared.runtime.counting import counted


@pytest.mark.parametrize(
    ("n", "words", "said"),
    [
        (0, ("key",), "0 keys"),
        (1, ("key",), "1 key"),
        (2, ("key",), "2 keys"),
        (1, ("was", "were"), "1 was"),
        (3, ("was", "were"), "3 were"),
    ],
)
def test_one_is_told_as_one(n: int, words: tuple[str, ...], said: str):
    assert counted(n, *words) == said


def test_an_age_of_a_second_is_no_seconds():
    assert age(timedelta(seconds=1)) == "1 second"
    assert age(timedelta(hours=3)) == "3 hours"
