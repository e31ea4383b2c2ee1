"""A reader of foreign series: what follows from each record is committed with the cursor.

So an effect happens once whatever the bus repeats: a number at or below the cursor is skipped,
one beyond the next is a gap, and both are judged against the cursor in the own database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import time_ns
from typing import Literal

import structlog

from shared.bus.base import Partition, Record
from shared.bus.dead_letters import BEHIND, DeadLetters, Letter
from shared.kernel.errors import Broken, Busy
from shared.log.appender import Appender
from shared.log.base import (
    Appended,
    Conflict,
    CursorMove,
    Entry,
    Log,
    NewContract,
    NewEvent,
    Outcome,
    ParkedRecord,
    Stale,
)
from shared.telemetry import spans

BATCH = 200
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
RED_PAUSE = 60.0
LOOK_AT_LETTERS = 1.0
"""Seconds between looks at what a person asked about parked records."""

log = structlog.get_logger("bus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What records lead to: parts of the entry that moves the cursor."""

    events: tuple[NewEvent, ...] = ()
    contracts: tuple[NewContract, ...] = ()


class EffectFailed(Exception):
    """The record at `index` of the batch could not be taken; `error` says what happened."""

    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.index = index
        self.error = error


class Unreadable(Broken):
    """A gap in a partition that holds what cannot be read: most likely the missing record."""

    slug = "unreadable"


class Gap(Broken):
    """A number is missing, also when the partition is read once more from its beginning."""

    slug = "gap"


Deciding = Callable[[Sequence[Record]], Awaitable[Effect]]
"""What follows from these records, decided on the state as it is now. Raises EffectFailed, and
Busy for what passes by itself."""


@dataclass(slots=True, kw_only=True)
class PartitionState:
    """How the reading of one partition stands, for status and metrics; `fault` in one word, where
    it is red."""

    topic: str
    partition: int
    cursor: int = 0
    standing: Literal["running", "waiting", "red"] = "running"
    why: str = ""
    fault: str = ""


@dataclass(slots=True)
class _Place:
    """Where the reading of one partition is in this process."""

    cursor: int
    reread: bool = False
    looked: float = -LOOK_AT_LETTERS
    held: set[str] = field(default_factory=set)


