"""Parked records whose turn has come: retried or passed by, in the order of their key."""

import asyncio

from shared.bus.base import Partition
from shared.bus.dead_letters import DeadLetters, Letter
from shared.bus.effects import Deciding, EffectFailed, require_conflict, said_of
from shared.bus.taking import Place
from shared.kernel.errors import Busy
from shared.log.appender import Appender
from shared.log.base import Appended, CursorMove, Entry, Log, Stale

LOOK = 1.0
"""Seconds between looks at what a person asked about parked records."""


class Retries:
    """Carries out, for one reader, what people asked of its parked records."""

    def __init__(
        self, reader: str, decide: Deciding, own: Log, appender: Appender, letters: DeadLetters
    ) -> None:
        self._reader = reader
        self._decide = decide
        self._log = own
        self._appender = appender
        self._letters = letters

    async def care_for(self, partition: Partition, place: Place) -> None:
        """Now and then: what is asked for and has nothing unsettled before it of its key."""
        now = asyncio.get_running_loop().time()
        if now - place.looked < LOOK:
            return
        place.looked = now
        where = partition.topic, partition.number
        queue = await self._letters.queue(self._reader, *where)
        while queue.ready:
            for letter in await self._letters.letters(self._reader, *where, queue.ready):
                await self._carry_out(letter)
            queue = await self._letters.queue(self._reader, *where)
        place.held = queue.held

    async def _carry_out(self, letter: Letter) -> None:
        """One parked record whose turn it is."""
        if letter.skipped:
            await self._letters.mark(letter, "skipped")
            return
        try:
            await self._retry(letter)
        except Busy:
            raise
        except Exception as error:  # it waits for another request, the partition goes on
            told = error.error if isinstance(error, EffectFailed) else error
            await self._letters.mark(letter, "parked", said_of(told))
        else:
            await self._letters.mark(letter, "retried")

    async def _retry(self, letter: Letter) -> None:
        """A retry's effect is bound to a cursor of its own, so that a crash between effect and
        mark does not repeat it."""
        own = f"{self._reader}#{letter.n}"
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
            require_conflict(outcome)
