"""A reader of foreign series: what follows from each record is committed with the cursor.

So an effect happens once whatever the bus repeats: a number at or below the cursor is skipped,
one beyond the next is a gap, and both are judged against the cursor in the own database.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from shared.bus.base import Partition, Record
from shared.bus.dead_letters import DeadLetters
from shared.bus.effects import Deciding
from shared.bus.retries import Retries
from shared.bus.taking import Place, Taking
from shared.kernel.errors import Broken, Busy
from shared.log.appender import Appender
from shared.log.base import Log

BATCH = 200
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
RED_PAUSE = 60.0

log = structlog.get_logger("bus")


class Unreadable(Broken):
    """A gap in a partition that holds what cannot be read: most likely the missing record."""

    slug = "unreadable"


class Gap(Broken):
    """A number is missing, also when the partition is read once more from its beginning."""

    slug = "gap"


class Rewound(Broken):
    """A series that ends before what was taken of it."""

    slug = "rewound"


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
        self._log = own
        self._taking = Taking(reader, decide, appender)
        self._retries = Retries(reader, decide, own, appender, self.letters)
        self._batch = batch
        self._red_pause = red_pause
        self._places: dict[tuple[str, int], Place] = {}
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
        await self._retries.care_for(partition, place)
        before = place.cursor
        records = await partition.read(place.cursor, self._batch)
        for junk in (one for one in records if one.event is None):
            await self.letters.park(self.reader, junk)
        numbered = [one for one in records if one.event is not None and one.n > place.cursor]
        fresh = _contiguous(numbered, place.cursor)
        if fresh and not await self._taking.take(partition, place, fresh):
            # Another process moved the cursor: where it stands now is read anew.
            self._places.pop((partition.topic, partition.number), None)
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
        state.standing, state.why, state.fault = "red", error.detail, error.slug

    def _state(self, partition: Partition) -> PartitionState:
        where = partition.topic, partition.number
        if where not in self.states:
            self.states[where] = PartitionState(topic=where[0], partition=where[1])
        return self.states[where]

    async def _place(self, partition: Partition) -> Place:
        where = partition.topic, partition.number
        if where not in self._places:
            cursor = await self._log.cursor(self.reader, *where)
            await self._require_told(partition, cursor)
            await partition.rewind(cursor)
            self._places[where] = Place(cursor)
        return self._places[where]

    async def _require_told(self, partition: Partition, cursor: int) -> None:
        """A series that ends before the cursor was restored to an earlier day: numbers that it
        gives anew would pass for repeats. Once seen, this process takes nothing more of it."""
        where = partition.topic, partition.number
        if where in self._rewound or await partition.bound() < cursor:
            self._rewound.add(where)
            raise Rewound(
                f"series-rewound: {partition.topic}/{partition.number} was taken up to {cursor}, "
                "and ends before that now; restore the log that tells it to its newest copy."
            )

    async def _mend_gap(self, partition: Partition, place: Place, found: int) -> None:
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


def _contiguous(records: Sequence[Record], cursor: int) -> list[Record]:
    fresh: list[Record] = []
    for one in records:
        expected = cursor + len(fresh) + 1
        if one.n == expected:
            fresh.append(one)
        elif one.n > expected:
            break
    return fresh


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
