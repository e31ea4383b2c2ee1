"""Who sees which events, and what they can look for."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.domain.incident.messages.classification import NeverEventProposed
from services.intake.projections.queries import (
    Sought,
    changes,
    incidents,
    involved_in_row,
    newest_change,
    reader_of,
    relations_to,
)
from shared.security.permissions import allowed
from tests.intake import builders as make
from tests.intake.reach import reach_of, relation, succession

PROPOSED = NeverEventProposed(
    type="15", list="2018-02-01", framework="SIF2015", causes=("words",), rule="r1"
)
STORIES: dict[str, list[object]] = {
    "own": [make.reported(service_area="acute"), make.classified(), PROPOSED],
    "elsewhere": [make.reported(occurred_at="RR8", leads="RR8", kind="risk")],
    "older": [
        make.reported(
            make.passage(1),
            occurred=date(2018, 3, 31),
            service_area="mental_health",
            basis_=make.basis(worst_harm="severe"),
        )
    ],
}
HEARD = (
    relation("RHQ", "03N"),
    relation("RR8", "15F", role="associate"),
    relation("RHQ", "99C", role="specialised", scope=["mental_health"], since="2018-01-01"),
    succession("03N", "QF7", "2018-12-20"),
    succession("15F", "QWO", "2018-12-21"),
)

EVERYTHING = Sought()
READERS = [
    ("trust", "RHQ", {"own", "elsewhere", "older"}),
    ("trust", "RR8", {"elsewhere"}),
    ("trust", "RVJ", set()),
    ("commissioner", "03N", {"own"}),
    ("commissioner", "15F", {"elsewhere"}),
    ("commissioner", "99C", {"older"}),
    ("commissioner", "QF7", {"own"}),
    ("commissioner", "QWO", set()),
]

NARROWED = [
    (Sought(), ["older", "elsewhere", "own"]),
    (Sought(organisation="RR8"), ["elsewhere"]),
    (Sought(kind="risk"), ["elsewhere"]),
    (Sought(worst_harm="severe"), ["older"]),
    (Sought(service_area="acute"), ["own"]),
    (Sought(never_event_type="15"), ["own"]),
    (Sought(never_event_outcome="meets"), ["own"]),
    (Sought(occurred_since=date(2018, 4, 1)), ["elsewhere", "own"]),
    (Sought(occurred_until=date(2018, 3, 31)), ["older"]),
    (Sought(recorded_since=datetime(2018, 12, 21, tzinfo=UTC)), []),
    (Sought(updated_since=make.NOW - timedelta(days=1)), ["older", "elsewhere", "own"]),
    (Sought(withheld=True), ["older"]),
    (Sought(withheld=False), ["elsewhere", "own"]),
    (Sought(proposed=True), ["own"]),
    (Sought(withdrawn=True), []),
]


async def seen(reach, actor, sought=EVERYTHING, after=None, limit=10):
    reader = await reader_of(reach, actor)
    return [row.id for row in await reach.read(incidents(reader, sought, after, limit))]


@pytest.mark.parametrize(("role", "organisation", "expected"), READERS)
async def test_a_list_holds_what_the_reader_may_see(connection, role, organisation, expected):
    reach = await reach_of(connection, STORIES, HEARD)
    assert set(await seen(reach, make.actor(role, organisation))) == expected


@pytest.mark.parametrize(("role", "organisation", "expected"), READERS)
async def test_one_event_is_judged_as_the_list_is(connection, role, organisation, expected):
    reach = await reach_of(connection, STORIES, HEARD)
    reader = await reader_of(reach, make.actor(role, organisation))
    everybody = await reader_of(reach, make.TRUST_LEAD)
    found = set()
    for row in await reach.read(incidents(everybody, Sought(), None, 10)):
        relations = await relations_to(reach, reader, involved_in_row(row))
        if allowed("read_event", reader.actor, relations):
            found.add(row.id)
    assert found == expected


async def test_a_region_sees_the_providers_that_lay_in_it_on_the_day(connection):
    reach = await reach_of(connection, STORIES)
    reach.register = make.register_with_region("RR8", "Y54", until=date(2018, 12, 31))
    region, other = make.actor("region", "Y54"), make.actor("region", "Y55")
    assert await seen(reach, region) == ["elsewhere"]
    assert await seen(reach, other) == []
    reader = await reader_of(reach, region)
    (row,) = await reach.read(incidents(reader, Sought(), None, 10))
    assert await relations_to(reach, reader, involved_in_row(row)) == {"region"}


@pytest.mark.parametrize(("sought", "expected"), NARROWED)
async def test_a_list_is_narrowed(connection, sought, expected):
    reach = await reach_of(connection, STORIES)
    assert await seen(reach, make.TRUST_LEAD, sought) == expected


async def test_a_page_goes_on_behind_the_last_report(connection):
    reach = await reach_of(connection, STORIES)
    assert await seen(reach, make.TRUST_LEAD, limit=2) == ["older", "elsewhere"]
    assert await seen(reach, make.TRUST_LEAD, after=4) == ["own"]


async def test_changes_are_those_of_events_that_the_reader_may_see(connection):
    reach = await reach_of(connection, STORIES, HEARD)

    async def positions(actor, after=0):
        reader = await reader_of(reach, actor)
        return [row.position for row in await reach.read(changes(after, 10, reader))]

    assert await positions(make.TRUST_LEAD) == [1, 2, 3, 4, 5]
    assert await positions(make.TRUST_LEAD, after=3) == [4, 5]
    assert await positions(make.actor("commissioner", "03N")) == [1, 2], "a proposal stays home"
    assert await positions(make.actor("trust", "RVJ")) == []
    assert len(await reach.read(changes(0, 10))) == 5


async def test_the_change_before_is_that_of_the_readers_own_view(connection):
    reach = await reach_of(connection, STORIES, HEARD)
    other = await reader_of(reach, make.actor("trust", "RR8"))
    assert [tuple(row) for row in await reach.read(newest_change())] == [(5,)]
    assert [tuple(row) for row in await reach.read(newest_change(other))] == [(4,)]
    assert [tuple(row) for row in await reach.read(newest_change(other, 3))] == [(None,)]


async def test_postgresql_answers_alike(postgres_connection):
    reach = await reach_of(postgres_connection, STORIES, HEARD)
    for role, organisation, expected in READERS:
        assert set(await seen(reach, make.actor(role, organisation))) == expected
    for sought, expected_order in NARROWED:
        assert await seen(reach, make.TRUST_LEAD, sought) == expected_order
    reader = await reader_of(reach, make.actor("commissioner", "03N"))
    assert [row.position for row in await reach.read(changes(0, 10, reader))] == [1, 2]
    assert [tuple(row) for row in await reach.read(newest_change(reader, 1))] == [(1,)]
    reach.register = make.register_with_region("RR8", "Y54", until=date(2018, 12, 31))
    assert await seen(reach, make.actor("region", "Y54")) == ["elsewhere"]
