"""One checker for every history: eight classes of broken promises, after public fault tests of
logs."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from tests.faults.history import Call, History, Outcome, Seen, View


class Class(StrEnum):
    LOST_WRITE = "C1 lost write"
    DUPLICATE = "C2 duplicate"
    INCONSISTENT_OFFSETS = "C3 inconsistent offsets"
    ABORTED_READ = "C4 aborted read"
    READ_BEFORE_COMMIT = "C5 read before commit"
    POLL_SKIP = "C6 poll skip"
    NON_MONOTONIC = "C7 non-monotonic read or send"
    UNSEEN = "C8 unseen too long"


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that did not hold, with where it is seen. `kind` is a Class, or the promise itself
    where it is not about an order of items."""

    kind: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}"


Check = Callable[[History, Sequence[View]], Iterator[Finding]]


def check(history: History, views: Sequence[View] = ()) -> list[Finding]:
    """Every broken promise of a history. A reader whose name begins with no view's prefix is an
    error of the trial: raises ValueError."""
    for reader in history.readers():
        _view(reader, views)
    return [found for judge in CHECKS for found in judge(history, views)]


def _view(reader: str, views: Sequence[View]) -> View:
    for view in views:
        if reader.startswith(view.prefix):
            return view
    raise ValueError(f"no view judges the reader {reader}")


def _read(history: History, views: Sequence[View]) -> Iterator[tuple[str, View, list[Seen]]]:
    """Each reader with what it is judged by; the log itself is one that may miss nothing."""
    yield "the log", View("the log"), history.truth
    for reader, met in history.readers().items():
        view = _view(reader, views)
        yield reader, view, _first_met(met) if view.repeats else met


def _first_met(met: Sequence[Seen]) -> list[Seen]:
    highest: dict[str, int] = {}
    kept = []
    for one in met:
        if one.n > highest.get(one.series, 0):
            highest[one.series] = one.n
            kept.append(one)
    return kept


def _lost(history: History, _views: Sequence[View]) -> Iterator[Finding]:
    stands = {one.item for one in history.truth}
    for item, call in history.acknowledged().items():
        if item not in stands:
            yield Finding(Class.LOST_WRITE, f"{item}, acknowledged to {call.writer}")


def _doubled(history: History, views: Sequence[View]) -> Iterator[Finding]:
    for reader, _, met in _read(history, views):
        for item, times in Counter(one.item for one in met).items():
            if times > 1:
                yield Finding(Class.DUPLICATE, f"{item}, {times} times by {reader}")


def _inconsistent(history: History, _views: Sequence[View]) -> Iterator[Finding]:
    held: dict[tuple[str, int], Seen] = {}
    for one in (*history.truth, *history.seen):
        first = held.setdefault((one.series, one.n), one)
        if (first.item, first.digest) != (one.item, one.digest):
            where = f"{one.series} {one.n}: {first.item} by {first.reader}"
            yield Finding(Class.INCONSISTENT_OFFSETS, f"{where}, {one.item} by {one.reader}")


def _aborted(history: History, _views: Sequence[View]) -> Iterator[Finding]:
    granted = {one.item for one in history.calls if one.outcome is not Outcome.REFUSED}
    refused = {one.item for one in history.calls} - granted
    for one in (*history.truth, *history.seen):
        if one.item in refused:
            yield Finding(Class.ABORTED_READ, f"{one.item}, refused, met by {one.reader}")


def _uncommitted(history: History, _views: Sequence[View]) -> Iterator[Finding]:
    sent: dict[str, int] = {}
    for call in history.calls:
        sent[call.item] = min(call.sent, sent.get(call.item, call.sent))
    stands = {one.item for one in history.truth}
    for one in history.seen:
        if one.item not in stands:
            yield Finding(Class.READ_BEFORE_COMMIT, f"{one.item} by {one.reader}, not in the log")
        elif one.at < sent.get(one.item, one.at):
            yield Finding(Class.READ_BEFORE_COMMIT, f"{one.item} by {one.reader}, before its call")


def _skipped(history: History, views: Sequence[View]) -> Iterator[Finding]:
    for reader, view, met in _read(history, views):
        last: dict[str, int] = {}
        for one in met:
            expected = last.get(one.series, 0 if view.from_start else one.n - 1) + 1
            if one.n > expected:
                where = f"{reader} went from {expected - 1} to {one.n} in {one.series}"
                yield Finding(Class.POLL_SKIP, where)
            last[one.series] = max(one.n, last.get(one.series, 0))


def _backwards(history: History, views: Sequence[View]) -> Iterator[Finding]:
    for reader, _, met in _read(history, views):
        for series in {one.series for one in met}:
            numbers = [one.n for one in met if one.series == series]
            for before, after in pairwise(numbers):
                if after <= before:
                    where = f"{reader} met {after} after {before} in {series}"
                    yield Finding(Class.NON_MONOTONIC, where)
    yield from _sent_backwards(history)


def _sent_backwards(history: History) -> Iterator[Finding]:
    """What one writer was told is done stands before what it wrote next under the same key."""
    place = {one.item: (one.series, one.n) for one in history.truth}
    last: dict[tuple[str, str], Call] = {}
    for call in sorted(history.acknowledged().values(), key=lambda one: one.sent):
        before = last.get((call.writer, call.key))
        last[call.writer, call.key] = call
        if before is None or before.ended > call.sent:
            continue
        earlier, later = place.get(before.item), place.get(call.item)
        if earlier and later and earlier[0] == later[0] and earlier[1] >= later[1]:
            where = f"{call.writer} wrote {before.item} before {call.item}"
            yield Finding(Class.NON_MONOTONIC, f"{where}, and they stand the other way round")


def _unseen(history: History, views: Sequence[View]) -> Iterator[Finding]:
    owed = history.acknowledged().keys()
    for reader, met in history.readers().items():
        if _view(reader, views).whole:
            for item in owed - {one.item for one in met}:
                yield Finding(Class.UNSEEN, f"{item} never reached {reader}")


CHECKS: tuple[Check, ...] = (
    _lost,
    _doubled,
    _inconsistent,
    _aborted,
    _uncommitted,
    _skipped,
    _backwards,
    _unseen,
)
