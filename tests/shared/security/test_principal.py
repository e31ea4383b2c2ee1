"""The principal: what it tells a decider, and the scopes it insists on."""

from datetime import UTC, datetime

import pytest

from shared.kernel.errors import NotAllowed
from shared.security.principal import Principal

PRINCIPAL = Principal(
    client="epr",
    person="p1",
    organisation="R0A",
    organisations=("R0A", "RBK"),
    kind="trust",
    roles=frozenset({"trust"}),
    scopes=frozenset({"intake/read"}),
    expires_at=datetime(2018, 12, 19, tzinfo=UTC),
)


def test_a_principal_acts_for_one_organisation():
    actor = PRINCIPAL.actor()
    assert (actor.client, actor.person, actor.organisation) == ("epr", "p1", "R0A")
    assert (actor.kind, actor.roles) == ("trust", frozenset({"trust"}))


def test_a_scope_that_was_not_granted_is_refused():
    PRINCIPAL.require_scope("intake/read")
    with pytest.raises(NotAllowed, match="intake/write") as refusal:
        PRINCIPAL.require_scope("intake/write")
    assert refusal.value.slug == "scope-missing"
