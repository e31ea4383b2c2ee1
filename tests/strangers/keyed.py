"""Keyed posts to `opendoor up`, which is killed at random while they are under way; each is sent
again until it is answered. `python -m tests.strangers.keyed 500` is the long form."""

import os
import random
import signal
import sys
import tempfile
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
from shared.runtime.progress import progress_bar
from shared.security.dev_issuer import open_issuer
from tests.kit.processes import AUDIENCE, ISSUER
from tests.kit.together import Together, together
from tests.kit.waiting import eventually

REPORTS = "/intake/events"
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

    def send_all(self, kills: int, told: Callable[[int], None] = lambda n: None) -> None:
        """Every post, answered at last, with so many kills while one is under way."""
        struck = set(self.random.sample(range(self.count), kills))
        waiting = list(range(self.count))
        while waiting:
            with self.up() as client:
                while waiting:
                    n = waiting[0]
                    if not self._sent(client, n, strike=n in struck):
                        struck.discard(n)
                        break
                    told(self.count - len(waiting))
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


def trial(folder: Path, count: int, kills: int, seed: int, told: Callable[[int], None]) -> Keyed:
    """The whole story. Raises AssertionError where a promise does not hold."""
    keyed = Keyed(folder, count, random.Random(seed))
    keyed.send_all(kills, told)
    with keyed.up(timedelta(hours=47)) as client:
        assert keyed.records(client) == count, f"seed {seed}"
        assert keyed.differing(client) == [], f"seed {seed}"
    with keyed.up(timedelta(hours=49)) as client:
        assert keyed.unlinked(client) == [], f"seed {seed}"
        assert keyed.records(client) == count, f"seed {seed}"
    return keyed


def main() -> int:
    """COUNT posts with a kill in each twentieth, SEED=s to see it again."""
    count = int((sys.argv[1:] or ["500"])[0])
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    with (
        tempfile.TemporaryDirectory(prefix="open-door-keyed-") as folder,
        progress_bar("keyed posts") as told,
    ):
        trial(Path(folder), count, count // 20, seed, lambda n: told(n, count, "sent"))
    sys.stdout.write(f"{count} posts, {count // 20} kills, seed {seed}: one record each\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
