"""Keyed posts to `opendoor up`, which is killed at random while they are under way; each is sent
again until it is answered."""

import asyncio
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from services.demonstration.story_2018 import connected_to_air
from shared.kernel.clock import SystemClock
from shared.security.dev_issuer import open_issuer
from tests.faults.checker import Class, Finding
from tests.faults.trial import Plan, Tally, Trial
from tests.kit.processes import AUDIENCE, ISSUER
from tests.kit.together import Together, together
from tests.kit.waiting import eventually

REPORTS = "/intake/events"
POSTS_EACH = 20
"""Posts to one kill."""
KILL_WITHIN = 0.03
"""Seconds from the sending within which the process is killed."""
KEPT = ("location", "etag", "open-door-position")

Said = Mapping[str, Any]


def said(answer: httpx.Response) -> Said:
    """What a repeat must answer as the first time."""
    headers = {name: answer.headers.get(name) for name in KEPT}
    return {"status": answer.status_code, "body": answer.json(), **headers}


@dataclass(slots=True)
class Keyed:
    """A folder with the log, and the first answer to each post by its number."""

    folder: Path
    count: int
    random: random.Random
    first: dict[int, Said] = field(default_factory=dict)
    kills: int = 0
    _running: Together | None = None

    @contextmanager
    def up(self, later: timedelta = timedelta()) -> Iterator[httpx.Client]:
        """The process as it is so much later; killed when the block ends."""
        seconds = int(later.total_seconds())
        with together(self.folder, "up", OPENDOOR_CLOCK_OFFSET=f"PT{seconds}S") as running:
            issuer = open_issuer(
                self.folder / "var/data/issuer",
                environment="development",
                issuer=ISSUER,
                audience=AUDIENCE,
                clock=SystemClock(later),
            )
            token = issuer.issue("RTH", "trust", person="p1")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=running.url, headers=headers, timeout=60) as client:
                self._running = running
                yield client
            _kill(running)

    def post(self, client: httpx.Client, n: int) -> httpx.Response:
        """The post of that number, the same whenever it is sent."""
        reference = {"system": "lrms", "value": f"report-{n}"}
        body = {**connected_to_air("2018-12-14"), "reference": reference}
        key = {"Idempotency-Key": f'"keyed-{n}"'}
        return client.post(REPORTS, json=body, headers=key)

    def send_all(self, kills: int, told: Callable[[], None]) -> None:
        """Every post, answered at last, with so many kills while one is under way; `told` is told
        of each."""
        struck = set(self.random.sample(range(self.count), kills))
        waiting = list(range(self.count))
        while waiting:
            with self.up() as client:
                while waiting:
                    n = waiting[0]
                    if not self._sent(client, n, strike=n in struck):
                        struck.discard(n)
                        told()
                        break
                    waiting.pop(0)

    def _sent(self, client: httpx.Client, n: int, *, strike: bool) -> bool:
        """Whether it was answered, and the process still stands."""
        assert self._running is not None
        blow = threading.Timer(self.random.uniform(0, KILL_WITHIN), _kill, (self._running,))
        if strike:
            self.kills += 1
            blow.start()
        try:
            answer = self.post(client, n)
        except httpx.TransportError:
            blow.join()
            return False
        assert answer.status_code == 201, answer.text
        self.first.setdefault(n, said(answer))
        if strike:
            blow.join()
        return not strike

    def differing(self, client: httpx.Client) -> list[int]:
        """The posts whose repeat is answered otherwise than the first time."""
        return [n for n, first in self.first.items() if said(self.post(client, n)) != first]

    def unlinked(self, client: httpx.Client) -> list[int]:
        """The posts whose repeat, when their keys are forgotten, is no 409 with a link to the
        record."""
        assert eventually(lambda: self.post(client, 0).status_code == 409)
        found = []
        for n, first in self.first.items():
            again = self.post(client, n)
            if (again.status_code, again.json().get("link")) != (409, first["location"]):
                found.append(n)
        return found

    def records(self, client: httpx.Client) -> int:
        """How many records there are, by the whole list, once it shows every first answer."""
        newest = max(int(one["open-door-position"]) for one in self.first.values())
        after = {"Open-Door-After": str(newest), "Prefer": "wait=10"}
        path, count = f"{REPORTS}?limit=100", 0
        while path:
            page = client.get(path, headers=after).json()
            count += len(page["items"])
            path = page["links"].get("next", "")
        return count


def _kill(running: Together) -> None:
    if running.process.poll() is None:
        os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()


async def _kept(plan: Plan) -> Tally:
    return await asyncio.to_thread(_tried, plan)


def _tried(plan: Plan) -> Tally:
    count, kills = POSTS_EACH * plan.rounds, plan.rounds
    keyed = Keyed(plan.folder, count, plan.chance())
    tally = Tally(rounds=plan.rounds)
    keyed.send_all(kills, plan.step)
    tally.acknowledged, tally.faults["kill -9"] = len(keyed.first), keyed.kills
    with keyed.up(timedelta(hours=47)) as client:
        tally.findings += counted(keyed.records(client), count)
        tally.findings += [_of(n, "is answered otherwise") for n in keyed.differing(client)]
    with keyed.up(timedelta(hours=49)) as client:
        tally.findings += [_of(n, "is no 409 with its link") for n in keyed.unlinked(client)]
        tally.findings += counted(keyed.records(client), count)
    return tally


def _of(n: int, what: str) -> Finding:
    return Finding(Class.INCONSISTENT_OFFSETS, f"post {n} {what}")


def counted(records: int, posts: int) -> list[Finding]:
    """What the number of records says, where there should be one for each post."""
    if records == posts:
        return []
    kind = Class.DUPLICATE if records > posts else Class.LOST_WRITE
    return [Finding(kind, f"{records} records of {posts} posts")]


TRIALS = (
    Trial(
        name="keyed posts over kill -9",
        promises="R1, R2",
        method="Reports with request keys go to `opendoor up`, which is killed at random while one "
        "is under way, and are sent again until answered: one record each. After 47 hours of "
        "shifted clock each repeat has status, body, Location, ETag and position of the first "
        "answer; after 49 hours a 409 with its link.",
        run=_kept,
        short=1,
        share=40,
    ),
)
