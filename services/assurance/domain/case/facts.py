"""What deciders of a case are told and cannot know."""

from dataclasses import dataclass

from shared.kernel.decider import Facts
from shared.nhs.relations import Relation, Succession


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFacts(Facts):
    """Relations of the provider, successions that reach from them, the provider's region on the
    incident's day, and the version of the register that said so."""

    relations: tuple[Relation, ...] = ()
    successions: tuple[Succession, ...] = ()
    region: str | None = None
    register: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReroutingFacts(Facts):
    """What the organisation named stands for today, by the register (None: unknown)."""

    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasingFacts(Facts):
    """The activities about this case and no other: stream and version of each."""

    activities: tuple[tuple[str, int], ...] = ()
