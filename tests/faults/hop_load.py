"""The load of a hop: entries told without end, each call's outcome noted."""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.contracts.base import PARTITIONS
from shared.contracts.murmur2 import partition_of
from shared.kernel.errors import Unavailable
from shared.log.base import Appended, Entry, Log, NewContract, NewEvent, Outcome
from tests.faults import history
from tests.faults.history import Call, now
from tests.faults.hop_setting import TOPIC
from tests.kit.bus import until

AT_ONCE = 10
PAUSE = 0.02
KEYS = 24
WRITER = "the load"


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def acknowledged(entries: Sequence[Entry], sent: int) -> list[Call]:
    """The calls of entries that were told together and are all durable by now."""
    return [
        Call(
            writer=WRITER,
            item=one.contracts[0].id,
            key=one.contracts[0].key,
            sent=sent,
            ended=now(),
            outcome=history.Outcome.ACKNOWLEDGED,
        )
        for one in entries
    ]


def entry_of(key: str, version: int, chance: random.Random) -> Entry:
    """One event and the contract that tells it, `<key>/<version>`."""
    event = NewEvent(
        stream=key, version=version, type="told", schema=1, data=b"{}", meta=b'{"command":"c"}'
    )
    contract = NewContract(
        topic=TOPIC,
        partition=partition_of(key.encode(), PARTITIONS[TOPIC]),
        id=f"{key}/{version}",
        type="opendoor.intake.told.v1",
        key=key,
        subject=key,
        time="2018-12-19T09:30:00Z",
        attributes=b'{"source":"urn:test","partitionkey":"%s"}' % key.encode(),
        data=b'{"says":"%d","fills":"%s"}' % (version, b"." * chance.randint(0, 400)),
    )
    return Entry(events=(event,), contracts=(contract,))


@dataclass(slots=True)
class Load:
    """Tells entries of some keys, in batches, until it is ended."""

    log: Log
    chance: random.Random
    keys: list[str]
    calls: list[Call] = field(default_factory=list)
    _versions: Counter[str] = field(default_factory=Counter)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Load":
        self._over.clear()
        self._running = asyncio.create_task(self._tell())
        return self

    async def __aexit__(self, *raised: object) -> None:
        assert self._running
        self._over.set()
        await self._running

    async def tells(self) -> None:
        """One batch; the very same again where its outcome is unknown."""
        entries = [self._next() for _ in range(AT_ONCE)]
        sent = now()
        while True:
            with suppress(Unavailable):
                outcomes = await self.log.append(entries)
                break
            await asyncio.sleep(PAUSE)
        self.calls += [_call(*one, sent) for one in zip(entries, outcomes, strict=True)]

    async def goes_on(self) -> None:
        """Waits until a batch has been told that was begun after now."""
        enough = len(self.calls) + 2 * AT_ONCE

        async def told() -> bool:
            return len(self.calls) >= enough

        await until(told)

    async def _tell(self) -> None:
        while not self._over.is_set():
            await self.tells()
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._over.wait()

    def _next(self) -> Entry:
        key = self.chance.choice(self.keys)
        self._versions[key] += 1
        return entry_of(key, self._versions[key], self.chance)


def _call(entry: Entry, outcome: Outcome, sent: int) -> Call:
    told = entry.contracts[0]
    done = isinstance(outcome, Appended)
    return Call(
        writer=WRITER,
        item=told.id,
        key=told.key,
        sent=sent,
        ended=now(),
        outcome=history.Outcome.ACKNOWLEDGED if done else history.Outcome.REFUSED,
    )
