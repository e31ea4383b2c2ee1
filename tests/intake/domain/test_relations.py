"""What an organisation is to an event."""

from datetime import date

import pytest

from services.intake.domain.incident.relations import (
    Involved,
    as_overseer,
    as_party,
    relations,
)
from services.intake.domain.incident.state import INCIDENT, Incident
from services.intake.domain.rules.regions import stays_in
from shared.nhs.organisations import Register, Row
from shared.nhs.relations import Relation
from tests.intake import builders as make

EVENT = Involved(
    reported_by="RHQ", occurred_at="RR8", leads="RTH", day=date(2018, 12, 19), service_area="acute"
)


@pytest.mark.parametrize(
    ("reader", "words"),
    [("RHQ", {"own"}), ("RTH", {"own"}), ("RR8", {"provider"}), ("RVJ", set())],
)
def test_who_told_or_leads_owns_it_and_where_it_occurred_is_its_provider(reader, words):
    assert as_party(EVENT, frozenset({reader})) == words


def test_the_state_tells_the_same_and_nothing_of_what_is_not_there():
    state = INCIDENT.fold([make.reported(occurred_at="RR8", leads="RR8")])
    assert relations(state, make.TRUST_LEAD) == {"own"}
    assert relations(state, make.actor("trust", "RR8")) == {"own", "provider"}
    assert relations(Incident(), make.TRUST_LEAD) == frozenset()


def relation(**fields):
    plain = {
        "provider": "RR8",
        "commissioner": "15F",
        "role": "lead",
        "from_": date(2018, 4, 1),
        "to": date(2022, 6, 30),
    }
    return Relation(**{**plain, **fields})


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (relation(), {"lead"}),
        (relation(role="associate"), {"associate"}),
        (relation(role="specialised", scope=frozenset({"acute"})), {"lead"}),
        (relation(role="specialised", scope=frozenset({"prison"})), set()),
        (relation(provider="RTH"), {"lead"}),
        (relation(provider="RHQ"), set()),
        (relation(commissioner="03N"), set()),
        (relation(to=date(2018, 12, 18)), set()),
        (relation(from_=date(2018, 12, 20)), set()),
        (relation(from_=date(2018, 12, 19), to=date(2018, 12, 19)), {"lead"}),
    ],
)
def test_a_commissioner_is_what_it_was_on_the_day(held, words):
    assert as_overseer(EVENT, frozenset({"15F"}), [held]) == words


def test_stays_in_a_region_come_from_dated_rows_alone():
    rows = [
        Row(code="RA1", attribute="open"),
        Row(code="RA1", attribute="kind", value="trust"),
        Row(code="RA1", attribute="name", value="Demonstration Trust 01"),
        Row(code="RA1", attribute="region", value="Y54", to=date(2019, 3, 31)),
        Row(code="RA1", attribute="region", value="Y63", from_=date(2019, 4, 1)),
        Row(code="RA2", attribute="open"),
        Row(code="RA2", attribute="kind", value="trust"),
        Row(code="RA2", attribute="name", value="Demonstration Trust 02"),
        Row(code="RA2", attribute="parent", value="RA1", from_=date(2020, 1, 1)),
        Row(code="RA2", attribute="current_region", value="Y63"),
    ]
    stays = {(one.code, one.since, one.until) for one in stays_in(Register.of(rows), "Y63")}
    assert stays == {
        ("RA1", date(2019, 4, 1), None),
        ("RA2", date(2020, 1, 1), date.max),
    }
    assert [one.code for one in stays_in(Register.of(rows), "Y54")] == ["RA1"]
