"""Request keys over kill -9, and over two days: one record each, and the first
answer again for as long as a key is kept."""

import random
from pathlib import Path

import pytest

from tests.strangers.keyed import trial

COUNT, KILLS = 25, 1


@pytest.mark.timeout(300)
def test_one_record_each_over_a_kill_and_two_days(tmp_path: Path):
    seed = random.randrange(2**32)
    keyed = trial(tmp_path, COUNT, KILLS, seed, lambda n: None)
    assert (len(keyed.first), keyed.kills) == (COUNT, KILLS)
