"""The packaged organisations: those of the seed year, as the full registers have them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from shared.nhs.importing import parse_commissioners, parse_trusts
from shared.nhs.organisations import Register
from shared.nhs.reference import (
    NHS_ENGLAND,
    BadPackage,
    _sound,
    fixture_relations,
    fixture_successions,
    register,
)
from shared.nhs.relations import successor
from shared.nhs.tables import Fault, Parsed

SEED_DAY = date(2018, 12, 19)


def test_what_is_packaged() -> None:
    packaged = register()
    assert len(packaged.open_on(SEED_DAY, "trust")) == 26
    assert len(packaged.commissioners(SEED_DAY)) == 20
    assert len(packaged.commissioners(date(2022, 7, 1))) == 19
    assert packaged.kind(NHS_ENGLAND, SEED_DAY) == "national"
    assert packaged is register()


def test_a_code_outlives_its_organisation() -> None:
    packaged = register()
    assert packaged.name("RAJ", SEED_DAY) == "Southend University Hospital NHS Foundation Trust"
    assert packaged.name("RAJ", date(2020, 4, 1)) == "Mid and South Essex NHS Foundation Trust"
    assert packaged.name("03N", SEED_DAY) == "NHS Sheffield CCG"
    assert packaged.name("03N", date(2022, 7, 1)) == "NHS South Yorkshire ICB - 03N"


def test_every_place_has_its_icb_and_regions_are_left_unknown_before_2022() -> None:
    packaged = register()
    places = packaged.open_on(date(2022, 7, 1), "sub_icb")
    assert places
    for place in places:
        assert place.parent is not None
        assert packaged.require(place.parent, date(2022, 7, 1)).subkind == "icb"
        assert place.region is not None
        assert packaged.kind(place.region, date(2022, 7, 1)) == "region"
        assert packaged.region_of(place.code, SEED_DAY) is None


def test_regions_split_and_merged() -> None:
    packaged = register()
    assert {one.code for one in packaged.regions(date(2018, 3, 31))} == {
        "Y54",
        "Y55",
        "Y56",
        "Y57",
    }
    assert len(packaged.regions(date(2019, 4, 1))) == 7


def test_fixture_relations_join_organisations_open_throughout() -> None:
    packaged = register()
    pairs = {(one.commissioner, one.provider) for one in fixture_relations()}
    assert len(pairs) == 12
    assert ("03N", "RHQ") in pairs
    for one in fixture_relations():
        assert one.role == "lead"
        assert one.holds(SEED_DAY)
        for day in (one.from_, one.to):
            assert day is not None
            assert packaged.kind(one.commissioner, day) == "commissioner"
            assert packaged.kind(one.provider, day) == "trust"


def test_fixture_successions_run_from_the_last_day_to_an_open_successor() -> None:
    packaged = register()
    for one in fixture_successions():
        assert packaged.get(one.to, one.on) is not None
        before = packaged.kind(one.from_, one.on - timedelta(days=1))
        assert before in ("commissioner", "trust")
        assert packaged.kind(one.from_, one.on) != before
    assert successor("05Y", date(2022, 7, 1), fixture_successions()) == "QUA"


def test_a_damaged_package_is_said_so() -> None:
    fault = Fault(line=4, column="from", message="write a day")
    damaged: Parsed[str] = Parsed(rows=(), faults=(fault,))
    with pytest.raises(BadPackage, match=r"x\.tsv: line 4, column from"):
        _sound("x.tsv", damaged)


def test_packaged_days_equal_those_of_the_full_registers(
    reference_file: Callable[[str], str],
) -> None:
    trusts = Register.of(parse_trusts(reference_file("trusts.tsv")).rows)
    commissioners = Register.of(parse_commissioners(reference_file("commissioners.tsv")).rows)
    full = trusts.merged(commissioners)
    days = [date(2014, 1, 1), date(2018, 3, 31), SEED_DAY, date(2020, 4, 1), date(2023, 1, 1)]
    packaged = register()
    for code in packaged.codes:
        if code.startswith("Y") or code == NHS_ENGLAND:
            continue
        for day in days:
            own, theirs = packaged.get(code, day), full.get(code, day)
            assert (own is None) == (theirs is None), (code, day)
            if own is not None and theirs is not None:
                assert (own.kind, own.subkind) == (theirs.kind, theirs.subkind)
        if packaged.get(code, SEED_DAY) is not None:
            own_name, full_name = packaged.name(code, SEED_DAY), full.name(code, SEED_DAY)
            assert own_name is not None
            assert own_name.upper() == full_name
        icb = full.current(code).icb
        place = packaged.get(code, date(2023, 1, 1))
        if place is not None and place.kind == "sub_icb":
            assert place.parent == icb


def test_a_full_import_keeps_the_parents_that_only_the_package_knows(
    reference_file: Callable[[str], str],
) -> None:
    full = Register.of(parse_commissioners(reference_file("commissioners.tsv")).rows)
    both = register().merged(full)
    assert both.require("03N", date(2022, 7, 1)).parent == "QF7"
    assert both.region_of("03N", date(2022, 7, 1)) == "Y63"
    assert both.name("03N", SEED_DAY) == "NHS SHEFFIELD CCG"
