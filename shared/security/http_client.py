"""Outgoing HTTP, in one place: the client library can be exchanged here."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

_TIMEOUT_SECONDS = 5.0
_LIMIT_BYTES = 1024 * 1024


class FetchFailed(Exception):
    """No usable answer came; the message names the kind of fault, never the address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A 200 answer: the body and the headers, their names in small letters."""

    body: bytes
    headers: Mapping[str, str]


async def fetch(url: str, transport: httpx.AsyncBaseTransport | None = None) -> Answer:
    """Gets a small document of a trusted address; redirects are not followed.

    Raises FetchFailed for anything but a 200 with at most 1 MiB within five seconds.
    """
    try:
        async with httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_SECONDS) as client:
            response = await client.get(url, headers={"Accept": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFailed(type(error).__name__) from error
    if response.status_code != httpx.codes.OK:
        raise FetchFailed(f"status {response.status_code}")
    if len(response.content) > _LIMIT_BYTES:
        raise FetchFailed("too large")
    headers = {name.lower(): text for name, text in response.headers.items()}
    return Answer(response.content, headers)
