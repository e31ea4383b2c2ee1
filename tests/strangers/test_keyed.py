"""What the trial of keyed posts finds; the trial itself runs with the others of tests/faults."""

import random
from pathlib import Path

import httpx
import pytest

from tests.faults.checker import Class
from tests.strangers.keyed import Keyed, counted, said

FIRST = {"location": "/intake/events/a", "etag": 'W/"1"', "open-door-position": "7"}


def answering(status: int, headers: dict[str, str], **body: str) -> httpx.Client:
    """A service that answers everything so."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, json=body))
    return httpx.Client(base_url="http://any", transport=transport)


@pytest.mark.parametrize(
    ("records", "kinds"), [(24, [Class.LOST_WRITE]), (25, []), (26, [Class.DUPLICATE])]
)
def test_one_record_too_few_or_too_many_is_found(records: int, kinds: list[Class]):
    assert [one.kind for one in counted(records, 25)] == kinds


@pytest.mark.parametrize("name", FIRST)
def test_a_repeat_that_is_answered_otherwise_is_found(tmp_path: Path, name: str):
    keyed = Keyed(tmp_path, 1, random.Random(1))
    with answering(201, FIRST) as client:
        keyed.first[0] = said(keyed.post(client, 0))
        assert keyed.differing(client) == []
    with answering(201, {**FIRST, name: "another"}) as client:
        assert keyed.differing(client) == [0]


@pytest.mark.parametrize(("link", "found"), [("/intake/events/a", []), ("/intake/events/b", [0])])
def test_a_conflict_with_another_link_is_found(tmp_path: Path, link: str, found: list[int]):
    keyed = Keyed(tmp_path, 1, random.Random(1))
    with answering(201, FIRST) as client:
        keyed.first[0] = said(keyed.post(client, 0))
    with answering(409, {}, link=link) as client:
        assert keyed.unlinked(client) == found
