"""Tests of shared/web/openapi.py, openapi_problems.py and api_pages.py."""

import re

import pytest

from shared.contracts.asyncapi import document as asyncapi
from shared.contracts.registry import REGISTRY
from shared.web.problem_kinds import KINDS
from tests.shared.web.boxes import client_of

STATIC = re.compile(r'(?:src|href)="([^"]+)"')


@pytest.fixture
def document(boxes):
    return boxes.app().openapi()


def of(document, method: str, path: str):
    return document["paths"][path][method]


def test_it_is_openapi_3_1_and_the_same_however_it_is_mounted(document):
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/intake"}]


async def test_it_is_served(client, document):
    assert (await client.get("/openapi.json")).json() == document


def test_a_commands_class_is_its_body(document):
    operation = of(document, "post", "/boxes")
    assert operation["operationId"] == "make_box"
    assert operation["description"] == "A box is made for somebody, on a day."
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["owner", "made_on"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["made_on"]["format"] == "date"
    assert operation["requestBody"]["required"]
    part = schema["properties"]["labels"]["items"]["$ref"].rsplit("/", 1)[-1]
    assert "code" in document["components"]["schemas"][part]["properties"]


def test_what_the_path_says_is_no_part_of_the_body(document):
    operation = of(document, "put", "/boxes/{box}/things/{thing}")
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert list(schema["properties"]) == ["how"]
    assert schema["required"] == ["how"]
    paths = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert paths == {"box", "thing"}


def test_a_command_without_fields_needs_no_body(document):
    assert not of(document, "post", "/boxes/{box}/breaking")["requestBody"]["required"]


def test_if_match_is_required_where_it_is(document):
    def required(method, path):
        parameters = of(document, method, path)["parameters"]
        return next(one["required"] for one in parameters if one["name"] == "If-Match")

    assert required("put", "/boxes/{box}/things/{thing}")
    assert not required("post", "/boxes/{box}/breaking")


def test_who_may_call_is_said(document):
    assert of(document, "post", "/boxes")["security"] == [{"bearer": []}]
    assert of(document, "post", "/boxes")["x-permission"] == "report_event"
    assert of(document, "post", "/whispers")["security"] == []
    assert of(document, "get", "/schemas")["security"] == []


def test_every_status_and_slug_is_declared_and_the_frameworks_own_is_not(document):
    assert "HTTPValidationError" not in str(document)
    operation = of(document, "put", "/boxes/{box}/things/{thing}")
    statuses = "200 202 400 401 403 404 409 412 413 415 422 428 500 503".split()
    assert list(operation["responses"]) == statuses
    components = document["components"]["responses"]
    for one in components.values():
        types = one["content"]["application/problem+json"]["schema"]["allOf"][1]
        slugs = [name.removeprefix("/problems/") for name in types["properties"]["type"]["enum"]]
        assert set(slugs) <= set(KINDS)
    for path in document["paths"].values():
        for operation in path.values():
            for status, one in operation["responses"].items():
                if "$ref" in one:
                    assert f"Problem{status}-" in one["$ref"]
                    assert one["$ref"].rsplit("/", 1)[-1] in components


def test_every_reference_leads_somewhere(document):
    for found in set(re.findall(r"'\$ref': '#/components/(\w+)/([^']+)'", str(document))):
        assert found[1] in document["components"][found[0]]


def test_probes_and_pages_of_problems_are_no_part_of_it(document):
    assert not {"/_ping", "/docs", "/problems/{slug}"} & set(document["paths"])


async def test_the_page_of_the_api_asks_no_other_host(boxes):
    async with client_of(boxes.app(), role=None) as client:
        page = await client.get("/docs")
        assert "://" not in page.text
        policy = page.headers["content-security-policy"]
        assert "script-src" not in policy
        assert "<script>" not in page.text
        for address in STATIC.findall(page.text):
            if not address.startswith("data:"):
                assert (await client.get(f"/{address}")).status_code == 200
        assert (await client.get("/openapi.json")).status_code == 200
        start = await client.get("/docs/start.js")
        assert start.headers["content-type"].startswith("text/javascript")


async def test_each_contract_told_has_its_schema(boxes):
    async with client_of(boxes.app(), role=None) as client:
        listed = (await client.get("/schemas")).json()["items"]
        told = sorted(type_ for type_, spec in REGISTRY.items() if spec.service == "intake")
        assert [one["type"] for one in listed] == told
        for type_ in told:
            answer = await client.get(f"/schemas/{type_}")
            assert answer.headers["content-type"] == "application/schema+json"
            assert answer.json()["$id"] == f"urn:open-door:schema:{type_}"
        other = next(type_ for type_, spec in REGISTRY.items() if spec.service == "learning")
        assert (await client.get(f"/schemas/{other}")).status_code == 404


async def test_what_is_told_is_served_as_asyncapi(boxes):
    async with client_of(boxes.app(), role=None) as client:
        answer = await client.get("/asyncapi.json")
    assert answer.json() == asyncapi("1.2.3", "intake")
    assert answer.headers["cache-control"] == "public, max-age=3600"
