"""Permissions: the whole table, as it behaves, is the one that stands in `permissions.txt`."""

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import pytest

from shared.kernel.decider import SYSTEM, Actor
from shared.nhs.organisations import KINDS
from shared.security import permissions
from shared.security.grants import to
from shared.security.permissions import PERMISSIONS, allowed, may_ask, open_to_all
from shared.security.permissions_assurance import ASSURANCE
from shared.security.permissions_intake import INTAKE
from shared.security.permissions_learning import LEARNING
from shared.security.principal import PUBLIC
from shared.security.roles import RELATIONS, ROLES
from tests.architecture.tree import ROOT, sources

GOLDEN = Path(__file__).with_name("permissions.txt")
NOTHING: frozenset[str] = frozenset()


def actor(kind: str, *roles: str) -> Actor:
    return Actor(client="c", person="p", organisation="X26", kind=kind, roles=frozenset(roles))


def behaviour(permission: str, who: Actor) -> str:
    """`always`, or the relations of which each alone is enough; empty where none is."""
    if allowed(permission, who, NOTHING):
        return "always"
    return ", ".join(one for one in RELATIONS if allowed(permission, who, frozenset({one})))


def rendered() -> str:
    return "".join(f"{permission}\n{''.join(lines_of(permission))}" for permission in PERMISSIONS)


def lines_of(permission: str) -> Iterator[str]:
    """Who may, by behaviour alone: every role at every kind of organisation, and the public."""
    public = behaviour(permission, PUBLIC)
    if public:
        yield f"    everybody: {public}\n"
    for role in ROLES:
        by_behaviour: dict[str, list[str]] = {}
        for kind in KINDS:
            by_behaviour.setdefault(behaviour(permission, actor(kind, role)), []).append(kind)
        for how, kinds in by_behaviour.items():
            if how not in ("", public):
                yield f"    {role} ({', '.join(kinds)}): {how}\n"


def test_the_table_is_the_one_that_was_agreed():
    """To change it, change `permissions.txt` with it and say why."""
    assert rendered() == GOLDEN.read_text()


def test_a_grant_too_many_is_seen(monkeypatch: pytest.MonkeyPatch):
    wider = {**PERMISSIONS, "close": (*PERMISSIONS["close"], to("trust", "own"))}
    monkeypatch.setattr(permissions, "PERMISSIONS", wider)
    assert rendered() != GOLDEN.read_text()


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_several_relations_or_roles_give_what_each_gives_and_no_more(permission: str):
    for kind in KINDS:
        alone = {
            (role, relation)
            for role in ROLES
            for relation in RELATIONS
            if allowed(permission, actor(kind, role), frozenset({relation}))
        }
        for roles in combinations(ROLES, 2):
            both = actor(kind, *roles)
            for pair in combinations(RELATIONS, 2):
                enough = not alone.isdisjoint(product(roles, pair))
                assert allowed(permission, both, frozenset(pair)) == enough


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_may_ask_says_whether_any_relation_would_do(permission: str):
    for kind in KINDS:
        for role in ROLES:
            who = actor(kind, role)
            assert may_ask(permission, who) == bool(behaviour(permission, who))


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_a_role_nobody_may_do_what_is_not_open_to_all(permission: str):
    nobodies = [*(actor(kind) for kind in KINDS), SYSTEM, PUBLIC, actor("public", *ROLES)]
    everywhere = frozenset(RELATIONS)
    for who in nobodies:
        assert may_ask(permission, who) == open_to_all(permission)
        assert allowed(permission, who, everywhere) == open_to_all(permission)


def test_a_role_at_a_kind_that_may_not_hold_it_gives_nothing():
    trust_as_commissioner = actor("trust", "commissioner")
    assert not any(
        may_ask(one, trust_as_commissioner) for one in PERMISSIONS if not open_to_all(one)
    )


def test_unknown_words_are_loud():
    with pytest.raises(KeyError):
        may_ask("aknowledge", PUBLIC)
    with pytest.raises(KeyError):
        allowed("aknowledge", PUBLIC, NOTHING)
    with pytest.raises(ValueError, match="lead_comissioner"):
        allowed("acknowledge", PUBLIC, frozenset({"lead_comissioner"}))


def test_the_tables_use_known_words_and_share_none():
    assert len(INTAKE) + len(ASSURANCE) + len(LEARNING) == len(PERMISSIONS)
    for grants in PERMISSIONS.values():
        for grant in grants:
            assert grant.role is None or grant.role in ROLES
            assert grant.relations <= RELATIONS.keys()
            assert grant.role is None or grant.kinds <= ROLES[grant.role]
    assert set().union(*ROLES.values()) <= set(KINDS)


def asked_for(word: str) -> bool:
    """Whether any command's row, route or timer asks by that word."""
    return any(
        f'"{word}"' in path.read_text(encoding="utf-8")
        for path in sources(ROOT, "services", "shared/runtime", "shared/web")
    )


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_word_is_asked_for_somewhere(permission: str):
    """Who reads the tables reads the powers that there are; a word of a step to come misleads."""
    assert asked_for(permission)


def test_a_word_that_nobody_asks_for_is_seen():
    assert not asked_for("speak_" + "up_for_nothing")
