"""Each class of broken promise, planted into a history that is otherwise sound, is found."""

from dataclasses import replace

import pytest

from tests.faults.checker import Class, check
from tests.faults.history import Call, History, Outcome, Recorder, Seen, View, load, now

LOG, TOPIC, LIVE = "the log", "topic by one", "live by one"
VIEWS = (View("topic", repeats=True), View("live"))


def call(n: int, outcome: Outcome = Outcome.ACKNOWLEDGED) -> Call:
    at = n * 10
    return Call(writer="w", item=f"e{n}", key="k", sent=at, ended=at + 5, outcome=outcome)


def met(reader: str, n: int, item: str | None = None) -> Seen:
    named = item or f"e{n}"
    return Seen(reader=reader, series="s", n=n, item=named, digest=named, at=n * 10 + 7)


def sound() -> History:
    """Five acknowledged items, in the log and met by two readers; the topic repeats two."""
    return History(
        calls=[call(n) for n in range(1, 6)],
        seen=[
            *(met(TOPIC, n) for n in (1, 2, 3, 2, 3, 4, 5)),
            *(met(LIVE, n) for n in range(1, 6)),
        ],
        truth=[met(LOG, n) for n in range(1, 6)],
    )


def kinds(history: History) -> set[str]:
    return {one.kind for one in check(history, VIEWS)}


def test_a_sound_history_has_no_finding():
    assert check(sound(), VIEWS) == []


def test_what_was_cut_may_stand_or_not():
    history = sound()
    history.calls += [call(6, Outcome.UNKNOWN)]
    assert check(history, VIEWS) == []
    history.truth += [met(LOG, 6)]
    assert check(history, VIEWS) == []


def test_an_item_refused_once_and_granted_later_may_stand():
    history = sound()
    history.calls.insert(0, replace(call(1, Outcome.REFUSED), ended=11))
    assert check(history, VIEWS) == []


def lost(history: History) -> None:
    history.calls += [call(6)]
    history.seen += [met(TOPIC, 6), met(LIVE, 6)]


def doubled(history: History) -> None:
    history.truth += [met(LOG, 6, "e2")]


def inconsistent(history: History) -> None:
    history.seen[-2] = replace(history.seen[-2], digest="other bytes")


def aborted(history: History) -> None:
    history.calls += [call(6, Outcome.REFUSED)]
    history.truth += [met(LOG, 6)]


def read_and_rolled_back(history: History) -> None:
    history.calls += [call(6, Outcome.UNKNOWN)]
    history.seen += [met(LIVE, 6)]


def read_before_its_call(history: History) -> None:
    history.seen[0] = replace(history.seen[0], at=1)


def skipped(history: History) -> None:
    del history.seen[-3]


def missing_in_the_log(history: History) -> None:
    del history.calls[2], history.truth[2]


def read_backwards(history: History) -> None:
    history.seen[-1], history.seen[-2] = history.seen[-2], history.seen[-1]


def sent_backwards(history: History) -> None:
    history.calls[3], history.calls[4] = (
        replace(history.calls[3], sent=50, ended=55),
        replace(history.calls[4], sent=40, ended=45),
    )


def unseen(history: History) -> None:
    del history.seen[-1]


PLANTED = {
    lost: Class.LOST_WRITE,
    doubled: Class.DUPLICATE,
    inconsistent: Class.INCONSISTENT_OFFSETS,
    aborted: Class.ABORTED_READ,
    read_and_rolled_back: Class.READ_BEFORE_COMMIT,
    read_before_its_call: Class.READ_BEFORE_COMMIT,
    skipped: Class.POLL_SKIP,
    missing_in_the_log: Class.POLL_SKIP,
    read_backwards: Class.NON_MONOTONIC,
    sent_backwards: Class.NON_MONOTONIC,
    unseen: Class.UNSEEN,
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda one: one.__name__)
def test_a_planted_fault_is_found(plant):
    history = sound()
    plant(history)
    assert PLANTED[plant] in kinds(history)


def test_every_class_is_planted():
    assert set(PLANTED.values()) == set(Class)


def test_a_reader_that_no_view_judges_is_an_error():
    history = sound()
    history.seen += [met("somebody", 1)]
    with pytest.raises(ValueError, match="no view judges the reader somebody"):
        check(history, VIEWS)


def test_a_recorded_history_comes_back_without_its_torn_line(tmp_path):
    path = tmp_path / "writer.jsonl"
    recorder = Recorder(path)
    recorder.write(call(1), replace(met(LIVE, 1), at=now()))
    recorder.close()
    with path.open("a") as file:
        file.write('{"Call": {"writer": "w", ')
    history = load([path])
    assert history.calls == [call(1)]
    assert [one.item for one in history.seen] == ["e1"]
