"""A person's word on parked records: marked by their place, carried out by the worker."""

import asyncio
from pathlib import Path

import pytest

from services.__main__ import load_services
from shared.bus.dead_letters import BEHIND
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Invalid, NotFound
from shared.log.base import CursorMove, Entry, ParkedRecord
from shared.log.sqlite import SqliteLog
from shared.runtime.migrations import upgrade
from shared.runtime.service import Service
from shared.runtime.settings import Settings, load_settings
from shared.runtime.verbs.parked import listed, retry, shown, skip
from tests.kit.bus import LESSONS, told

PLACE = f"{LESSONS}/0#1"


@pytest.fixture(scope="module")
def service() -> Service:
    return load_services()[0]


@pytest.fixture
def settings(tmp_path: Path, service: Service) -> Settings:
    """Of a service with the first record of two partitions parked."""
    made = load_settings(environment="development", data_dir=tmp_path)
    asyncio.run(_park(Path(made.database_for(service.name).removeprefix("sqlite:///"))))
    return made


async def _park(path: Path) -> None:
    log = SqliteLog(path, SystemClock())
    await log.store.write(lambda held: upgrade(held, load_services()[0].migrations))
    await log.append([_parked(0), _parked(1)])
    await log.append([_behind(2), _behind(3, key="b")])
    await log.close()


def _parked(partition: int) -> Entry:
    letter = ParkedRecord(
        reader="intake",
        topic=LESSONS,
        partition=partition,
        n=1,
        key="a",
        record=told(1).structured(),
        error="ValueError",
    )
    move = CursorMove(reader="intake", topic=LESSONS, partition=partition, source=0, target=1)
    return Entry(parked=(letter,), cursors=(move,))


def _behind(n: int, key: str = "a") -> Entry:
    letter = ParkedRecord(
        reader="intake",
        topic=LESSONS,
        partition=0,
        n=n,
        key=key,
        record=b"\xff no JSON",
        error=BEHIND,
    )
    move = CursorMove(reader="intake", topic=LESSONS, partition=0, source=n - 1, target=n)
    return Entry(parked=(letter,), cursors=(move,))


def _states(service: Service, settings: Settings) -> dict[str, str]:
    return {str(one["id"]): str(one["state"]) for one in listed(service, settings)}


def test_each_waits_under_its_place(service: Service, settings: Settings):
    first, *others = listed(service, settings)
    assert first["id"] == PLACE
    assert first["reader"] == "intake"
    assert first["error"] == "ValueError"
    assert first["attempts"] == 0
    assert " second" in first["age"]  # one of them, or some
    assert len(others) == 3


def test_one_is_shown_whole_with_what_waits_behind_it(service: Service, settings: Settings):
    found = shown(service, settings, PLACE)
    assert found["record"]["id"] == "a/1"
    assert found["record"]["data"] == {"says": "a/1"}
    assert (found["key"], found["error"]) == ("a", "ValueError")
    assert found["behind"] == [f"{LESSONS}/0#2"]
    last = shown(service, settings, f"{LESSONS}/0#2")
    assert last["behind"] == []
    assert last["record"] == "\\xff no JSON"
    with pytest.raises(NotFound, match="No record waits at"):
        shown(service, settings, f"{LESSONS}/0#9")


def test_one_is_marked_and_its_namesake_elsewhere_is_not(service: Service, settings: Settings):
    assert retry(service, settings, [PLACE]).startswith("1 to be retried")
    states = _states(service, settings)
    assert (states.pop(PLACE), set(states.values())) == ("retry_requested", {"parked"})
    skip(service, settings, [f"{LESSONS}/1#1"], "sent twice")
    assert _states(service, settings)[f"{LESSONS}/1#1"] == "skip_requested"
    assert shown(service, settings, f"{LESSONS}/1#1")["reason"] == "sent twice"


@pytest.mark.parametrize("place", ["12", f"{LESSONS}/0#9", f"{LESSONS}/2#1", "", "x/0#1;"])
def test_a_place_where_nothing_waits_is_said_and_none_is_marked(
    service: Service, settings: Settings, place: str
):
    with pytest.raises(NotFound):
        retry(service, settings, [PLACE, place])
    assert set(_states(service, settings).values()) == {"parked"}


def test_nothing_is_passed_by_without_a_reason(service: Service, settings: Settings):
    with pytest.raises(Invalid):
        skip(service, settings, [PLACE], "  ")
    assert _states(service, settings)[PLACE] == "parked"
