"""Tests of shared/web/commands.py: what a route makes of a request, and what it answers."""

import pytest

from shared.kernel.errors import AlreadyExists, Misconfigured
from shared.kernel.words import LIST_LIMIT
from shared.web.asked import Done
from shared.web.body import BODY_LIMIT
from shared.web.commands import route_of
from tests.shared.web.boxes import (
    A_BOX,
    KEY,
    BreakBox,
    MakeBox,
    MakeByReference,
    MendThing,
    Row,
    client_of,
)


async def test_a_command_is_handed_on_as_it_was_asked(boxes, client):
    headers = {
        **KEY,
        "X-Request-ID": "r-1",
        "X-Correlation-ID": "c-1",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "If-Match": 'W/"4"',
        "NHSD-End-User-Organisation-ODS": "RX2",
    }
    answer = await client.post("/boxes", json={**A_BOX, "colour": "green"}, headers=headers)
    assert answer.status_code == 201
    (asked,) = boxes.asked
    assert isinstance(asked.command, MakeBox)
    assert (asked.command.owner, asked.command.colour) == ("north", "green")
    assert asked.row.type is MakeBox
    assert asked.id is None
    assert (asked.client, asked.actor.organisation, asked.actor.kind) == (
        "a-client",
        "RX2",
        "trust",
    )
    assert (asked.key, asked.request_id, asked.correlation) == ("8e03978e", "r-1", "c-1")
    assert asked.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert asked.expected_version == 4
    assert len(asked.fingerprint) == 32


async def test_the_answer_says_version_and_position_twice(client):
    answer = await client.post("/boxes", json=A_BOX, headers=KEY)
    assert answer.json() == {
        "id": "new",
        "version": 3,
        "position": 7,
        "links": {"self": "/intake/boxes/new"},
    }
    assert answer.headers["etag"] == 'W/"3"'
    assert answer.headers["location"] == "/intake/boxes/new"
    assert answer.headers["open-door-position"] == "7"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_handler_says_the_status_and_may_add_to_the_body(boxes, client):
    boxes.answer = lambda asked: Done(
        id="b", version=1, position=2, status=200, repeated=True, extra={"receipt": "r"}
    )
    answer = await client.post("/boxes", json=A_BOX, headers=KEY)
    assert answer.status_code == 200
    assert answer.json()["receipt"] == "r"


async def test_what_says_nothing_more_needs_no_body(boxes, client):
    answer = await client.post("/boxes/b1/breaking", headers=KEY)
    assert answer.status_code == 202
    assert answer.headers["location"] == "/intake/boxes/b1"
    assert boxes.asked[0].id == "b1"
    assert boxes.asked[0].command == BreakBox()


async def test_a_missing_body_is_missing_fields(client):
    answer = await client.post("/boxes", headers=KEY)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/owner", "/made_on"]


@pytest.mark.parametrize("body", [b'{"how":"glue"}', b' { "how" : "glue" } '])
async def test_the_path_fills_a_field(boxes, client, body):
    headers = {**KEY, "If-Match": '"2"', "Content-Type": "application/json"}
    answer = await client.put("/boxes/b1/things/12", content=body, headers=headers)
    assert answer.status_code == 202
    assert answer.headers["location"] == "/intake/boxes/b1"
    assert boxes.asked[0].command == MendThing(thing=12, how="glue")
    assert boxes.asked[0].id == "b1"


