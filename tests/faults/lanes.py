"""Lanes of entries that a seed replays, and what the log must hold of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from shared.log.base import CursorMove, Entry, NewContract, NewEvent, RequestKey

STREAMS = 5
"""Own streams of a lane, taken in turn."""
PARTITIONS = 3
TOPIC = "told.v1"
HEARD = "heard.v1"
CLIENT = "client"
LONGEST = 700
"""Bytes that pad an event at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A writer's entries, number 0, 1, 2 ..., one after another: the same for the same seed and
    name, so that whoever goes on can send again what another had sent.

    Each entry holds one to three events over two streams, a contract or two, a request key and a
    cursor move. Of `hot` streams, which all lanes share, the first event takes one in turn; its
    version must then be told, and a seed alone does not replay it.
    """

    seed: int
    name: str
    hot: int = 0

    def item(self, number: int) -> str:
        return f"{self.name}/{number}"

    def parts(self, number: int) -> range:
        """The events of an entry by their index in it."""
        return range(1 + number % STREAMS % 3)

    def told(self, number: int) -> range:
        """Its contracts, likewise."""
        return range(1 + number % STREAMS % 2)

    def first_stream(self, number: int) -> str:
        return f"hot-{number % self.hot}" if self.hot else f"{self.name}-all"

    def entry(self, number: int, version: int | None = None) -> Entry:
        """An entry; `version` is that of its first event where its stream is shared."""
        events = (self._first(number, version), *self._others(number))
        return Entry(
            events=events,
            contracts=tuple(self._contract(number, part) for part in self.told(number)),
            key=RequestKey(
                client=CLIENT,
                key=self.item(number),
                fingerprint=b"print",
                stream=events[0].stream,
                version=events[0].version,
                status=202,
            ),
            cursors=(
                CursorMove(
                    reader=self.name, topic=HEARD, partition=0, source=number, target=number + 1
                ),
            ),
        )

    def said(self, number: int, part: int) -> bytes:
        """What an event or a contract says: its item, and some padding."""
        chance = random.Random(f"{self.seed}/{self.name}/{number}/{part}")
        padding = "x" * chance.randrange(LONGEST)
        return orjson.dumps({"item": f"{self.item(number)}.{part}", "pad": padding})

    def _first(self, number: int, version: int | None) -> NewEvent:
        own = number + 1 if version is None else version
        return _event(self.first_stream(number), own, self.said(number, 0))

    def _others(self, number: int) -> Iterator[NewEvent]:
        parts = self.parts(number)[1:]
        stream, before = f"{self.name}-{number % STREAMS}", number // STREAMS * len(parts)
        for part in parts:
            yield _event(stream, before + part, self.said(number, part))

    def _contract(self, number: int, part: int) -> NewContract:
        return NewContract(
            topic=TOPIC,
            partition=(number + part) % PARTITIONS,
            id=f"{self.name}-all/{number + 1}",
            type="told.thing.v1",
            key=self.name,
            subject="1",
            time="2018-12-19T09:30:00Z",
            attributes=b'{"source":"urn:test"}',
            data=self.said(number, part),
            event=0 if part == 0 else None,
        )


def _event(stream: str, version: int, data: bytes) -> NewEvent:
    return NewEvent(
        stream=stream, version=version, type="happened", schema=1, data=data, meta=b"{}"
    )


def item_in(data: bytes) -> str:
    """The item that an event or a contract names."""
    return str(orjson.loads(data)["item"])
