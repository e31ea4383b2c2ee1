"""Order without gaps, under many writers; what is written stays written; the clock's rules."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Executable, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Broken
from shared.log.base import Appended, Conflict, Log
from shared.log.chain import verify
from shared.log.tables import EVENTS, PUBLISHED
from tests.kit.log_entries import TwoClocks, appended, contract, entry, event

MINUTE = timedelta(minutes=1)


def _execute(change: Executable, connection: Connection) -> None:
    connection.execute(change)


class OrderCases:
    """Needs fixtures `log`, empty, `rivals` (logs over the same database) and their `clock`."""

    async def test_positions_and_numbers_have_no_gaps_under_rivals(self, rivals: list[Log]):
        async def write(writer: int) -> None:
            log = rivals[writer % len(rivals)]
            for version in range(1, 11):
                told = contract(partition=writer % 3, data=f"{writer}/{version}".encode())
                one = entry(event(f"stream-{writer}", version), contracts=(told,))
                appended((await log.append([one]))[0])

        await asyncio.gather(*(write(writer) for writer in range(12)))
        log = rivals[0]
        events = await log.events(0, 1_000)
        assert [one.position for one in events] == list(range(1, 121))
        for writer in range(12):
            own = [one.version for one in events if one.stream == f"stream-{writer}"]
            assert own == list(range(1, 11))
        for partition in range(3):
            series = await log.published("told.v1", partition, 0, 1_000)
            assert [one.n for one in series] == list(range(1, 41))
            behind = [one.position for one in series]
            assert behind == sorted(behind, key=lambda place: place or 0)
        assert (await verify(log)).position == 120

    async def test_one_of_many_rivals_gets_a_version(self, rivals: list[Log]):
        async def strive(writer: int) -> bool:
            mine = entry(event("contended-1", 1, str(writer).encode()), contracts=(contract(),))
            outcome = (await rivals[writer % len(rivals)].append([mine]))[0]
            assert isinstance(outcome, Appended | Conflict)
            return isinstance(outcome, Appended)

        won = await asyncio.gather(*(strive(writer) for writer in range(20)))
        assert sum(won) == 1
        assert [one.n for one in await rivals[0].published("told.v1", 0, 0, 99)] == [1]

    async def test_a_live_reader_never_meets_a_gap(self, rivals: list[Log]):
        done = asyncio.Event()

        async def write() -> None:
            for version in range(1, 60):
                await rivals[0].append([entry(event("a", version))])
                await rivals[-1].append([entry(event("b", version))])
            done.set()

        async def read() -> int:
            seen = 0
            while True:
                over = done.is_set()
                rows = await rivals[-1].events(seen, 7)
                assert [one.position for one in rows] == list(range(seen + 1, seen + 1 + len(rows)))
                seen += len(rows)
                if over and not rows:
                    return seen

        _, seen = await asyncio.gather(write(), read())
        assert seen == 118

    async def test_reads_page_by_position_version_and_number(self, log: Log):
        for version in range(1, 6):
            told = (contract(), contract("other.v1", 2))
            await log.append([entry(event("a", version), event("b", version), contracts=told)])
        assert [one.position for one in await log.events(3, 4)] == [4, 5, 6, 7]
        assert [one.version for one in await log.stream("a", 3)] == [4, 5]
        assert [one.n for one in await log.published("told.v1", 0, 1, 2)] == [2, 3]
        assert await log.published("told.v1", 1, 0, 9) == []
        assert await log.published_heads("other.v1") == {2: 5}
        assert await log.published_heads("unknown.v1") == {}

    async def test_heads_of_each_partition(self, log: Log):
        told = [contract(partition=partition) for partition in (11, 0, 4, 4)]
        await log.append([entry(event("a"), contracts=tuple(told))])
        assert await log.published_heads("told.v1") == {0: 1, 4: 2, 11: 1}

    async def test_several_streams_in_one_read(self, log: Log):
        await log.append([entry(event(f"s-{i}", 1), event(f"s-{i}", 2)) for i in range(600)])
        names = [f"s-{i}" for i in range(600)]
        found = await log.streams([*names, "absent"])
        assert sorted(found) == sorted(names)
        assert all([one.version for one in rows] == [1, 2] for rows in found.values())
        assert await log.streams([]) == {}

    @pytest.mark.parametrize("table", [EVENTS, PUBLISHED], ids=lambda table: table.name)
    async def test_nothing_written_is_changed_or_removed(self, log: Log, table):
        await log.append([entry(event(), contracts=(contract(),))])
        before = await log.store.read(select(table))
        for change in (update(table).values(data=b"other"), delete(table)):
            with pytest.raises(DBAPIError, match="append-only"):
                await log.store.write(partial(_execute, change))
        assert await log.store.read(select(table)) == before

    async def test_a_failed_job_leaves_nothing(self, log: Log):
        def fail(connection):
            connection.execute(text("INSERT INTO cursors VALUES ('r', 't', 0, 1)"))
            raise LookupError("on purpose")

        with pytest.raises(LookupError):
            await log.store.write(fail)
        assert await log.cursor("r", "t", 0) == 0

    async def test_time_is_the_databases_and_shifted(self, log: Log, clock: TwoClocks):
        clock.shift = timedelta(days=-2900)
        before = datetime.now(UTC) + clock.shift - MINUTE
        outcome = appended((await log.append([entry(event())]))[0])
        assert before < outcome.recorded_at < before + 2 * MINUTE
        assert (await log.head()).recorded_at == outcome.recorded_at

    async def test_time_never_goes_back(self, log: Log, clock: TwoClocks):
        clock.shift = timedelta(days=3)
        first = appended((await log.append([entry(event("a"))]))[0])
        clock.shift = timedelta()
        second = appended((await log.append([entry(event("b"))]))[0])
        assert second.recorded_at == first.recorded_at
        assert (await verify(log)).position == 2

    async def test_a_mad_clock_is_refused_on_an_empty_log(self, log: Log, clock: TwoClocks):
        clock.error = -6 * MINUTE
        with pytest.raises(Broken, match="clock"):
            await log.append([entry(event())])
        clock.error = -4 * MINUTE
        appended((await log.append([entry(event())]))[0])

    async def test_a_mad_clock_must_not_ratchet_the_log(self, log: Log, clock: TwoClocks):
        await log.append([entry(event("a"))])
        clock.shift, clock.error = timedelta(days=1), timedelta(days=-1)
        with pytest.raises(Broken, match="clock"):
            await log.append([entry(event("b"))])
        clock.shift = clock.error = timedelta()
        await log.append([entry(event("b"))])
        clock.error = -6 * MINUTE  # behind the database, which is not ahead of its own last row
        appended((await log.append([entry(event("c"))]))[0])

    async def test_time_may_pass_between_rows(self, log: Log, clock: TwoClocks):
        first = appended((await log.append([entry(event("a"))]))[0])
        clock.shift = timedelta(days=400)
        second = appended((await log.append([entry(event("b"))]))[0])
        assert second.recorded_at - first.recorded_at > timedelta(days=399)
