"""Small counts are told as small."""

import pytest

from services.learning.domain.rules.counts import told_count


@pytest.mark.parametrize(("count", "told"), [(1, "under 5"), (4, "under 5"), (5, "5"), (37, "37")])
def test_below_five_a_count_is_only_said_to_be_small(count, told):
    assert told_count(count) == told
