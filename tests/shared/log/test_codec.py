"""Events as bytes: what is sealed, what is left out, what is brought up to date."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Literal, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.decider import Aggregate
from shared.kernel.errors import Broken
from shared.kernel.messages import event, value
from shared.kernel.words import (
    ERASED,
    Code,
    Counting,
    Day,
    Erased,
    Many,
    Moment,
    Sealed,
    SealedOfPatient,
    SealedOfReporter,
    Text,
)
from shared.log.base import NewEvent, Recorded
from shared.log.codec import Codec, leave_sealed
from shared.log.meta import Meta
from shared.log.plans import StillSealed, plan_of, sealed_values

META = Meta(command="c1", at="2018-12-19T09:30:00Z")


class Colour(Enum):
    RED = "red"


@value
class Person:
    number: Counting
    name: SealedOfPatient[Text] | None = None
    born: SealedOfPatient[Day] | None = None


@value
class Place:
    ward: Code
    beds: Many[int] = ()


@event("reported", schema=2)
class Reported:
    story: Sealed[Text]
    level: Literal["low", "high"]
    happened: Moment
    known: Day | None = None
    people: Many[Person] = ()
    place: Place | None = None
    phone: SealedOfReporter[Text] | None = None
    notes: Many[Sealed[Text]] = ()
    codes: frozenset[Code] = frozenset()
    pair: tuple[Day, int] | None = None
    colour: Colour | None = None
    extra: dict[str, Any] | None = None
    days: dict[str, Day] | None = None
    either: int | str = 0


@event("closed")
class Closed:
    pass


def number_the_level(plain: dict[str, Any]) -> dict[str, Any]:
    grade = plain.pop("grade")
    return {**plain, "level": "high" if grade > 5 else "low"}


def _counted(count: int, event: object) -> int:
    return count + 1


THING: Aggregate[int] = Aggregate(
    name="thing",
    initial=0,
    steps={Reported: _counted, Closed: _counted},
    upcasters={("reported", 1): number_the_level},
)
WHOLE = Reported(
    story="a fall",
    level="low",
    happened=datetime(2018, 12, 19, 9, 30, tzinfo=UTC),
    known=date(2018, 12, 20),
    people=(Person(number=1), Person(number=2, name="invented", born=date(1950, 2, 1))),
    place=Place(ward="W1", beds=(1, 2)),
    phone="a number",
    notes=("a cry", "a bell"),
    codes=frozenset({"b", "a"}),
    pair=(date(2018, 1, 1), 3),
    colour=Colour.RED,
    extra={"any": [1, None, {"deep": True}]},
    days={"first": date(2018, 1, 2)},
    either="text",
)


@pytest.fixture
def codec() -> Codec:
    return Codec([THING])


def seal(scope: str, path: str, text: str) -> str:
    """A token that says everything, as its real kin do not."""
    return f"{scope}|{path}|{text}"


def open_(token: str, path: str) -> str:
    _, sealed_at, text = token.split("|", 2)
    assert sealed_at == path
    return text


def recorded(new: NewEvent, **changed: Any) -> Recorded:
    row = Recorded(
        position=7,
        stream=new.stream,
        version=new.version,
        type=new.type,
        schema=new.schema,
        recorded_at=datetime(2018, 12, 19, tzinfo=UTC),
        data=new.data,
        meta=new.meta,
        digest=new.digest(),
        hash=bytes(32),
    )
    return replace(row, **changed)


def written(codec: Codec, event: object) -> NewEvent:
    return codec.encode("thing-1", 1, event, META, seal)


def test_an_event_reads_as_it_was(codec: Codec):
    assert codec.decode(recorded(written(codec, WHOLE)), THING, open_) == WHOLE


@pytest.mark.parametrize(
    "event",
    [
        Closed(),
        Reported(story="s", level="high", happened=datetime(2018, 1, 1, tzinfo=UTC)),
        replace(WHOLE, people=(), notes=(), extra={}),
    ],
)
def test_small_events_read_as_they_were(codec: Codec, event: object):
    assert codec.decode(recorded(written(codec, event)), THING, open_) == event


def test_the_bytes_are_named_numbered_and_without_what_is_absent(codec: Codec):
    small = Reported(story="s", level="high", happened=datetime(2018, 1, 1, tzinfo=UTC))
    new = written(codec, small)
    assert (new.stream, new.version, new.type, new.schema) == ("thing-1", 1, "reported", 2)
    assert new.data == (
        b'{"story":{"$sealed":"record|story|s"},"level":"high","happened":"2018-01-01T00:00:00Z",'
        b'"people":[],"notes":[],"codes":[],"either":0}'
    )
    assert new.meta == META.encode()
    assert written(codec, Closed()).data == b"{}"


def test_fields_are_sealed_one_by_one_under_their_scope(codec: Codec):
    plain = orjson.loads(written(codec, WHOLE).data)
    assert sorted(sealed_values(plain)) == [
        ("patient/2", 'patient/2|people/1/born|"1950-02-01"'),
        ("patient/2", "patient/2|people/1/name|invented"),
        ("record", "record|notes/0|a cry"),
        ("record", "record|notes/1|a bell"),
        ("record", "record|story|a fall"),
        ("reporter", "reporter|phone|a number"),
    ]


def test_no_sealed_text_lies_bare(codec: Codec):
    new = codec.encode("thing-1", 1, WHOLE, META, lambda scope, path, text: "token")
    for text in (b"a fall", b"invented", b"1950", b"a number", b"a cry", b"a bell"):
        assert text not in new.data


def test_an_erased_text_reads_as_erased_whatever_its_type(codec: Codec):
    row = recorded(written(codec, WHOLE))
    found = codec.decode(row, THING, lambda token, path: ERASED)
    assert isinstance(found.story, Erased)
    assert isinstance(found.people[1].born, Erased)
    assert found.people[0].name is None
    assert found.level == "low"


def test_an_erased_text_recorded_again_stays_erased(codec: Codec):
    again = written(codec, replace(WHOLE, story=ERASED))
    assert b"record|story" not in again.data
    assert codec.decode(recorded(again), THING, open_).story is ERASED


def test_sealed_texts_can_stay_sealed(codec: Codec):
    row = recorded(written(codec, replace(WHOLE, people=())))
    found = codec.decode_known(row, leave_sealed)
    assert found is not None
    assert found.story == "record|story|a fall"


def test_what_stays_sealed_says_where_it_was_sealed_whatever_its_type(codec: Codec):
    found = codec.decode_known(recorded(written(codec, WHOLE)))
    assert found is not None
    born = found.people[1].born
    assert isinstance(born, StillSealed)
    assert (born, born.path) == ('patient/2|people/1/born|"1950-02-01"', "people/1/born")
    assert open_(str(born), born.path) == '"1950-02-01"'


def test_times_are_written_in_utc_and_never_without_offset(codec: Codec):
    winter = timezone(timedelta(hours=5))
    row = recorded(
        written(codec, replace(WHOLE, happened=datetime(2018, 12, 19, 3, tzinfo=winter)))
    )
    assert b'"2018-12-18T22:00:00Z"' in row.data
    with pytest.raises(ValueError, match="offset"):
        written(codec, replace(WHOLE, happened=datetime(2018, 12, 19)))  # noqa: DTZ001 - the fault


def test_an_older_event_is_brought_up_to_date_after_opening(codec: Codec):
    new = written(codec, WHOLE)
    plain = orjson.loads(new.data)
    del plain["level"]
    row = recorded(new, schema=1, data=orjson.dumps({**plain, "grade": 9}))
    assert codec.decode(row, THING, open_) == replace(WHOLE, level="high")


def test_an_older_event_keeps_its_erasures(codec: Codec):
    new = written(codec, replace(WHOLE, phone=ERASED))
    row = recorded(new, schema=1, data=orjson.dumps({**orjson.loads(new.data), "grade": 1}))
    found = codec.decode(row, THING, lambda token, path: ERASED)
    assert isinstance(found.story, Erased)
    assert isinstance(found.people[1].born, Erased)
    assert isinstance(found.phone, Erased)


def test_what_this_code_cannot_know_is_broken(codec: Codec):
    row = recorded(written(codec, WHOLE))
    with pytest.raises(Broken, match="newer"):
        codec.decode(replace(row, schema=3), THING, open_)
    with pytest.raises(Broken, match="does not know"):
        codec.decode(replace(row, type="unheard_of"), THING, open_)
    assert codec.decode_known(replace(row, type="unheard_of")) is None


@pytest.mark.parametrize("data", [b"{}", b'{"happened":"no time"}', b"[]", b'"text"', b"{"])
def test_what_does_not_read_is_broken(codec: Codec, data: bytes):
    row = replace(recorded(written(codec, WHOLE)), data=data)
    with pytest.raises(Broken, match="Position 7"):
        codec.decode(row, THING, open_)


def test_an_added_field_is_passed_by_and_an_absent_one_has_its_default(codec: Codec):
    row = recorded(written(codec, Closed()), data=b'{"later":1}')
    assert codec.decode(row, THING, open_) == Closed()


def test_an_event_of_another_aggregate_is_broken():
    other: Aggregate[int] = replace(THING, name="other", steps={Closed: _counted}, upcasters={})
    codec = Codec([THING, other])
    with pytest.raises(Broken, match="other does not know"):
        codec.decode(recorded(written(codec, WHOLE)), other, open_)


@event("closed")
class ClosedToo:
    pass


@event("odd")
class Odd:
    what: Person | Place


@event("odder")
class Odder:
    what: complex


@pytest.mark.parametrize(
    ("aggregate", "words"),
    [
        (replace(THING, upcasters={}), "reported from schema 1"),
        (replace(THING, upcasters={("reported", 2): dict, **THING.upcasters}), "schema 2"),
        (
            replace(THING, steps={**THING.steps, ClosedToo: _counted}),
            "Two events are called closed",
        ),
        (replace(THING, steps={**THING.steps, Odd: _counted}), "Odd.what"),
        (replace(THING, steps={**THING.steps, Odder: _counted}), "Odder.what"),
    ],
)
def test_a_fault_in_the_code_shows_at_the_start(aggregate: Aggregate[int], words: str):
    with pytest.raises(Broken, match=words):
        Codec([aggregate])


def test_meta_reads_as_it_was():
    whole = Meta(
        command="c",
        at="2018-12-19T09:30:00Z",
        correlation="k",
        causation="thing-1/1",
        client="trust",
        organisation="RXX",
        kind="provider",
        person="hmac",
        traceparent="00-1-1-01",
        backfill=True,
    )
    assert Meta.decode(whole.encode()) == whole
    assert META.encode() == b'{"command":"c1","at":"2018-12-19T09:30:00Z"}'
    assert Meta.decode(b'{"command":"c1","at":"2018-12-19T09:30:00Z","later":1}') == META


@given(
    texts=st.lists(st.text(), max_size=3),
    moment=st.datetimes(timezones=st.just(UTC)),
    day=st.dates(),
    extra=st.dictionaries(st.text(), st.integers(-(2**53), 2**53) | st.text() | st.none()),
)
def test_any_values_read_as_they_were(
    texts: list[str], moment: datetime, day: date, extra: dict[str, Any]
):
    codec = Codec([THING])
    told = replace(WHOLE, notes=tuple(texts), happened=moment, known=day, extra=extra)
    assert codec.decode(recorded(written(codec, told)), THING, open_) == told


def test_a_plan_is_made_once():
    @dataclass(frozen=True)
    class Local:
        day: Day

    assert plan_of(Local) is plan_of(Local)
    assert get_type_hints(Local)
