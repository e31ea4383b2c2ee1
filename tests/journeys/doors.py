"""Requests by hand, as a careless or a hostile client sends them, and what a refusal must be."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import orjson

from services.demonstration.player import Json
from tests.journeys.logged import Said
from tests.kit.world import World

MARK = "quokka-7731"
"""Planted in what is sent; never to be met in an answer or a log line."""

Headers = Mapping[str, str | None]
Body = bytes | AsyncIterator[bytes]
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """One request. `headers` win over the usual ones (token, fresh key, JSON); None leaves one
    out. `who` is organisation, role, person."""

    method: str = "POST"
    path: str = "/intake/events"
    content: Body = b"{}"
    who: tuple[str, str, str] = ("RTH", "trust", "p1")
    headers: Headers = field(default_factory=dict)

    def holding(self, content: Body) -> "Asks":
        """The same with another body."""
        return replace(self, content=content)

    def having(self, headers: Headers) -> "Asks":
        """The same with further headers."""
        return replace(self, headers={**self.headers, **headers})


class Doors:
    """The three services as any client on the network meets them."""

    def __init__(self, world: World, said: Said) -> None:
        self.world = world
        self._said = said

    async def send(self, asks: Asks) -> httpx.Response:
        usual = {
            "authorization": f"Bearer {self.world.token(*asks.who)}",
            "idempotency-key": f'"{self.world.key()}"',
            "content-type": "application/json",
        }
        given = {name.lower(): one for name, one in asks.headers.items()}
        headers = {name: one for name, one in {**usual, **given}.items() if one is not None}
        return await self.world.client.request(
            asks.method, asks.path, content=asks.content, headers=headers
        )

    async def refused(self, asks: Asks, status: int, slug: str, pointer: str | None = None) -> Json:
        """The problem with which the request is refused: of that type, with that pointer among its
        errors, nothing stored, and nothing of MARK repeated anywhere."""
        before = await self.heads()
        response = await self.send(asks)
        problem = problem_in(response, status, slug)
        if pointer is not None:
            assert pointer in [one["pointer"] for one in problem["errors"]], problem
        assert await self.heads() == before
        self.repeats_nothing(response)
        return problem

    async def heads(self) -> dict[str, int]:
        """How many events each service's log holds."""
        workers = self.world.stage.workers.items()
        return {name: (await one.engine.log.head()).position for name, one in workers}

    def repeats_nothing(self, response: httpx.Response) -> None:
        assert MARK not in response.text
        assert MARK not in str(response.headers)
        assert MARK not in self._said.text()
        assert "eyJ" not in self._said.text(), "a token was logged"


def problem_in(response: httpx.Response, status: int, slug: str) -> Json:
    """The problem that an answer is, checked for its form (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["cache-control"] == "no-store"
    problem: Json = response.json()
    assert problem["type"] == f"/problems/{slug}", problem
    assert problem["status"] == status
    assert problem["instance"].startswith("urn:open-door:request:")
    for sentence in (problem["detail"], *(one["message"] for one in problem.get("errors", ()))):
        assert _is_a_sentence(sentence), sentence
    return problem


def _is_a_sentence(text: str) -> bool:
    return not text[:1].islower() and text.endswith((".", "?")) and " " in text


def json_of(body: Any) -> bytes:
    return orjson.dumps(body)
