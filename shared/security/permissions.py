"""Permissions: who may do what to which thing, judged from one table; what it lacks is denied."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.kernel.decider import Actor
from shared.security.grants import Grant
from shared.security.permissions_assurance import ASSURANCE
from shared.security.permissions_intake import INTAKE
from shared.security.permissions_learning import LEARNING
from shared.security.roles import RELATIONS, ROLES

PERMISSIONS: Mapping[str, tuple[Grant, ...]] = MappingProxyType(INTAKE | ASSURANCE | LEARNING)
"""Every permission word, with the grants of which one must hold."""


def may_ask(permission: str, actor: Actor) -> bool:
    """Whether the actor's kind and roles give the permission on any thing at all.

    Raises KeyError for a word that the table does not hold: a misspelt row must not pass for a
    refusal.
    """
    return any(_held(grant, actor) for grant in PERMISSIONS[permission])


def allowed(permission: str, actor: Actor, relations: frozenset[str]) -> bool:
    """Whether the actor may, where its organisation is `relations` to the thing.

    Raises KeyError for a permission, and ValueError for a relation, that the tables do not hold.
    """
    if not relations <= RELATIONS.keys():
        raise ValueError(f"no such relation: {', '.join(sorted(relations - RELATIONS.keys()))}")
    return any(
        _held(grant, actor) and (not grant.relations or bool(grant.relations & relations))
        for grant in PERMISSIONS[permission]
    )


def open_to_all(permission: str) -> bool:
    """Whether no token is needed to ask. Raises KeyError for an unknown word."""
    return any(grant.role is None for grant in PERMISSIONS[permission])


def _held(grant: Grant, actor: Actor) -> bool:
    if grant.role is None:
        return True
    kinds = grant.kinds or ROLES[grant.role]
    return grant.role in actor.roles and actor.kind in kinds
