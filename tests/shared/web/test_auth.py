"""Tests of shared/web/auth.py and openness.py."""

import pytest
from fastapi import APIRouter

from shared.web.openness import accesses, undecided
from tests.shared.web.boxes import A_BOX, KEY, client_of


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dHJ1c3Q6"])
async def test_without_a_token_nothing_is_open(boxes, header):
    async with client_of(boxes.app(), role=None) as client:
        headers = {} if header is None else {"Authorization": header}
        answer = await client.get("/boxes", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["type"] == "/problems/token-missing"


async def test_a_token_that_does_not_hold_says_its_kind(boxes):
    async with client_of(boxes.app(), role="expired") as client:
        answer = await client.get("/boxes")
        assert answer.json()["type"] == "/problems/token-expired"


async def test_a_bad_token_is_refused_even_where_none_is_needed(boxes):
    async with client_of(boxes.app(), role="expired") as client:
        assert (await client.post("/whispers", json={"what": "x"}, headers=KEY)).status_code == 401


async def test_who_may_not_ask_at_all_is_told_so(boxes):
    async with client_of(boxes.app(), role="region") as client:
        answer = await client.post("/boxes", json=A_BOX, headers=KEY)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/not-allowed"
        assert boxes.asked == []


@pytest.mark.parametrize(
    ("scope", "reading", "writing"),
    [("intake/read", 200, 403), ("intake/write", 403, 201), ("assurance/write", 403, 403)],
)
async def test_reading_and_writing_are_two_scopes_of_this_service(boxes, scope, reading, writing):
    boxes.scopes = frozenset({scope})
    async with client_of(boxes.app()) as client:
        read = await client.get("/boxes")
        written = await client.post("/boxes", json=A_BOX, headers=KEY)
    assert (read.status_code, written.status_code) == (reading, writing)
    for answer in (read, written):
        if answer.status_code == 403:
            assert answer.json()["type"] == "/problems/scope-missing"


async def test_the_caller_is_judged_before_the_request_is(boxes):
    async with client_of(boxes.app(), role=None) as client:
        assert (await client.post("/boxes", content=b"{", headers=KEY)).status_code == 401
        assert (await client.get("/boxes?limit=none")).status_code == 401


def test_every_route_names_a_permission_or_is_open(boxes):
    assert undecided(boxes.app().routes) == []


def test_a_route_that_says_nothing_is_found_wherever_it_was_included(boxes):
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/forgotten/{box}")
    async def forgotten(box: str) -> str:
        return box

    outer.include_router(inner, prefix="/deep")
    assert undecided(boxes.app(outer).routes) == ["GET /deep/forgotten/{box}"]


def test_a_routes_access_is_read_from_its_dependencies(boxes):
    found = {f"{one.method} {one.path}": one for one in accesses(boxes.app().routes)}
    assert found["POST /boxes"].permission == "report_event"
    assert not found["POST /boxes"].open
    assert found["POST /whispers"].open
    assert found["GET /_ping"].open
    assert found["GET /_ping"].permission is None
