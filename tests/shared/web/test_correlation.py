"""Tests of shared/web/correlation.py and headers.py."""

import re

import pytest
from structlog.contextvars import get_contextvars

from tests.shared.web.boxes import A_BOX, KEY

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


async def test_ids_are_mirrored(client):
    headers = {"X-Request-ID": "r" * 128, "X-Correlation-ID": "c/1"}
    answer = await client.get("/_ping", headers=headers)
    assert answer.headers["x-request-id"] == "r" * 128
    assert answer.headers["x-correlation-id"] == "c/1"


async def test_ids_are_made_up_where_none_came(client):
    first, second = [await client.get("/_ping") for _ in range(2)]
    for name in ("x-request-id", "x-correlation-id"):
        assert UUID.match(first.headers[name])
        assert first.headers[name] != second.headers[name]


@pytest.mark.parametrize("name", ["X-Request-ID", "X-Correlation-ID"])
@pytest.mark.parametrize("text", ["x" * 129, "a b", "é".encode().decode("latin-1"), "\t"])
async def test_an_id_that_cannot_be_mirrored_is_refused(boxes, client, name, text):
    headers = {**KEY, name: text.encode("latin-1")}
    answer = await client.post("/boxes", json=A_BOX, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert UUID.match(answer.headers[name])
    assert boxes.asked == []


@pytest.mark.parametrize(
    "trace",
    [
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "nonsense",
    ],
)
async def test_a_trace_that_is_none_is_not_continued(boxes, client, trace):
    await client.post("/boxes", json=A_BOX, headers={**KEY, "traceparent": trace})
    assert boxes.asked[0].traceparent == ""


async def test_log_lines_of_a_request_carry_both_ids_and_no_others_do(boxes, client):
    bound = []
    boxes.measured = lambda *told: None

    def note(asked):
        bound.append(get_contextvars())
        raise ZeroDivisionError

    boxes.answer = note
    headers = {**KEY, "X-Request-ID": "r-1", "X-Correlation-ID": "c-1"}
    await client.post("/boxes", json=A_BOX, headers=headers)
    assert bound == [{"request_id": "r-1", "correlation_id": "c-1"}]
    assert "request_id" not in get_contextvars()


@pytest.mark.parametrize("path", ["/_ping", "/nowhere", "/failing", "/docs", "/problems"])
async def test_every_answer_is_safe(client, path):
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["cache-control"] == ("public, max-age=3600" if "problem" in path else "no-store")
