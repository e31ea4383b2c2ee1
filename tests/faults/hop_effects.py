"""A reaction whose effects are seen: each record becomes an event that names it."""

from collections.abc import Sequence

from shared.bus.base import Record
from shared.bus.effects import Effect, EffectFailed
from shared.log.base import Log, NewEvent


class Effects:
    """Decides what follows from records: on stream `heard-<key>` an event with the record's id;
    what is in `poison`, by id, cannot be taken. `doubles` is a planted fault."""

    def __init__(self, log: Log) -> None:
        self.poison: set[str] = set()
        self.doubles = False
        self._log = log

    async def decide(self, records: Sequence[Record]) -> Effect:
        streams = await self._log.streams(sorted({f"heard-{one.key}" for one in records}))
        versions = {name: found[-1].version for name, found in streams.items()}
        events = []
        for index, record in enumerate(records):
            if record.event is None or record.event.id in self.poison:
                raise EffectFailed(index, ValueError("what it says is not told"))
            stream = f"heard-{record.key}"
            for _ in range(2 if self.doubles else 1):
                versions[stream] = versions.get(stream, 0) + 1
                events.append(_heard(record.event.id, stream, versions[stream]))
        return Effect(events=tuple(events))

    def double(self) -> None:
        self.doubles = True


def _heard(says: str, stream: str, version: int) -> NewEvent:
    return NewEvent(
        stream=stream, version=version, type="heard", schema=1, data=says.encode(), meta=b"{}"
    )
