"""People who act on the public APIs: what the demonstration and the journeys are played with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

Json = dict[str, Any]

PATIENCE = 30.0
"""Seconds of real time after which something that should have come by itself is missed."""
GLANCE = 0.05


class StoryBroken(RuntimeError):
    """A step of a story was answered otherwise than the story says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answered: status, JSON body, headers."""

    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def etag(self) -> str:
        return self.headers["etag"]

    @property
    def position(self) -> str:
        return self.headers["open-door-position"]


class Player:
    """A world with HTTP: `token(organisation, role, person)` signs, `settle` lets everything that
    is under way arrive where the world can be asked to, `at` makes it another time where it can.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        token: Callable[[str, str, str], str],
        settle: Callable[[], Awaitable[None]],
        at: Callable[[datetime], Awaitable[None]],
        key: Callable[[], str],
    ) -> None:
        self.client = client
        self.settle = settle
        self.at = at
        self.key = key
        self._token = token

    def person(self, organisation: str, role: str, person: str = "p1") -> "Person":
        """Somebody with a token of that organisation and role."""
        return Person(self, organisation, role, person)

    def token(self, organisation: str, role: str, person: str) -> str:
        """A bearer token."""
        return self._token(organisation, role, person)


class Person:
    """One person acting for one organisation."""

    def __init__(self, player: Player, organisation: str, role: str, person: str) -> None:
        self.organisation = organisation
        self.role = role
        self.player = player
        self._person = person

    async def post(self, path: str, body: Json, *, key: str | None = None) -> Answer:
        """Sends a command; any status. Each call has a fresh request key unless one is given."""
        return await self._send("POST", path, body, key=key)

    async def put(self, path: str, body: Json, *, match: str, key: str | None = None) -> Answer:
        """Sends a command on the version that `match` (an ETag) names; any status."""
        return await self._send("PUT", path, body, key=key, match=match)

    async def does(self, path: str, body: Json) -> Answer:
        """Sends a command that the story says is accepted. Raises StoryBroken."""
        return _accepted(path, await self.post(path, body))

    async def writes(self, path: str, body: Json, *, match: str) -> Answer:
        """As `does`, for a PUT. Raises StoryBroken."""
        return _accepted(path, await self.put(path, body, match=match))

    async def get(self, path: str, *, after: str | None = None) -> Answer:
        """Reads; any status. `after` waits for that position of the same service."""
        headers = self.headers()
        if after is not None:
            headers["Open-Door-After"] = after
        return _answer(await self.player.client.get(path, headers=headers))

    async def sees(self, path: str, ready: Callable[[Json], bool] = lambda body: True) -> Json:
        """What is read at a path once `ready` holds. Raises StoryBroken when it never does."""
        await self.player.settle()
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE
        while True:
            found = await self.get(path)
            if found.status == 200 and ready(found.body):
                return found.body
            if loop.time() > give_up:
                raise StoryBroken(f"GET {path} as {self.role} stays at {found.status}.")
            await asyncio.sleep(GLANCE)
            await self.player.settle()

    def headers(self) -> dict[str, str]:
        """The headers that every request of this person carries."""
        token = self.player.token(self.organisation, self.role, self._person)
        return {"Authorization": f"Bearer {token}"}

    async def _send(
        self, method: str, path: str, body: Json, *, key: str | None, match: str | None = None
    ) -> Answer:
        headers = {**self.headers(), "Idempotency-Key": f'"{key or self.player.key()}"'}
        if match is not None:
            headers["If-Match"] = match
        sent = await self.player.client.request(method, path, json=body, headers=headers)
        return _answer(sent)


def _answer(response: httpx.Response) -> Answer:
    body = response.json() if "json" in response.headers.get("content-type", "") else {}
    return Answer(status=response.status_code, body=body, headers=response.headers)


def _accepted(path: str, answer: Answer) -> Answer:
    if answer.status not in (200, 201, 202):
        raise StoryBroken(f"{path} was answered {answer.status}: {answer.body}")
    return answer
