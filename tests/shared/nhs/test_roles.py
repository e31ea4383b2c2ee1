"""The role table: complete, in plain words, and loud about a step that nobody holds."""

from datetime import date

import pytest

from shared.nhs.clocks import RULES
from shared.nhs.role_table import FRAMEWORK_IDS
from shared.nhs.roles import (
    HOLDER_RELATION,
    ROLES,
    STEPS,
    RolesIncomplete,
    holders,
    holders_as,
    require_complete,
    steps_without_holder,
    words,
)

DAY_2018 = date(2018, 12, 19)
DAY_2023 = date(2023, 11, 1)
EVERY_STEP = [(framework, step) for framework in FRAMEWORK_IDS for step in STEPS]


def test_every_step_is_held() -> None:
    assert steps_without_holder() == ()
    require_complete()


@pytest.mark.parametrize(("framework", "step"), EVERY_STEP)
def test_one_holder_is_accountable_and_the_step_is_explained(framework: str, step: str) -> None:
    accountable = [
        one
        for one in ROLES
        if (one.framework, one.step, one.responsibility) == (framework, step, "accountable")
    ]
    assert len(accountable) == 1
    explained = words(framework, step)
    assert explained.title
    assert explained.text.endswith(".")
    assert explained.next.endswith(".")


@pytest.mark.parametrize("missing", ["responsible", "accountable"])
def test_a_step_without_holder_stops_the_start(missing: str) -> None:
    table = [
        one
        for one in ROLES
        if (one.framework, one.step, one.responsibility) != ("SIF2015", "close", missing)
    ]
    assert steps_without_holder(table) == (("SIF2015", "close", missing),)
    with pytest.raises(RolesIncomplete, match=f"SIF2015 close: nobody {missing}"):
        require_complete(table)


def test_who_holds_what_under_the_2015_framework() -> None:
    for step in ("notify", "initial_review", "investigate", "candour"):
        assert holders_as("SIF2015", step, "responsible", DAY_2018) == ("provider",)
        informed = holders_as("SIF2015", step, "informed", DAY_2018)
        assert {"associate_commissioner", "region"} <= set(informed)
    for step in ("review", "extend", "stop", "de_escalate", "close", "monitor_actions"):
        assert holders_as("SIF2015", step, "responsible", DAY_2018) == ("lead_commissioner",)


def test_who_holds_what_under_the_2022_framework() -> None:
    for step in ("notify", "investigate", "review", "extend", "close"):
        assert holders_as("PSIRF2022", step, "accountable", DAY_2023) == ("provider_board",)
    assert holders_as("PSIRF2022", "oversight", "responsible", DAY_2023) == ("icb",)
    assert "icb" in holders_as("PSIRF2022", "review", "supporting", DAY_2023)


def test_nobody_holds_a_step_before_its_framework() -> None:
    assert holders("PSIRF2022", "close", DAY_2018) == ()
    assert holders("SIF2015", "close", date(2015, 3, 31)) == ()


def test_clocks_named_by_roles_exist_and_commissioners_are_found_by_relation() -> None:
    known = {(rule.framework, rule.rule_id) for rule in RULES}
    for role in ROLES:
        for clock in role.clocks:
            assert (role.framework, clock) in known or ("ANY", clock) in known
    assert set(HOLDER_RELATION) <= {role.holder for role in ROLES}


def test_an_unknown_step_has_no_words() -> None:
    with pytest.raises(LookupError):
        words("SIF2015", "penalty")
