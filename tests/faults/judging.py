"""What the log must be when a trial of it is over: whole, and each entry whole or not there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from shared.kernel.errors import Broken
from shared.log.base import Log
from shared.log.chain import verify
from shared.log.tables import EVENTS, PUBLISHED, REQUEST_KEYS
from tests.faults.checker import Class, Finding, check
from tests.faults.history import Call, History, Seen, View
from tests.faults.lanes import CLIENT, HEARD, Lane, item_in
from tests.faults.tails import EVENTS as SERIES
from tests.faults.tails import Tail

CHAIN = "the chain is broken"
APART = "an entry is not whole"
VIEWS = (View(""),)


async def judged(
    log: Log, lanes: Sequence[Lane], calls: Iterable[Call], seen: Iterable[Seen] = ()
) -> list[Finding]:
    """Every promise that does not hold of a log which only these lanes wrote: the checker's, of
    events and of contracts; the chain's; and that entries are whole, byte for byte."""
    truth = Tail("the log")
    await truth.rest(log)
    history = History(calls=list(calls), seen=list(seen), truth=truth.seen)
    by_name = {one.name: one for one in lanes}
    return [
        *check(_of_events(history, by_name), VIEWS),
        *check(_of_contracts(history, by_name), VIEWS),
        *await _chain(log),
        *await _order(log),
        *await _apart(log, lanes),
    ]


def _of_events(history: History, lanes: dict[str, Lane]) -> History:
    return History(
        calls=[
            replace(call, item=f"{call.item}.{part}")
            for call, lane, number in _entries(history.calls, lanes)
            for part in lane.parts(number)
        ],
        seen=[one for one in history.seen if one.series == SERIES],
        truth=[one for one in history.truth if one.series == SERIES],
    )


def _of_contracts(history: History, lanes: dict[str, Lane]) -> History:
    return History(
        calls=[
            replace(call, item=f"{call.item}.{part}")
            for call, lane, number in _entries(history.calls, lanes)
            for part in lane.told(number)
        ],
        seen=[one for one in history.seen if one.series != SERIES],
        truth=[one for one in history.truth if one.series != SERIES],
    )


def _entries(calls: Iterable[Call], lanes: dict[str, Lane]) -> Iterator[tuple[Call, Lane, int]]:
    for call in calls:
        name, _, number = call.item.rpartition("/")
        yield call, lanes[name], int(number)


async def _chain(log: Log) -> list[Finding]:
    try:
        await verify(log)
    except Broken as error:
        return [Finding(CHAIN, error.detail)]
    return []


async def _order(log: Log) -> list[Finding]:
    """Contracts of one series follow the positions of their events."""
    stands = PUBLISHED.c
    behind: dict[tuple[str, int], int] = {}
    found = []
    for row in await log.store.read(
        select(stands.topic, stands.partition, stands.n, stands.position)
        .where(stands.position.is_not(None))
        .order_by(stands.topic, stands.partition, stands.n)
    ):
        if row.position < behind.get((row.topic, row.partition), 0):
            where = f"{row.topic}/{row.partition} {row.n} stands behind position {row.position}"
            found.append(Finding(Class.NON_MONOTONIC, where))
        behind[row.topic, row.partition] = row.position
    return found


async def _apart(log: Log, lanes: Sequence[Lane]) -> list[Finding]:
    """A lane's cursor says how many of its entries are there; of these everything is, and of the
    others nothing."""
    come = [(one, range(await log.cursor(one.name, HEARD, 0))) for one in lanes]
    entries = [(one, number) for one, numbers in come for number in numbers]
    said = {
        EVENTS: {(one, number, part) for one, number in entries for part in one.parts(number)},
        PUBLISHED: {(one, number, part) for one, number in entries for part in one.told(number)},
    }
    findings = []
    for table, parts in said.items():
        expected = {f"{one.item(n)}.{part}": one.said(n, part) for one, n, part in parts}
        rows = await log.store.read(select(table.c.data))
        findings += _differences(table.name, {item_in(data): data for (data,) in rows}, expected)
    keys = await log.store.read(select(REQUEST_KEYS.c.key, REQUEST_KEYS.c.client))
    bound = {one.item(number): CLIENT for one, number in entries}
    return findings + _differences(REQUEST_KEYS.name, dict(map(tuple, keys)), bound)


def _differences(
    table: str, found: Mapping[str, object], expected: Mapping[str, object]
) -> list[Finding]:
    odd = sorted(one for one in found.keys() | expected if found.get(one) != expected.get(one))
    return [Finding(APART, f"{one} is {_standing(one, found, expected)} in {table}") for one in odd]


def _standing(item: str, found: Mapping[str, object], expected: Mapping[str, object]) -> str:
    if item in found and item in expected:
        return "changed"
    return "missing" if item in expected else "there without its cursor"
