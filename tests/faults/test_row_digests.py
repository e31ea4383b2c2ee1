"""Tests of tests/faults/row_digests.py: each way in which rebuilt rows can be others is found."""

import pytest

from tests.faults.checker import Class
from tests.faults.row_digests import Digests, differences

LIVE = {"boxes": {"a": "1", "b": "2"}, "things": {}}


@pytest.mark.parametrize(
    ("rebuilt", "kind"),
    [
        ({"boxes": {"a": "1"}, "things": {}}, Class.UNSEEN),
        ({"boxes": {"a": "1", "b": "3"}, "things": {}}, Class.INCONSISTENT_OFFSETS),
        ({"boxes": {"a": "1", "b": "2"}, "things": {"c": "4"}}, Class.DUPLICATE),
    ],
)
def test_finds_what_is_missing_other_or_more(rebuilt: Digests, kind: Class):
    assert [one.kind for one in differences(LIVE, rebuilt, "here")] == [kind]


def test_finds_nothing_in_equal_rows():
    assert list(differences(LIVE, LIVE, "here")) == []
