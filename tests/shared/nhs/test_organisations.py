"""The register: what stood under a code on a day, and content that has a version."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from shared.nhs import organisations
from shared.nhs.organisations import BadRegister, Register, Row, UnknownOrganisation

TRUST = (
    Row(code="DEMOT01", attribute="open", from_=date(2017, 10, 1), to=date(2020, 3, 31)),
    Row(code="DEMOT01", attribute="kind", value="trust"),
    Row(code="DEMOT01", attribute="name", value="Old Name", to=date(2018, 12, 31)),
    Row(code="DEMOT01", attribute="name", value="New Name", from_=date(2019, 2, 1)),
    Row(code="DEMOT01", attribute="current_region", value="Y63"),
    Row(code="DEMOT01", attribute="current_icb", value="QF7"),
)
PLACE = (
    Row(code="DEMOC01", attribute="open", from_=date(2013, 4, 1)),
    Row(code="DEMOC01", attribute="kind", value="commissioner/ccg", to=date(2022, 6, 30)),
    Row(code="DEMOC01", attribute="kind", value="sub_icb", from_=date(2022, 7, 1)),
    Row(code="DEMOC01", attribute="name", value="A CCG"),
    Row(code="DEMOC01", attribute="parent", value="DEMOB01", from_=date(2022, 7, 1)),
    Row(code="DEMOB01", attribute="open", from_=date(2022, 7, 1)),
    Row(code="DEMOB01", attribute="kind", value="commissioner/icb"),
    Row(code="DEMOB01", attribute="name", value="An ICB"),
    Row(code="DEMOB01", attribute="region", value="DEMOY01", from_=date(2022, 7, 1)),
)


def register(*rows: Row, more: Iterable[Row] = ()) -> Register:
    return Register.of((*rows, *more))


def test_both_days_of_an_opening_are_inclusive() -> None:
    trusts = register(*TRUST)
    assert trusts.get("DEMOT01", date(2017, 9, 30)) is None
    assert trusts.kind("DEMOT01", date(2017, 10, 1)) == "trust"
    assert trusts.kind("DEMOT01", date(2020, 3, 31)) == "trust"
    assert trusts.kind("DEMOT01", date(2020, 4, 1)) is None
    assert trusts.known("DEMOT01")
    assert not trusts.known("DEMOT02")
    with pytest.raises(UnknownOrganisation):
        trusts.require("DEMOT01", date(2020, 4, 1))
    assert trusts.require("DEMOT01", date(2020, 3, 31)).is_provider


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2018, 12, 31), "Old Name"),
        (date(2019, 2, 1), "New Name"),
        (date(2019, 1, 2), "Old Name"),
        (date(2019, 1, 31), "New Name"),
        (date(2025, 1, 1), "New Name"),
    ],
)
def test_a_name_is_of_its_day_or_the_nearest(day: date, name: str) -> None:
    assert register(*TRUST).name("DEMOT01", day) == name


def test_an_unknown_code_has_no_name() -> None:
    assert register(*TRUST).name("RXX", date(2018, 1, 1)) is None


def test_a_ccg_becomes_a_place_of_its_icb() -> None:
    places = register(*PLACE)
    before = places.require("DEMOC01", date(2022, 6, 30))
    after = places.require("DEMOC01", date(2022, 7, 1))
    assert (before.kind, before.subkind, before.parent, before.region) == (
        "commissioner",
        "ccg",
        None,
        None,
    )
    assert (after.kind, after.subkind, after.parent, after.region) == (
        "sub_icb",
        None,
        "DEMOB01",
        "DEMOY01",
    )
    assert [one.code for one in places.commissioners(date(2022, 6, 30))] == ["DEMOC01"]
    assert [one.code for one in places.commissioners(date(2022, 7, 1))] == ["DEMOB01"]


def test_todays_region_is_a_hint_and_never_history() -> None:
    trusts = register(*TRUST)
    assert trusts.region_of("DEMOT01", date(2018, 12, 19)) is None
    assert trusts.current("DEMOT01").region == "Y63"
    assert trusts.current("DEMOT01").icb == "QF7"
    assert trusts.current("nobody").region is None


def test_the_version_is_of_the_content_alone() -> None:
    one, two = register(*TRUST), register(*reversed(TRUST), more=TRUST)
    assert one == two
    assert one.version == two.version
    changed = register(*TRUST[1:], replace(TRUST[0], to=None))
    assert changed.version != one.version
    assert register(replace(TRUST[0], certain=False), *TRUST[1:]).version != one.version


def test_merging_lets_the_other_tell_attribute_by_attribute() -> None:
    fuller = (
        replace(TRUST[0], to=None),
        TRUST[1],
        Row(code="DEMOT01", attribute="name", value="Other"),
    )
    merged = register(*TRUST, *PLACE).merged(register(*fuller))
    assert merged.codes == ("DEMOB01", "DEMOC01", "DEMOT01")
    assert merged.name("DEMOT01", date(2018, 1, 1)) == "Other"
    assert merged.kind("DEMOT01", date(2024, 1, 1)) == "trust"
    assert merged.current("DEMOT01").icb == "QF7"
    assert len(merged) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (TRUST[1:], "no row says open"),
        ((TRUST[0], TRUST[1]), "no row says name"),
        ((*TRUST, Row(code="DEMOT01", attribute="kind", value="region")), "two values of kind"),
        ((*TRUST, replace(TRUST[3], value="Third", from_=date(2019, 5, 1))), "two values of name"),
        ((TRUST[0], replace(TRUST[1], value="hospital"), TRUST[2]), "no such kind"),
        ((TRUST[0], replace(TRUST[1], value="trust/big"), TRUST[2]), "no such kind"),
        ((replace(TRUST[0], to=date(2016, 1, 1)), *TRUST[1:]), "open ends before it begins"),
    ],
)
def test_contradictions_are_refused_by_name(rows: tuple[Row, ...], message: str) -> None:
    with pytest.raises(BadRegister, match=f"DEMOT01: {message}"):
        register(*rows)


def test_an_empty_register_is_one() -> None:
    assert len(register()) == 0
    assert register().open_on(date(2018, 1, 1)) == ()


def test_what_a_register_remembers_is_bounded_and_stays_right(monkeypatch):
    monkeypatch.setattr(organisations, "REMEMBERED", 2)
    register = Register.of(
        row
        for code in ("AA1", "AA2", "AA3")
        for row in (
            Row(code=code, attribute="open", from_=date(2018, 4, 1)),
            Row(code=code, attribute="kind", value="trust"),
            Row(code=code, attribute="name", value=f"The trust {code}"),
        )
    )
    for _ in range(2):
        for code in ("AA1", "AA2", "AA3"):
            found = register.get(code, date(2018, 4, 1))
            assert found is not None
            assert found.name == f"The trust {code}"
            assert register.get(code, date(2018, 3, 31)) is None
