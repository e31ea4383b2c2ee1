"""Tests of shared/web/concurrency.py."""

import pytest

from shared.kernel.errors import Malformed, PreconditionMissing
from shared.web.concurrency import NO_VERSION, etag, expected_version
from tests.shared.web.boxes import KEY


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ('W/"3"', 3),
        ('"3"', 3),
        (' "12" ', 12),
        ('"abc"', NO_VERSION),
        ('"' + "9" * 30 + '"', NO_VERSION),
    ],
)
def test_both_forms_of_a_tag_count_alike(header, version):
    assert expected_version(header, needed=True) == version


@pytest.mark.parametrize("header", [None, "", "*", " * "])
def test_missing_or_any_is_no_version(header):
    assert expected_version(header, needed=False) is None
    with pytest.raises(PreconditionMissing):
        expected_version(header, needed=True)


@pytest.mark.parametrize("header", ["3", "W/3", '"3', '"1", "2"', 'w/"3"'])
def test_what_is_no_tag_is_refused(header):
    with pytest.raises(Malformed):
        expected_version(header, needed=False)


def test_a_tag_reads_as_it_was_written():
    assert expected_version(etag(41), needed=True) == 41


async def test_a_put_without_if_match_is_told_so(client):
    answer = await client.put("/boxes/b1/things/1", json={"how": "x"}, headers=KEY)
    assert answer.status_code == 428
    assert answer.json()["type"] == "/problems/precondition-required"


@pytest.mark.parametrize("held", ['W/"3"', '"3"', '"1", W/"3"', "*"])
async def test_what_the_reader_holds_is_not_sent_again(boxes, client, held):
    boxes.rows = [{"id": "b1", "version": 3}]
    answer = await client.get("/boxes/b1", headers={"If-None-Match": held})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == 'W/"3"'


@pytest.mark.parametrize("held", ['W/"2"', "3", ""])
async def test_another_version_is_sent(boxes, client, held):
    boxes.rows = [{"id": "b1", "version": 3}]
    answer = await client.get("/boxes/b1", headers={"If-None-Match": held})
    assert answer.status_code == 200
    assert answer.json() == {"id": "b1", "version": 3}
    assert answer.headers["etag"] == 'W/"3"'
