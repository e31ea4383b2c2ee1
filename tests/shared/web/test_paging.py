"""Tests of shared/web/paging.py."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from shared.kernel.errors import Malformed
from shared.web.paging import Pager


async def walked(client, path: str, meanwhile=lambda: None) -> list[str]:
    """The ids of all pages, following the links."""
    ids: list[str] = []
    while path:
        answer = await client.get(path)
        assert answer.status_code == 200
        ids += [item["id"] for item in answer.json()["items"]]
        following = answer.json()["links"].get("next")
        assert answer.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        path = f"http://box{following}" if following else ""
        meanwhile()
    return ids


@pytest.mark.parametrize("limit", [1, 3, 7, 10, 100])
async def test_pages_hold_everything_once(boxes, client, limit):
    boxes.rows = [{"id": f"b{n}"} for n in range(10)]
    assert await walked(client, f"/boxes?limit={limit}") == [row["id"] for row in boxes.rows]


async def test_nothing_is_skipped_or_shown_twice_while_rows_arrive(boxes, client):
    boxes.rows = [{"id": f"b{n:02d}"} for n in range(0, 20, 2)]

    def arrive():
        boxes.rows = sorted(
            [*boxes.rows, {"id": f"a{len(boxes.rows)}"}, {"id": f"c{len(boxes.rows)}"}],
            key=lambda row: row["id"],
        )
        del boxes.rows[30:]

    ids = await walked(client, "/boxes?limit=3", arrive)
    assert len(ids) == len(set(ids))
    assert {f"b{n:02d}" for n in range(0, 20, 2)} <= set(ids)


async def test_the_next_link_keeps_the_filters(boxes, client):
    boxes.rows = [{"id": f"b{n}"} for n in range(10)]
    answer = await client.get("/boxes?colour=red&limit=2")
    query = parse_qs(urlsplit(answer.json()["links"]["next"]).query)
    assert (query["colour"], query["limit"]) == (["red"], ["2"])


@pytest.mark.parametrize("page", ["", "x", "%%%", "é", "AAAAAAAAAAAAAAAAAAAAAAAA", "x" * 1000])
async def test_a_damaged_token_is_refused(client, page):
    answer = await client.get(f"/boxes?page={quote(page)}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/page-token-damaged"


async def test_a_token_of_another_list_or_filter_is_refused(boxes, client):
    boxes.rows = [{"id": f"b{n}"} for n in range(10)]
    following = (await client.get("/boxes?colour=red&limit=2")).json()["links"]["next"]
    token = parse_qs(urlsplit(following).query)["page"][0]
    assert (await client.get(f"/boxes?colour=red&limit=5&page={token}")).status_code == 200
    assert (await client.get(f"/boxes?colour=green&limit=2&page={token}")).status_code == 400


def test_a_token_survives_a_restart_and_not_another_secret():
    about = ("/boxes", "colour=red")
    token = Pager(b"a" * 32).write(("2018-12-19", 7, None), about)
    assert Pager(b"a" * 32).read(token, about) == ("2018-12-19", 7, None)
    with pytest.raises(Malformed):
        Pager(b"b" * 32).read(token, about)
    for n in range(len(token)):
        other = "A" if token[n] != "A" else "B"
        with pytest.raises(Malformed):
            Pager(b"a" * 32).read(token[:n] + other + token[n + 1 :], about)


@pytest.mark.parametrize("junk", ["!", "=", "==!", "\n", " ", "%", "A"])
async def test_a_token_with_anything_behind_it_is_damaged(boxes, client, junk):
    boxes.rows = [{"id": f"b{n}"} for n in range(3)]
    told = (await client.get("/boxes?limit=1")).json()["links"]["next"]
    token = parse_qs(urlsplit(told).query)["page"][0]
    assert (await client.get(f"/boxes?limit=1&page={quote(token)}")).status_code == 200
    answer = await client.get(f"/boxes?limit=1&page={quote(token + junk)}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/page-token-damaged"
