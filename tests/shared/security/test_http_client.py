"""Outgoing HTTP: one small document, or FetchFailed."""

import httpx
import pytest

from shared.security.http_client import FetchFailed, fetch


def answering(response: httpx.Response | Exception) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(response, Exception):
            raise response
        return response

    return httpx.MockTransport(handle)


async def test_a_document_comes_with_its_headers():
    response = httpx.Response(200, content=b"{}", headers={"Cache-Control": "max-age=60"})
    answer = await fetch("https://issuer.example/jwks", answering(response))
    assert answer.body == b"{}"
    assert answer.headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
        httpx.Response(200, content=b"x" * (1024 * 1024 + 1)),
        httpx.ConnectError("secret address"),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_anything_else_is_a_failed_fetch(response: httpx.Response | Exception):
    with pytest.raises(FetchFailed) as failure:
        await fetch("https://issuer.example/jwks", answering(response))
    assert "secret" not in str(failure.value)


async def test_an_address_that_is_none_is_a_failed_fetch():
    with pytest.raises(FetchFailed):
        await fetch("https://[not an address/jwks")