class Consumer:
    """Carries foreign records into the own log, partition by partition, in order."""

    def __init__(
        self,
        reader: str,
        decide: Deciding,
        own: Log,
        appender: Appender,
        *,
        batch: int = BATCH,
        red_pause: float = RED_PAUSE,
    ) -> None:
        self.reader = reader
        self.letters = DeadLetters(own.store)
        self.states: dict[tuple[str, int], PartitionState] = {}
        self._decide = decide
        self._log = own
        self._appender = appender
        self._batch = batch
        self._red_pause = red_pause
        self._places: dict[tuple[str, int], _Place] = {}
        self._rewound: set[tuple[str, int]] = set()

    async def serve(self, partition: Partition, stop: asyncio.Event) -> None:
        """Reads until `stop`. A database that is gone is waited for, the batch then decided
        again; a gap stops this partition, red, and is looked at again after a while."""
        pause = FIRST_PAUSE
        self._places.pop((partition.topic, partition.number), None)
        while not stop.is_set():
            state = self._state(partition)
            try:
                await self.step(partition)
            except Busy as error:
                state.standing, state.why = "waiting", error.detail
                self._places.pop((partition.topic, partition.number), None)
                await _pause(stop, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Broken as error:
                self._stops(state, error)
                self._places.pop((partition.topic, partition.number), None)
                await _pause(stop, self._red_pause)
            else:
                state.standing, state.why, pause = "running", "", FIRST_PAUSE

    async def step(self, partition: Partition) -> int:
        """One batch; how far the cursor moved. Raises Busy (Unavailable among it), and Broken for a
        gap that is still there after the partition was read from its beginning."""
        place = await self._place(partition)
        await self._care_for_letters(partition, place)
        before = place.cursor
        records = await partition.read(place.cursor, self._batch)
        for junk in (one for one in records if one.event is None):
            await self.letters.park(self.reader, junk)
        numbered = [one for one in records if one.event is not None and one.n > place.cursor]
        fresh = _contiguous(numbered, place.cursor)
        if fresh and not await self._take(partition, place, fresh):
            return 0
        # What comes after a gap was read with the batch: nobody would meet it again.
        beyond = [one.n for one in numbered if one.n > place.cursor]
        if beyond:
            await self._mend_gap(partition, place, beyond[0])
        self._state(partition).cursor = place.cursor
        return place.cursor - before

    def _stops(self, state: PartitionState, error: Broken) -> None:
        """Said once, however often it is looked at again."""
        if state.standing != "red":
            log.error("series_gap", topic=state.topic, partition=state.partition)
        state.standing, state.why = "red", error.detail
        rewound = error.detail.startswith("series-rewound")
        state.fault = "rewound" if rewound else error.slug

    def _state(self, partition: Partition) -> PartitionState:
        where = partition.topic, partition.number
        if where not in self.states:
            self.states[where] = PartitionState(topic=where[0], partition=where[1])
        return self.states[where]

    async def _place(self, partition: Partition) -> _Place:
        where = partition.topic, partition.number
        if where not in self._places:
            cursor = await self._log.cursor(self.reader, *where)
            await self._require_told(partition, cursor)
            await partition.rewind(cursor)
            self._places[where] = _Place(cursor)
        return self._places[where]

    async def _require_told(self, partition: Partition, cursor: int) -> None:
        """A series that ends before the cursor was restored to an earlier day: numbers that it
        gives anew would pass for repeats. Once seen, this process takes nothing more of it."""
        where = partition.topic, partition.number
        if where in self._rewound or await partition.bound() < cursor:
            self._rewound.add(where)
            raise Broken(
                f"series-rewound: {partition.topic}/{partition.number} was taken up to {cursor}, "
                "and ends before that now; restore the log that tells it to its newest copy."
            )

    async def _mend_gap(self, partition: Partition, place: _Place, found: int) -> None:
        if place.reread:
            where, missing = f"{partition.topic}/{partition.number}", place.cursor + 1
            said = f"{where}: {missing} is missing, {found} comes next"
            junk = await self.letters.unreadable(self.reader, partition.topic, partition.number)
            if junk:
                raise Unreadable(
                    f"{said}, and what cannot be read lies parked there ({', '.join(junk)}): "
                    "see `opendoor dead-letters show`, and replay the series."
                )
            raise Gap(f"{said}; replay the series or restore it.")
        place.reread = True
        await partition.rewind(0)

    async def _take(self, partition: Partition, place: _Place, records: Sequence[Record]) -> bool:
        """Whether they were taken here; False where another process moved the cursor. A record
        whose effect the log itself refuses is found by halves, and parked like any other."""
        try:
            return await self._commit(partition, place, records)
        except Busy:
            raise
        except Exception as error:  # one record's fault must not stop the others (R8)
            if len(records) == 1:
                return await self._commit(partition, place, records, refused=error)
        middle = len(records) // 2
        first = await self._take(partition, place, records[:middle])
        return first and await self._take(partition, place, records[middle:])

    async def _commit(
        self,
        partition: Partition,
        place: _Place,
        records: Sequence[Record],
        *,
        refused: Exception | None = None,
    ) -> bool:
        """One entry; the only record is parked for `refused`, where that is given."""
        since = time_ns()
        while True:
            entry = await self._entry(partition, place, records, refused)
            outcome = await self._appender.append(entry)
            if isinstance(outcome, Appended):
                place.cursor, place.reread = records[-1].n, False
                place.held |= {one.key for one in entry.parked}
                self._trace(records, since)
                return True
            if isinstance(outcome, Stale):
                self._places.pop((partition.topic, partition.number), None)
                return False
            _require_conflict(outcome)

    def _trace(self, records: Sequence[Record], since: int) -> None:
        """The commit of what they led to, as a step behind each of them."""
        spans.done(
            f"commit {records[0].topic}",
            follows=(one.traceparent for one in records),
            since=since,
            kind=spans.HEARD,
            notes={"open_door.reader": self.reader},
        )

    async def _entry(
        self,
        partition: Partition,
        place: _Place,
        records: Sequence[Record],
        refused: Exception | None,
    ) -> Entry:
        """Decides what can be decided; a record that fails is parked, with later ones of its key
        and whatever of a key is parked already."""
        behind = [one for one in records if one.key in place.held]
        live = [one for one in records if one.key not in place.held]
        parked = [self._parked(one, BEHIND) for one in behind]
        effect: Effect | None = None
        if refused is not None and live:
            live, more = self._set_aside(live, EffectFailed(0, refused))
            parked += more
        while effect is None:
            try:
                effect = await self._decide(live) if live else Effect()
            except EffectFailed as failure:
                live, more = self._set_aside(live, failure)
                parked += more
        move = CursorMove(
            reader=self.reader,
            topic=partition.topic,
            partition=partition.number,
            source=place.cursor,
            target=records[-1].n,
        )
        return Entry(
            events=effect.events,
            contracts=effect.contracts,
            parked=tuple(sorted(parked, key=lambda one: one.n)),
            cursors=(move,),
        )

    def _set_aside(
        self, live: list[Record], failure: EffectFailed
    ) -> tuple[list[Record], list[ParkedRecord]]:
        """What stays live, and the record that failed with later ones of its key."""
        bad = live[failure.index]
        log.error(
            "record_parked",
            topic=bad.topic,
            partition=bad.partition,
            n=bad.n,
            error=type(failure.error).__name__,
        )
        later = [one for one in live[failure.index + 1 :] if one.key == bad.key]
        parked = [self._parked(bad, _told(failure.error))]
        parked += [self._parked(one, BEHIND) for one in later]
        return [one for one in live if one.key != bad.key or one.n < bad.n], parked

    def _parked(self, record: Record, error: str) -> ParkedRecord:
        return ParkedRecord(
            reader=self.reader,
            topic=record.topic,
            partition=record.partition,
            n=record.n,
            key=record.key,
            record=record.raw,
            error=error,
        )

    async def _care_for_letters(self, partition: Partition, place: _Place) -> None:
        now = asyncio.get_running_loop().time()
        if now - place.looked < LOOK_AT_LETTERS:
            return
        place.looked = now
        where = partition.topic, partition.number
        queue = await self.letters.queue(self.reader, *where)
        while queue.ready:
            for letter in await self.letters.letters(self.reader, *where, queue.ready):
                await self._carry_out(letter)
            queue = await self.letters.queue(self.reader, *where)
        place.held = queue.held

    async def _carry_out(self, letter: Letter) -> None:
        """One parked record whose turn it is."""
        if letter.skipped:
            await self.letters.mark(letter, "skipped")
            return
        try:
            await self._retry(letter)
        except Busy:
            raise
        except Exception as error:  # it waits for another request, the partition goes on
            told = error.error if isinstance(error, EffectFailed) else error
            await self.letters.mark(letter, "parked", _told(told))
        else:
            await self.letters.mark(letter, "retried")

    async def _retry(self, letter: Letter) -> None:
        """A retry's effect is bound to a cursor of its own, so that a crash between effect and
        mark does not repeat it."""
        own = f"{self.reader}#{letter.n}"
        if await self._log.cursor(own, letter.topic, letter.partition):
            return
        move = CursorMove(
            reader=own, topic=letter.topic, partition=letter.partition, source=0, target=1
        )
        while True:
            effect = await self._decide([letter.record()])
            entry = Entry(events=effect.events, contracts=effect.contracts, cursors=(move,))
            outcome = await self._appender.append(entry)
            if isinstance(outcome, Appended | Stale):
                return
            _require_conflict(outcome)


def _contiguous(records: Sequence[Record], cursor: int) -> list[Record]:
    fresh: list[Record] = []
    for one in records:
        expected = cursor + len(fresh) + 1
        if one.n == expected:
            fresh.append(one)
        elif one.n > expected:
            break
    return fresh


def _require_conflict(outcome: Outcome) -> None:
    if not isinstance(outcome, Conflict):
        raise Broken("A reader's entry bound a request key.")


def _told(error: Exception) -> str:
    """The error's class and, where it is ours, its sentence: never what a record holds."""
    detail = getattr(error, "detail", "")
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
