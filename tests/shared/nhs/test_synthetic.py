"""The synthetic England: every kind, plain names, and no code that a register holds."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from shared.nhs import reference, synthetic
from shared.nhs.importing import parse_commissioners, parse_trusts
from shared.nhs.organisations import KINDS, PROVIDER_KINDS
from shared.nhs.relations import relations_on, successor

DAYS = (date(2018, 12, 19), date(2022, 6, 30), date(2022, 7, 1), date(2023, 11, 1))


def test_every_kind_has_three_or_more() -> None:
    kinds = Counter(one.kind for one in synthetic.register().open_on(date(2023, 11, 1)))
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 3


def test_its_size() -> None:
    register = synthetic.register()
    assert len(register.providers(DAYS[0])) == 126
    assert len(register.commissioners(DAYS[0])) == synthetic.CCGS + synthetic.HUBS
    assert len(register.commissioners(DAYS[2])) == synthetic.ICBS + synthetic.HUBS


def test_names_are_plain_and_codes_marked() -> None:
    register = synthetic.register()
    assert register.name(synthetic.trust(7), DAYS[0]) == "Demonstration Trust 07"
    assert register.name(synthetic.ccg(3), DAYS[0]) == "Demonstration CCG 03"
    for code in register.codes:
        assert synthetic.is_synthetic(code)
        assert (register.name(code, DAYS[0]) or "").startswith("Demonstration ")
    assert not synthetic.is_synthetic("RHQ")


def test_no_packaged_code_is_synthetic() -> None:
    assert not set(reference.register().codes) & set(synthetic.register().codes)


def test_no_code_of_the_full_registers_is_synthetic(reference_file: Callable[[str], str]) -> None:
    rows = (
        *parse_trusts(reference_file("trusts.tsv")).rows,
        *parse_commissioners(reference_file("commissioners.tsv")).rows,
    )
    held = {row.code for row in rows} | {row.value for row in rows}
    assert not held & set(synthetic.register().codes)
    assert not [code for code in held if synthetic.is_synthetic(code)]


def test_each_provider_has_one_lead_on_any_day_of_the_story() -> None:
    register, relations = synthetic.register(), synthetic.relations()
    providers = sorted({one.provider for one in relations})
    assert len(providers) == synthetic.TRUSTS + synthetic.INDEPENDENT
    for provider in providers:
        for day in DAYS:
            held = relations_on(relations, provider, day)
            assert Counter(one.role for one in held)["lead"] == 1
            for one in held:
                assert register.kind(one.commissioner, day) == "commissioner"
                assert register.kind(one.provider, day) in PROVIDER_KINDS


def test_each_ccg_is_succeeded_by_its_parent_which_leads_from_then() -> None:
    register = synthetic.register()
    assert len(synthetic.successions()) == synthetic.CCGS
    for one in synthetic.successions():
        assert register.require(one.from_, one.on).parent == one.to
    for provider in (synthetic.trust(1), synthetic.trust(104), synthetic.independent(16)):
        old, new = (
            next(
                one.commissioner
                for one in relations_on(synthetic.relations(), provider, day)
                if one.role == "lead"
            )
            for day in (date(2022, 6, 30), date(2022, 7, 1))
        )
        assert successor(old, date(2022, 7, 1), synthetic.successions()) == new


def test_regions_are_known_for_providers_and_commissioners() -> None:
    register = synthetic.register()
    for day in DAYS:
        for one in register.open_on(day, "trust", "independent_provider"):
            assert one.region is not None
            assert register.kind(one.region, day) == "region"
