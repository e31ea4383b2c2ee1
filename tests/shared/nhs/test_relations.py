"""Relations and successions as values."""

from datetime import date

import pytest

from shared.nhs.relations import Relation, Succession, acting_for, relations_on, successor

LEAD = Relation(
    provider="DEMOT01",
    commissioner="DEMOC01",
    role="lead",
    from_=date(2018, 4, 1),
    to=date(2022, 6, 30),
)
JUSTICE = Relation(
    provider="DEMOT01",
    commissioner="DEMOH01",
    role="specialised",
    scope=frozenset({"prison"}),
    from_=date(2018, 4, 1),
)


def test_relations_hold_from_and_to_their_days() -> None:
    both = [LEAD, JUSTICE]
    assert relations_on(both, "DEMOT01", date(2018, 3, 31)) == ()
    assert relations_on(both, "DEMOT01", date(2018, 4, 1)) == (LEAD, JUSTICE)
    assert relations_on(both, "DEMOT01", date(2022, 6, 30)) == (LEAD, JUSTICE)
    assert relations_on(both, "DEMOT01", date(2022, 7, 1)) == (JUSTICE,)
    assert relations_on(both, "DEMOT02", date(2018, 4, 1)) == ()


def test_scope_decides_what_is_covered() -> None:
    assert LEAD.covers("acute")
    assert LEAD.covers(None)
    assert JUSTICE.covers("prison")
    assert not JUSTICE.covers("acute")
    assert not JUSTICE.covers(None)


def test_a_successor_is_followed_to_the_one_of_the_day() -> None:
    chain = [
        Succession(from_="05L", to="D2P2L", on=date(2021, 4, 1)),
        Succession(from_="D2P2L", to="QUA", on=date(2022, 7, 1)),
    ]
    assert successor("05L", date(2021, 3, 31), chain) == "05L"
    assert successor("05L", date(2021, 4, 1), chain) == "D2P2L"
    assert successor("05L", date(2022, 7, 1), chain) == "QUA"
    assert successor("03N", date(2022, 7, 1), chain) == "03N"


def test_a_circle_of_successions_is_refused() -> None:
    circle = [
        Succession(from_="A1", to="B1", on=date(2021, 4, 1)),
        Succession(from_="B1", to="A1", on=date(2021, 4, 1)),
    ]
    with pytest.raises(ValueError, match="circle"):
        successor("A1", date(2021, 4, 1), circle)


def test_a_successor_acts_for_all_it_took_over_from_its_day_on():
    july = date(2022, 7, 1)
    chain = [
        Succession(from_="05Y", to="D2P2L", on=date(2021, 4, 1)),
        Succession(from_="D2P2L", to="QUA", on=july),
    ]
    assert acting_for("QUA", july, chain) == {"QUA", "D2P2L", "05Y"}
    assert acting_for("QUA", date(2022, 6, 30), chain) == {"QUA"}
    assert acting_for("QUA", july, [*chain, Succession(from_="QUA", to="05Y", on=july)]) == {
        "QUA",
        "D2P2L",
        "05Y",
    }
