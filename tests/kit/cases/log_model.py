"""A small model of the log, and a machine that compares a real log with it, step by step."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from shared.log.base import (
    Appended,
    Conflict,
    Entry,
    Head,
    KeyUsed,
    Log,
    NewEvent,
    Outcome,
    Published,
    Stale,
)
from shared.log.chain import Fault, check
from tests.kit.log_entries import contract, event, move, parked, request_key

STREAMS = ("a", "b", "c")
VERSIONS = st.integers(1, 3)
CONTENTS = st.sampled_from([b"1", b"2"])
NUMBERS = st.integers(0, 3)

EVENTS = st.lists(
    st.builds(event, st.sampled_from(STREAMS), VERSIONS, CONTENTS),
    max_size=3,
    unique_by=lambda one: (one.stream, one.version),
)
CURSORS = st.lists(
    st.builds(move, NUMBERS, NUMBERS, st.sampled_from(["r", "q"])).filter(
        lambda one: one.source < one.target
    ),
    max_size=2,
    unique_by=lambda one: one.reader,
)
KEYS = st.none() | st.builds(request_key, st.sampled_from(["k", "l"]))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An entry that a repeat can be told by, with up to three contracts."""
    events, cursors, key = draw(EVENTS), draw(CURSORS), draw(KEYS)
    behind = st.sampled_from([None, *range(len(events))])
    contracts = draw(
        st.lists(
            st.builds(contract, st.just("told"), st.integers(0, 1), behind=behind, data=CONTENTS),
            max_size=3,
        )
    )
    letters = draw(st.lists(st.builds(parked, NUMBERS), max_size=1))
    return Entry(
        events=tuple(events),
        contracts=tuple(contracts),
        key=key,
        parked=tuple(letters),
        cursors=tuple(cursors),
    )


def sharing_nothing(drawn: list[Entry]) -> list[Entry]:
    """The entries that share no claim with an earlier one, and make one."""
    claimed: set[object] = set()
    batch = []
    for one in drawn:
        if one.claims() and claimed.isdisjoint(one.claims()):
            claimed |= set(one.claims())
            batch.append(one)
    return batch


BATCHES = st.lists(entries(), min_size=1, max_size=4).map(sharing_nothing)


@dataclass(slots=True)
class Model:
    """What a log holds, as plain lists and dictionaries."""

    events: list[NewEvent] = field(default_factory=list)
    told: dict[int, list[tuple[bytes, int | None]]] = field(default_factory=lambda: {0: [], 1: []})
    keys: dict[str, int] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)

    def append(self, batch: list[Entry]) -> list[Outcome | tuple[str, int]]:
        """Each outcome; ("appended" or "already", position) for what is in the log."""
        refused = [self.refusal(one) for one in batch]
        return [why or self.take(one) for why, one in zip(refused, batch, strict=True)]

    def refusal(self, entry: Entry) -> Outcome | tuple[str, int] | None:
        places = {
            (one.stream, one.version): (place, one) for place, one in enumerate(self.events, 1)
        }
        found = [places.get((one.stream, one.version)) for one in entry.events]
        same = [row for row, one in zip(found, entry.events, strict=True) if row and row[1] == one]
        arrived = all(self.cursors.get(one.reader, 0) == one.target for one in entry.cursors)
        if entry.events and len(same) == len(entry.events):
            return "already", same[-1][0]
        if not entry.events and entry.cursors and arrived:
            return "already", len(self.events)
        for one in entry.cursors:
            if self.cursors.get(one.reader, 0) != one.source:
                return Stale(reader=one.reader, topic=one.topic, partition=one.partition)
        if entry.key and entry.key.key in self.keys:
            return KeyUsed(client="client", key=entry.key.key)
        taken = [one for row, one in zip(found, entry.events, strict=True) if row]
        return Conflict(stream=taken[0].stream) if taken else None

    def take(self, entry: Entry) -> tuple[str, int]:
        before = len(self.events)
        self.events += entry.events
        for told in entry.contracts:
            place = None if told.event is None else before + told.event + 1
            self.told[told.partition].append((told.data, place))
        for one in entry.cursors:
            self.cursors[one.reader] = one.target
        if entry.key:
            self.keys[entry.key.key] = len(self.events)
        return "appended", len(self.events)


class LogMachine(RuleBasedStateMachine):
    """Appends batches to a log and to the model; both must say and hold the same.

    All runs share one database: each has a `mark` of its own in front of every name, and counts
    positions from the head that it found.
    """

    runner: asyncio.Runner
    log: Log
    runs = count()

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.mark = f"{next(self.runs)}-"
        self.head: Head = self.runner.run(self.log.head())
        self.seen = self.head

    @rule(batch=BATCHES, times=st.integers(1, 2))
    def append(self, batch: list[Entry], times: int) -> None:
        for _ in range(times):
            self.runner.run(self.compare(batch))

    async def compare(self, batch: list[Entry]) -> None:
        outcomes = await self.log.append([marked(one, self.mark) for one in batch])
        told = [plain(one, self.mark, self.head.position) for one in outcomes]
        assert told == self.model.append(batch)
        await self.holds_the_same()

    async def holds_the_same(self) -> None:
        grown = check(await self.log.events(self.seen.position, 999), self.seen)
        assert not isinstance(grown, Fault), grown
        self.seen = grown
        assert grown.position - self.head.position == len(self.model.events)
        for partition, told in self.model.told.items():
            series = await self.log.published(f"{self.mark}told", partition, 0, 999)
            assert [self.said(one) for one in series] == [
                (n, *one) for n, one in enumerate(told, 1)
            ]
        for reader in ("r", "q"):
            stands = await self.log.cursor(self.mark + reader, "heard.v1", 0)
            assert stands == self.model.cursors.get(reader, 0)
        for key in ("k", "l"):
            bound = await self.log.request("client", self.mark + key)
            place = bound and bound.position - self.head.position
            assert place == self.model.keys.get(key)

    def said(self, one: Published) -> tuple[int, bytes, int | None]:
        return one.n, one.data, one.position and one.position - self.head.position


def marked(entry: Entry, mark: str) -> Entry:
    """The entry with every name that a claim rests on made this run's own."""
    return Entry(
        events=tuple(event(mark + one.stream, one.version, one.data) for one in entry.events),
        contracts=tuple(
            contract(mark + one.topic, one.partition, behind=one.event, data=one.data)
            for one in entry.contracts
        ),
        key=request_key(mark + entry.key.key) if entry.key else None,
        parked=tuple(parked(one.n, reader=mark + one.reader) for one in entry.parked),
        cursors=tuple(move(one.source, one.target, mark + one.reader) for one in entry.cursors),
    )


def plain(outcome: Outcome, mark: str, base: int) -> Outcome | tuple[str, int]:
    """The outcome without the run's mark, its position counted from the run's beginning."""
    if isinstance(outcome, Appended):
        return "already" if outcome.already else "appended", outcome.position - base
    if isinstance(outcome, Stale):
        return Stale(
            reader=outcome.reader.removeprefix(mark),
            topic=outcome.topic,
            partition=outcome.partition,
        )
    if isinstance(outcome, KeyUsed):
        return KeyUsed(client=outcome.client, key=outcome.key.removeprefix(mark))
    return Conflict(stream=outcome.stream.removeprefix(mark))