async def test_a_field_of_the_path_is_refused_in_the_body(client):
    headers = {**KEY, "If-Match": '"2"'}
    answer = await client.put(
        "/boxes/b1/things/12", json={"how": "x", "thing": 13}, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/thing"
    assert answer.json()["errors"][0]["code"] == "in_path"


async def test_what_the_path_says_is_judged_like_the_rest(client):
    headers = {**KEY, "If-Match": '"2"'}
    answer = await client.put("/boxes/b1/things/0", json={"how": "x"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/thing"


@pytest.mark.parametrize(
    "path", ["b1/things/+1", "b1/things/1.0", "b1/things/9223372036854775808", "b%201/things/1"]
)
async def test_a_path_that_cannot_be_is_not_there(client, path):
    headers = {**KEY, "If-Match": '"2"'}
    answer = await client.put(f"/boxes/{path}", json={"how": "x"}, headers=headers)
    assert answer.status_code == 404


async def test_a_path_that_names_a_thing_otherwise_fills_the_command(boxes, client):
    answer = await client.put(
        "/boxes/by-reference/lrms/A%20%22quoted%22%2017", json={"owner": "n"}, headers=KEY
    )
    assert answer.status_code == 202
    assert boxes.asked[0].command == MakeByReference(
        system="lrms", reference='A "quoted" 17', owner="n"
    )
    assert boxes.asked[0].id is None
    assert answer.headers["location"] == "/intake/boxes/new"


async def test_a_known_thing_is_refused_with_its_address(boxes, client):
    def refuse(asked):
        raise AlreadyExists("There is such a box.", link="b7")

    boxes.answer = refuse
    answer = await client.post("/boxes", json=A_BOX, headers=KEY)
    assert answer.status_code == 409
    assert answer.json()["link"] == "/intake/boxes/b7"


async def test_a_body_that_is_no_object_is_refused(client):
    headers = {**KEY, "If-Match": '"2"'}
    for body in ("[]", "null", '"x"', "7"):
        content = {"content": body, "headers": {**headers, "Content-Type": "application/json"}}
        assert (await client.post("/boxes", **content)).status_code == 400
        assert (await client.put("/boxes/b1/things/1", **content)).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": 'Application/JSON; charset="UTF-8"'}, 201),
        ({"Content-Type": "application/json", "Content-Encoding": "identity"}, 201),
    ],
)
async def test_only_json_in_utf_8_is_taken(client, headers, status):
    body = b'{"owner":"n","made_on":"2018-12-19"}'
    answer = await client.post("/boxes", content=body, headers={**KEY, **headers})
    assert answer.status_code == status


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 400), (BODY_LIMIT + 1, 413)])
async def test_a_body_is_counted_while_it_streams(client, chunked, size, status):
    body = b"{" + b" " * (size - 2) + b"}"

    async def chunks():
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {**KEY, "Content-Type": "application/json"}
    content = chunks() if chunked else body
    answer = await client.post("/boxes", content=content, headers=headers)
    assert answer.status_code == status


async def test_nothing_refused_reaches_the_handler(boxes, client):
    await client.post("/boxes", json=A_BOX)
    await client.post("/boxes", json={**A_BOX, "x": 1}, headers=KEY)
    await client.post("/boxes", json={**A_BOX, "labels": [{"code": "a"}] * (LIST_LIMIT + 1)})
    await client.put("/boxes/b/things/1", json={"how": "x"}, headers=KEY)
    assert boxes.asked == []


async def test_anyone_may_ask_what_the_table_opens_to_all(boxes):
    async with client_of(boxes.app(), role=None) as anyone:
        answer = await anyone.post("/whispers", json={"what": "x"}, headers=KEY)
        assert answer.status_code == 201
        assert boxes.asked[0].actor.kind == "public"
        assert (await anyone.post("/boxes", json=A_BOX, headers=KEY)).status_code == 401


async def test_the_fingerprint_binds_whatever_part_changes(boxes, client):
    headers = [KEY, {**KEY, "NHSD-End-User-Organisation-ODS": "RX2"}]
    for path, body, more in (
        ("/boxes", A_BOX, headers[0]),
        ("/boxes", A_BOX, {**headers[0], "X-Request-ID": "another"}),
        ("/boxes", A_BOX, headers[1]),
        ("/boxes", {**A_BOX, "owner": "south"}, headers[0]),
        ("/boxes/b1/breaking", {}, headers[0]),
        ("/boxes/b2/breaking", {}, headers[0]),
    ):
        await client.post(path, json=body, headers=more)
    prints = [asked.fingerprint for asked in boxes.asked]
    assert prints[0] == prints[1]
    assert len(set(prints)) == len(prints) - 1


@pytest.mark.parametrize(
    "row",
    [
        Row(type=BreakBox, route="POST /boxes"),
        Row(type=BreakBox, route="POST /boxes/{box}/things/{thing}"),
        Row(type=BreakBox, route="POST boxes", creates=True),
    ],
)
def test_a_route_that_does_not_fit_its_command_is_found_at_the_start(row):
    with pytest.raises(Misconfigured):
        route_of(row)
