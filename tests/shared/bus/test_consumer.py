"""The consumer against partitions that lose, reorder and mend what they hand out."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.bus.base import Record, Serve
from shared.kernel.errors import Broken
from shared.log.base import Log
from tests.kit.bus import LESSONS, READER, Reader, told


class Scripted:
    """A partition that hands out the readings of a script, then those of the series from where it
    was rewound to."""

    topic = LESSONS
    number = 0

    def __init__(self, *readings: Sequence[int], series: Sequence[int] = ()) -> None:
        self.rewound: list[int] = []
        self.readings: list[Sequence[int]] = list(readings)
        self.series = series

    async def read(self, after: int, limit: int) -> Sequence[Record]:
        numbers = self.readings.pop(0) if self.readings else ()
        return [_record(n) for n in numbers]

    async def bound(self) -> int:
        return 1_000

    async def rewind(self, after: int) -> None:
        self.rewound.append(after)
        if len(self.rewound) > 1:
            self.readings.insert(0, [n for n in self.series if n > after])


class Nothing:
    """A source for a reader that is stepped by hand."""

    async def run(self, serve: Serve, stop: asyncio.Event) -> None:
        await stop.wait()


def _record(n: int) -> Record:
    event = told(n)
    return Record(topic=LESSONS, partition=0, n=n, event=event, raw=event.structured())


@pytest.fixture
def reader(own: Log) -> Reader:
    return Reader(own, Nothing())


async def test_a_gap_is_read_once_more_from_the_beginning(reader: Reader):
    partition = Scripted([1, 2, 4], series=[1, 2, 3, 4, 5])
    assert await reader.consumer.step(partition) == 2
    assert await reader.consumer.step(partition) == 3
    assert partition.rewound == [0, 0]
    assert await reader.heard() == [f"a/{n}" for n in range(1, 6)]


async def test_what_came_with_a_gap_is_not_lost_from_sight(reader: Reader):
    """Kafka has handed 4 out and would not do it again: with nothing after it, nobody would see
    that 3 is missing."""
    partition = Scripted([1, 2, 4], series=[1, 2, 4])
    await reader.consumer.step(partition)
    with pytest.raises(Broken, match="3 is missing, 4 comes next"):
        await reader.consumer.step(partition)
    assert await reader.log.cursor(READER, LESSONS, 0) == 2


async def test_a_second_gap_is_read_again_too(reader: Reader):
    partition = Scripted([2], series=[1, 2])
    await reader.consumer.step(partition)
    await reader.consumer.step(partition)
    partition.readings, partition.series = [[4]], [1, 2, 3, 4]
    await reader.consumer.step(partition)
    await reader.consumer.step(partition)
    assert partition.rewound == [0, 0, 0]
    assert await reader.heard() == ["a/1", "a/2", "a/3", "a/4"]


async def test_repeats_in_the_middle_of_a_reading_are_skipped(reader: Reader):
    assert await reader.consumer.step(Scripted([1, 2, 1, 2, 3])) == 3
    assert await reader.heard() == ["a/1", "a/2", "a/3"]


async def test_nothing_to_read_moves_nothing(reader: Reader):
    assert await reader.consumer.step(Scripted([])) == 0
    assert reader.decided == 0
