"""What an append answers, entry by entry, and that a refused entry leaves nothing behind."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared.kernel.errors import Broken
from shared.log.base import Appended, Conflict, KeyUsed, Log, Stale
from shared.log.chain import verify
from shared.log.requests import prune
from shared.log.tables import CURSORS, DEAD_LETTERS, EVENTS, PUBLISHED, REQUEST_KEYS
from tests.kit.log_entries import (
    TwoClocks,
    already,
    appended,
    contract,
    entry,
    event,
    move,
    parked,
    request_key,
)

WHOLE = entry(
    event("thing-1", 1),
    event("other-1", 1),
    contracts=(contract(behind=1), contract(partition=3), contract(behind=None)),
    key=request_key(),
    parked=(parked(4),),
    cursors=(move(0, 5),),
)


async def counts(log: Log) -> dict[str, int]:
    """How many rows each table holds."""
    tables = (EVENTS, PUBLISHED, REQUEST_KEYS, CURSORS, DEAD_LETTERS)
    return {
        table.name: (await log.store.read(select(func.count()).select_from(table)))[0][0]
        for table in tables
    }


class OutcomeCases:
    """Each adapter's test class inherits these and has fixtures `log`, empty, and `clock`."""

    async def test_nothing_to_append_is_nothing_done(self, log: Log):
        assert await log.append([]) == []
        assert (await log.head()).position == 0

    async def test_an_entry_is_written_whole(self, log: Log):
        outcome = appended((await log.append([WHOLE]))[0])
        assert outcome.position == 2
        assert (await log.head()).hash == outcome.hash
        assert await counts(log) == {
            "events": 2,
            "published": 3,
            "request_keys": 1,
            "cursors": 1,
            "dead_letters": 1,
        }

    async def test_an_event_is_stored_byte_for_byte(self, log: Log):
        told = event("thing-1", 1, data=b'{ "odd" :\t"\\u00e9" , "raw":"\xc3\xa9"}')
        await log.append([entry(told)])
        stored = (await log.stream("thing-1"))[0]
        assert (stored.data, stored.meta, stored.digest) == (told.data, told.meta, told.digest())
        assert (stored.type, stored.schema, stored.version) == ("happened", 1, 1)

    async def test_a_contract_is_stored_byte_for_byte(self, log: Log):
        await log.append([WHOLE])
        first, last = await log.published("told.v1", 0, 0, 10)
        told = WHOLE.contracts[0]
        assert (first.id, first.type, first.key, first.subject) == (
            told.id,
            told.type,
            told.key,
            told.subject,
        )
        assert (first.time, first.attributes, first.data) == (told.time, told.attributes, told.data)
        assert first.position == 2  # the second event stands behind it
        assert last.position is None  # nothing does

    async def test_the_same_bytes_again_are_already_there(self, log: Log):
        first = appended((await log.append([WHOLE]))[0])
        before = await counts(log)
        await log.append([entry(event("later-1"))])
        again = already((await log.append([WHOLE]))[0])
        assert (again.position, again.hash, again.recorded_at) == (
            first.position,
            first.hash,
            first.recorded_at,
        )
        assert (await counts(log))["published"] == before["published"]

    async def test_a_cursor_at_its_target_is_already_there(self, log: Log):
        await log.append([entry(event("thing-1"))])
        only_cursors = entry(cursors=(move(0, 5), move(0, 2, partition=1)), parked=(parked(3),))
        assert appended((await log.append([only_cursors]))[0]).position == 1
        assert already((await log.append([only_cursors]))[0]).position == 1
        assert await log.cursor("reader", "heard.v1", 0) == 5
        assert await log.cursor("reader", "heard.v1", 1) == 2

    async def test_a_moved_cursor_refuses_the_whole_entry(self, log: Log):
        await log.append([entry(cursors=(move(0, 5),))])
        for source, target in ((0, 4), (4, 6), (6, 7)):
            late = entry(event("thing-1"), contracts=(contract(),), cursors=(move(source, target),))
            assert await log.append([late]) == [
                Stale(reader="reader", topic="heard.v1", partition=0)
            ]
        assert await log.cursor("reader", "heard.v1", 0) == 5
        assert (await counts(log))["events"] == 0

    async def test_a_cursor_moves_on(self, log: Log):
        assert await log.cursor("reader", "heard.v1", 0) == 0
        for n in range(3):
            appended((await log.append([entry(event("t", n + 1), cursors=(move(n, n + 1),))]))[0])
        assert await log.cursor("reader", "heard.v1", 0) == 3

    async def test_a_used_key_refuses_the_whole_entry(self, log: Log):
        await log.append([entry(event("thing-1"), key=request_key())])
        second = entry(event("thing-2"), contracts=(contract(),), key=request_key())
        assert await log.append([second]) == [KeyUsed(client="client", key="k-1")]
        assert await log.stream("thing-2") == []
        assert await log.published("told.v1", 0, 0, 10) == []

    async def test_a_taken_version_refuses_the_whole_entry(self, log: Log):
        await log.append([entry(event("thing-1", 1), event("thing-1", 2))])
        second = entry(event("new-1"), event("thing-1", 2, b"[]"), key=request_key("k-2"))
        assert await log.append([second]) == [Conflict(stream="thing-1")]
        assert await log.stream("new-1") == []
        assert await log.request("client", "k-2") is None

    async def test_part_of_an_entry_there_is_a_conflict(self, log: Log):
        await log.append([entry(event("thing-1"))])
        wider = entry(event("thing-1"), event("thing-2"))
        assert await log.append([wider]) == [Conflict(stream="thing-1")]

    async def test_outcomes_are_judged_in_order(self, log: Log):
        await log.append([entry(event("a"), key=request_key("k-1"), cursors=(move(0, 1),))])
        stale_used_taken = entry(
            event("a", 1, b"[]"), key=request_key("k-1"), cursors=(move(0, 1),)
        )
        used_taken = entry(event("a", 1, b"[]"), key=request_key("k-1"))
        same_event_other_key = entry(event("a"), key=request_key("k-2"), cursors=(move(0, 1),))
        outcomes = await log.append([stale_used_taken])
        outcomes += await log.append([used_taken])
        assert [type(one) for one in outcomes] == [Stale, KeyUsed]
        already((await log.append([same_event_other_key]))[0])
        assert await log.request("client", "k-2") is None

    async def test_every_outcome_in_one_call(self, log: Log):
        await log.append([WHOLE])
        outcomes = await log.append(
            [
                entry(event("new-1"), contracts=(contract(data=b"1"),)),
                WHOLE,
                entry(event("thing-1", 1, b"[]"), contracts=(contract(data=b"no"),)),
                entry(event("new-2"), contracts=(contract(behind=0, data=b"2"),)),
                entry(event("new-3"), key=request_key()),
                entry(event("new-4"), cursors=(move(4, 6),), parked=(parked(6),)),
                entry(event("new-5"), key=request_key("k-5"), contracts=(contract(partition=3),)),
                entry(cursors=(move(0, 1, reader="second"),), parked=(parked(1, reader="second"),)),
            ]
        )
        assert [appended(outcomes[i]).position for i in (0, 3, 6, 7)] == [3, 4, 5, 5]
        assert already(outcomes[1]).position == 2
        assert outcomes[2] == Conflict(stream="thing-1")
        assert outcomes[4] == KeyUsed(client="client", key="k-1")
        assert outcomes[5] == Stale(reader="reader", topic="heard.v1", partition=0)
        told = [(one.n, one.data, one.position) for one in await log.published("told.v1", 0, 2, 9)]
        assert told == [(3, b"1", 3), (4, b"2", 4)]
        assert [(one.n, one.position) for one in await log.published("told.v1", 3, 0, 9)] == [
            (1, 1),
            (2, 5),
        ]
        bound = await log.request("client", "k-5")
        assert bound is not None
        assert bound.position == 5
        assert await counts(log) == {
            "events": 5,
            "published": 6,
            "request_keys": 2,
            "cursors": 2,
            "dead_letters": 2,
        }

    async def test_the_first_entry_refused_keeps_the_others_places(self, log: Log):
        await log.append([entry(event("thing-1"))])
        refused, kept = await log.append(
            [
                entry(event("thing-1", 1, b"[]"), contracts=(contract(), contract())),
                entry(event("thing-2"), event("thing-3"), contracts=(contract(behind=1),)),
            ]
        )
        assert refused == Conflict(stream="thing-1")
        assert appended(kept).position == 3
        assert [one.position for one in await log.published("told.v1", 0, 0, 9)] == [3]

    async def test_refusals_before_and_between_keep_every_row_in_its_place(self, log: Log):
        """A stale cursor stops the first attempt before anything is numbered."""
        await log.append([entry(event("taken"), cursors=(move(0, 2),))])
        outcomes = await log.append(
            [
                entry(cursors=(move(0, 1),), contracts=(contract(behind=None),)),
                entry(event("taken", 1, b"[]"), contracts=(contract(data=b"no"),)),
                entry(event("new-1"), contracts=(contract(data=b"1"),)),
                entry(event("new-2"), event("new-3"), contracts=(contract(behind=1, data=b"2"),)),
            ]
        )
        assert [type(one) for one in outcomes] == [Stale, Conflict, Appended, Appended]
        assert (await verify(log)).position == 4
        told = [(one.n, one.data, one.position) for one in await log.published("told.v1", 0, 0, 9)]
        assert told == [(1, b"1", 2), (2, b"2", 4)]

    async def test_entries_that_share_a_version_are_refused_together(self, log: Log):
        with pytest.raises(Broken):
            await log.append([entry(event("a", 1, b"1")), entry(event("a", 1, b"2"))])
        assert (await log.head()).position == 0
        appended((await log.append([entry(event("a", 1, b"1"))]))[0])

    async def test_a_request_key_answers_the_first_result(self, log: Log):
        assert await log.request("client", "k-1") is None
        done = entry(event("thing-1", 1), event("thing-1", 2), key=request_key(version=2))
        outcome = appended((await log.append([done]))[0])
        bound = await log.request("client", "k-1")
        assert bound is not None
        assert (bound.stream, bound.version, bound.status) == ("thing-1", 2, 202)
        assert (bound.position, bound.fingerprint) == (outcome.position, b"print")
        assert bound.recorded_at == outcome.recorded_at

    async def test_a_key_is_forgotten_after_two_days(self, log: Log, clock: TwoClocks):
        await log.append([entry(event("a"), key=request_key("old"))])
        clock.shift = timedelta(hours=47)
        assert await prune(log.store, clock.now()) == 0
        await log.append([entry(event("b"), key=request_key("new"))])
        clock.shift = timedelta(hours=49)
        assert await prune(log.store, clock.now()) == 1
        assert await log.request("client", "old") is None
        assert await log.request("client", "new") is not None

    async def test_a_record_parked_again_stands_as_the_last_time(self, log: Log):
        await log.append([entry(cursors=(move(0, 1),), parked=(parked(1, b"old"),))])
        await log.append([entry(cursors=(move(1, 2),), parked=(parked(1, b"new"),))])
        letters = await log.store.read(select(DEAD_LETTERS))
        assert [(one.n, one.record, one.state, one.attempts) for one in letters] == [
            (1, b"new", "parked", 0)
        ]
