"""What every bus promises a reader; each adapter's test class inherits the cases."""

from collections.abc import Callable

import pytest

from shared.bus.dead_letters import BEHIND
from shared.log.base import Log
from tests.kit.bus import (
    LESSONS,
    SOURCES,
    Bus,
    Reader,
    raced,
    retried_unmarked,
    taken_elsewhere,
    taken_up_to,
    told,
    until,
)

NewReader = Callable[[], Reader]
ERROR = "ValueError"


def place(n: int) -> str:
    return f"{LESSONS}/0#{n}"


class OrderCases:
    """Each record has one effect, in order, whatever the bus does."""

    async def test_each_record_has_one_effect_in_the_order_of_its_key(
        self, bus: Bus, new_reader: NewReader
    ):
        events = [told(n, "abc"[n % 3]) for n in range(1, 61)]
        await bus.tell(*events[:30])
        async with new_reader() as reader:
            await bus.tell(*events[30:])
            await reader.reaches(60)
            for key in "abc":
                assert await reader.heard(key) == [one.id for one in events if one.key == key]

    async def test_what_is_told_again_has_no_second_effect(self, bus: Bus, new_reader: NewReader):
        async with new_reader() as reader:
            await bus.tell(told(1), told(2), told(3), told(2), told(3), told(4))
            await reader.hears("a/1", "a/2", "a/3", "a/4")
            await bus.tell(told(4), told(5))
            await reader.hears("a/1", "a/2", "a/3", "a/4", "a/5")

    async def test_a_gap_stops_its_partition_alone_after_what_came_before(
        self, bus: Bus, new_reader: NewReader
    ):
        async with new_reader() as reader:
            await bus.tell(told(1), told(2), told(4), told(5))
            await bus.tell(told(1, "s", SOURCES), topic=SOURCES)
            await until(lambda: _standing(reader, "red"))
            await bus.tell(told(2, "s", SOURCES), topic=SOURCES)
            await reader.hears("s/1", "s/2", key="s")
            assert await reader.heard() == ["a/1", "a/2"]
            assert "3 is missing, 4 comes next" in reader.consumer.states[LESSONS, 0].why
            assert reader.consumer.states[SOURCES, 0].standing == "running"

    async def test_a_series_that_ends_before_the_cursor_stops_its_partition_alone(
        self, bus: Bus, new_reader: NewReader
    ):
        """Its service was restored to an earlier day: what it tells now would pass for repeats."""
        await bus.tell(told(1), told(2))
        reader = new_reader()
        await taken_up_to(reader.log, 3)
        async with reader:
            await until(lambda: _standing(reader, "red"))
            await bus.tell(told(3), told(4), told(5))
            await bus.tell(told(1, "s", SOURCES), topic=SOURCES)
            await reader.hears("s/1", key="s")
            assert await reader.heard() == []
            state = reader.consumer.states[LESSONS, 0]
            assert (state.standing, state.why.partition(":")[0]) == ("red", "series-rewound")

    async def test_another_reader_goes_on_where_the_first_stopped(
        self, bus: Bus, new_reader: NewReader
    ):
        await bus.tell(told(1), told(2))
        async with new_reader() as first:
            await first.hears("a/1", "a/2")
        await bus.tell(told(3))
        async with new_reader() as second:
            await second.hears("a/1", "a/2", "a/3")

    async def test_two_readers_at_once_have_one_effect(self, bus: Bus, new_reader: NewReader):
        async with new_reader() as first:
            await bus.tell(*(told(n) for n in range(1, 21)))
            async with new_reader() as second:
                await bus.tell(*(told(n) for n in range(21, 41)))
                await second.reaches(40)
            await bus.tell(told(41))
            await first.reaches(41)
            assert await first.heard() == [f"a/{n}" for n in range(1, 42)]

    async def test_a_database_that_is_away_is_never_overtaken(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()
        reader.away = 2
        await bus.tell(told(1), told(2))
        async with reader:
            await bus.tell(told(3))
            await reader.hears("a/1", "a/2", "a/3")
            assert reader.away == 0

    async def test_a_stream_that_somebody_else_changed_is_decided_again(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()

        async def race() -> None:
            await raced(reader.log)

        reader.first = race
        await bus.tell(told(1), told(2))
        async with reader:
            await reader.hears("somebody else", "a/1", "a/2")

    async def test_a_cursor_that_another_moved_is_read_anew(self, bus: Bus, new_reader: NewReader):
        slow = new_reader()

        async def overtaken() -> None:
            await taken_elsewhere(slow.log, "a/1")

        slow.first = overtaken
        await bus.tell(told(1), told(2))
        async with slow:
            await slow.hears("a/1", "a/2")


async def _standing(reader: Reader, standing: str) -> bool:
    state = reader.consumer.states.get((LESSONS, 0))
    return state is not None and state.standing == standing


class PoisonCases:
    """A record that cannot be taken holds back its own key and nobody else."""

    @pytest.mark.parametrize("bad", [1, 3, 6], ids=["first", "middle", "last"])
    async def test_it_is_parked_with_later_ones_of_its_key_and_others_go_on(
        self, bus: Bus, new_reader: NewReader, bad: int
    ):
        reader = new_reader()
        events = [told(n, "bc"[n % 2] if n != bad else "a") for n in range(1, 7)]
        await bus.tell(*events, told(7), told(8, "b"))
        reader.poison = {f"a/{bad}"}
        async with reader:
            await reader.reaches(8)
            assert await reader.parked() == {f"a/{bad}": ERROR, "a/7": BEHIND}
            await bus.tell(told(9), told(10, "b"))
            await reader.reaches(10)
            assert list(await reader.parked()) == [f"a/{bad}", "a/7", "a/9"]
            assert await reader.heard() == []
            others = [one.id for one in events if one.key == "b"]
            assert await reader.heard("b") == [*others, "b/8", "b/10"]

    async def test_it_keeps_its_own_error_when_its_batch_is_decided_again(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()

        async def race() -> None:
            await raced(reader.log, "b")

        reader.first, reader.poison = race, {"a/1"}
        await bus.tell(told(1), told(2, "b"))
        async with reader:
            await reader.reaches(2)
            assert await reader.parked() == {"a/1": ERROR}

    @pytest.mark.parametrize("bad", [1, 3, 6], ids=["first", "middle", "last"])
    async def test_what_the_log_itself_refuses_is_parked_alike(
        self, bus: Bus, new_reader: NewReader, bad: int
    ):
        reader = new_reader()
        events = [told(n, "b" if n != bad else "a") for n in range(1, 7)]
        await bus.tell(*events, told(7))
        reader.unfit = {f"a/{bad}"}
        async with reader:
            await reader.reaches(7)
            waiting = await reader.parked()
            assert list(waiting) == [f"a/{bad}", "a/7"]
            assert waiting["a/7"] == BEHIND != waiting[f"a/{bad}"]
            assert await reader.heard("b") == [one.id for one in events if one.key == "b"]
            await reader.consumer.letters.ask(place(bad), "retry_requested")
            await until(lambda: _attempts(reader, 1))
            reader.unfit = set()
            await reader.consumer.letters.ask(place(bad), "retry_requested")
            await reader.hears(f"a/{bad}", "a/7")

    async def test_a_retry_whose_mark_was_lost_has_no_second_effect(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()
        reader.poison = {"a/1"}
        await bus.tell(told(1))
        async with reader:
            await reader.reaches(1)
        await retried_unmarked(reader.log, 1)
        await reader.consumer.letters.ask(place(1), "retry_requested")
        async with reader:
            await until(lambda: _parked(reader, {}))
            assert await reader.heard() == []

    async def test_a_key_stays_held_for_whoever_reads_next(self, bus: Bus, new_reader: NewReader):
        first = new_reader()
        first.poison = {"a/1"}
        await bus.tell(told(1))
        async with first:
            await first.reaches(1)
        await bus.tell(told(2))
        async with new_reader() as second:
            await second.reaches(2)
            assert await second.parked() == {"a/1": ERROR, "a/2": BEHIND}

    async def test_a_retry_takes_it_and_then_what_stood_behind_in_order(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()
        reader.poison = {"a/1"}
        await bus.tell(told(1), told(2), told(3))
        async with reader:
            await reader.reaches(3)
            reader.poison = set()
            await reader.consumer.letters.ask(place(1), "retry_requested")
            await reader.hears("a/1", "a/2", "a/3")
            await bus.tell(told(4))
            await reader.hears("a/1", "a/2", "a/3", "a/4")
            assert await reader.parked() == {}

    async def test_a_skip_passes_it_by_for_what_stood_behind(self, bus: Bus, new_reader: NewReader):
        reader = new_reader()
        reader.poison = {"a/1"}
        await bus.tell(told(1), told(2))
        async with reader:
            await reader.reaches(2)
            await reader.consumer.letters.ask(place(1), "skip_requested", reason="sent twice")
            await reader.hears("a/2")

    async def test_a_retry_that_fails_counts_and_goes_on_holding_its_key(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()
        reader.poison = {"a/1", "a/2"}
        await bus.tell(told(1), told(2))
        async with reader:
            await reader.reaches(2)
            letters = reader.consumer.letters
            await letters.ask(place(1), "retry_requested")
            await until(lambda: _attempts(reader, 1))
            reader.poison = {"a/2"}
            await letters.ask(place(2), "retry_requested")
            await letters.ask(place(1), "retry_requested")
            await reader.hears("a/1")
            await until(lambda: _parked(reader, {"a/2": ERROR}))

    async def test_one_that_is_asked_for_waits_for_those_before_it(
        self, bus: Bus, new_reader: NewReader
    ):
        reader = new_reader()
        reader.poison = {"a/1"}
        await bus.tell(told(1), told(2), told(3, "b"))
        async with reader:
            await reader.reaches(3)
            await reader.consumer.letters.ask(place(2), "retry_requested")
            reader.poison |= {"b/4"}
            await bus.tell(told(4, "b"))
            await reader.consumer.letters.ask(place(1), "retry_requested")
            await until(lambda: _attempts(reader, 1))
            assert await reader.heard() == []


async def _attempts(reader: Reader, count: int) -> bool:
    waiting = await reader.consumer.letters.waiting()
    return bool(waiting) and waiting[0].attempts == count


async def _parked(reader: Reader, expected: dict[str, str]) -> bool:
    return await reader.parked() == expected


class BusCases(OrderCases, PoisonCases):
    """Needs fixtures `bus` (nothing told) and `new_reader` (another consumer of the same reader,
    with a source of its own)."""


def reader_of(bus: Bus, log: Log) -> NewReader:
    """What the fixture `new_reader` gives."""
    return lambda: Reader(log, bus.source())
