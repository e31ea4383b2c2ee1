"""Taking records: what follows from them, the cursor, and what is set aside, in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import time_ns

import structlog

from shared.bus.base import Partition, Record
from shared.bus.dead_letters import BEHIND
from shared.bus.effects import Deciding, Effect, EffectFailed, require_conflict, said_of
from shared.kernel.errors import Busy
from shared.log.appender import Appender
from shared.log.base import Appended, CursorMove, Entry, ParkedRecord, Stale
from shared.telemetry import spans

log = structlog.get_logger("bus")


@dataclass(slots=True)
class Place:
    """Where the reading of one partition is in this process: its cursor, whether it was read once
    more from its beginning for a gap, when parked records were looked at (monotonic seconds), and
    the keys that wait behind one."""

    cursor: int
    reread: bool = False
    looked: float = float("-inf")
    held: set[str] = field(default_factory=set)


class Taking:
    """Takes records for one reader; a record that fails is parked, with later ones of its key."""

    def __init__(self, reader: str, decide: Deciding, appender: Appender) -> None:
        self.reader = reader
        self._decide = decide
        self._appender = appender

    async def take(self, partition: Partition, place: Place, records: Sequence[Record]) -> bool:
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
        first = await self.take(partition, place, records[:middle])
        return first and await self.take(partition, place, records[middle:])

    async def _commit(
        self,
        partition: Partition,
        place: Place,
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
                return False
            require_conflict(outcome)

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
        place: Place,
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
        parked = [self._parked(bad, said_of(failure.error))]
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
