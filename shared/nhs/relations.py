"""Who commissions whom and who took over from whom: only explicit, dated tables may say so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

RelationRole = Literal["lead", "associate", "specialised"]
RELATION_ROLES: tuple[RelationRole, ...] = get_args(RelationRole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A commissioner buys care of a provider, from and to inclusive London days.

    `scope` holds words of `codes.SERVICE_AREAS`; an empty one means all service areas.
    """

    provider: str
    commissioner: str
    role: RelationRole
    scope: frozenset[str] = frozenset()
    from_: date
    to: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the relation held on that London day."""
        return self.from_ <= on and (self.to is None or on <= self.to)

    def covers(self, service_area: str | None) -> bool:
        """Whether it covers a service area; one of limited scope does not cover an unknown area."""
        return not self.scope or service_area in self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """`to` takes over everything of `from_`, beginning on the London day `on`."""

    from_: str
    to: str
    on: date


def relations_on(relations: Iterable[Relation], provider: str, on: date) -> tuple[Relation, ...]:
    """The relations of a provider that hold on a London day, in the order given."""
    return tuple(one for one in relations if one.provider == provider and one.holds(on))


def successor(code: str, on: date, successions: Iterable[Succession]) -> str:
    """Who acts for a code on a London day, following every succession reached; itself if none.

    Raises ValueError for successions that run in a circle.
    """
    reached = {one.from_: one.to for one in successions if one.on <= on}
    seen = {code}
    while code in reached:
        code = reached[code]
        if code in seen:
            raise ValueError(f"successions run in a circle at {code}")
        seen.add(code)
    return code


def acting_for(organisation: str, on: date, successions: Iterable[Succession]) -> frozenset[str]:
    """The organisation and all that it took over, directly or not, by a London day."""
    begun = [one for one in successions if one.on <= on]
    held = frozenset({organisation})
    while grown := {one.from_ for one in begun if one.to in held} - held:
        held |= grown
    return held
