"""The little language in which the permission tables are written."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One way to a permission: a role (None: everybody, without a token), and what the
    organisation must be to the thing (one of `relations`; empty: anything, or nothing).

    `kinds` narrows the kinds of organisation at which the role counts here.
    """

    role: str | None
    relations: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


Table = Mapping[str, tuple[Grant, ...]]

EVERYBODY = (Grant(role=None),)
REACTION_ONLY: tuple[Grant, ...] = ()
"""Nobody: the service itself does it, in answer to what it hears or to the time."""


def to(role: str, *relations: str, kinds: frozenset[str] = frozenset()) -> Grant:
    """A grant to one role, where it is one of `relations` to the thing."""
    return Grant(role=role, relations=frozenset(relations), kinds=kinds)


def roles(*names: str) -> tuple[Grant, ...]:
    """Grants to several roles, whatever they are to the thing."""
    return tuple(to(name) for name in names)
