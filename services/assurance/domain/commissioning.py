"""Who commissions whom and who took over from whom: only what an operator recorded, with dates."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from shared.kernel.decider import Aggregate, Events, Facts
from shared.kernel.errors import AlreadyExists, Invalid, NotFound
from shared.kernel.messages import command, event
from shared.kernel.words import Code, Day, Many, OdsCode
from shared.nhs.codes import SERVICE_AREAS
from shared.nhs.relations import Relation, RelationRole


@command
class RecordRelation:
    """A commissioner buys care of the provider whose stream this is, on inclusive London days;
    an empty `scope` means all service areas, no `until` that it runs."""

    commissioner: OdsCode
    role: RelationRole
    scope: Many[Code] = ()
    since: Day
    until: Day | None = None


@command
class EndRelation:
    """The relation's last day is `until`; `since` tells a renewed relation from an earlier one."""

    commissioner: OdsCode
    role: RelationRole
    scope: Many[Code] = ()
    since: Day
    until: Day


@command
class RecordSuccession:
    """Another organisation takes over everything of the one whose stream this is, from `on`."""

    successor: OdsCode
    on: Day


@event("relation_recorded")
class RelationRecorded:
    """A relation began, by an explicit table; `scope` is in order."""

    commissioner: OdsCode
    role: RelationRole
    scope: Many[Code] = ()
    since: Day
    until: Day | None = None


@event("relation_ended")
class RelationEnded:
    """A relation got its last day."""

    commissioner: OdsCode
    role: RelationRole
    scope: Many[Code] = ()
    since: Day
    until: Day


@event("succession_recorded")
class SuccessionRecorded:
    """One organisation took over everything of another."""

    successor: OdsCode
    on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One relation of a provider, which its stream names."""

    commissioner: str
    role: RelationRole
    scope: tuple[str, ...]
    since: date
    until: date | None

    def relation(self, provider: str) -> Relation:
        """The same as a word of shared/nhs."""
        return Relation(
            provider=provider,
            commissioner=self.commissioner,
            role=self.role,
            scope=frozenset(self.scope),
            from_=self.since,
            to=self.until,
        )

    def is_of(self, said: Any) -> bool:
        """Whether a command or event speaks of this relation."""
        named = (said.commissioner, said.role, tuple(sorted(said.scope)), said.since)
        return named == (self.commissioner, self.role, self.scope, self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commissioning:
    """All relations of one provider, in the order recorded."""

    relations: tuple[Held, ...] = ()

    def find(self, said: Any) -> Held | None:
        return next((one for one in self.relations if one.is_of(said)), None)


def record_relation(state: Commissioning, command: RecordRelation, facts: Facts) -> Events:
    """Records a relation; the same again is nothing. Raises Invalid for an unknown service area or
    an end before the beginning, AlreadyExists where it is held with another last day."""
    for place, area in enumerate(command.scope):
        if area not in SERVICE_AREAS:
            raise Invalid(f"/scope/{place}", "unknown", "There is no such service area.")
    _require_order(command.since, command.until)
    held = state.find(command)
    if held and held.until != command.until:
        raise AlreadyExists("This relation is recorded with another last day; end it instead.")
    if held:
        return ()
    recorded = RelationRecorded(
        commissioner=command.commissioner,
        role=command.role,
        scope=tuple(sorted(command.scope)),
        since=command.since,
        until=command.until,
    )
    return (recorded,)


def end_relation(state: Commissioning, command: EndRelation, facts: Facts) -> Events:
    """Gives a relation its last day. Raises NotFound where none such is recorded."""
    _require_order(command.since, command.until)
    held = state.find(command)
    if held is None:
        raise NotFound("No such relation is recorded.")
    if held.until == command.until:
        return ()
    ended = RelationEnded(
        commissioner=held.commissioner,
        role=held.role,
        scope=held.scope,
        since=held.since,
        until=command.until,
    )
    return (ended,)


def _require_order(since: date, until: date | None) -> None:
    # A relation that never was ends on the day before its first.
    if until is not None and until < since - timedelta(days=1):
        raise Invalid("/until", "before_since", "A relation ends on or after its first day.")


def _recorded(state: Commissioning, event: RelationRecorded) -> Commissioning:
    held = Held(
        commissioner=event.commissioner,
        role=event.role,
        scope=event.scope,
        since=event.since,
        until=event.until,
    )
    return replace(state, relations=(*state.relations, held))


def _ended(state: Commissioning, event: RelationEnded) -> Commissioning:
    moved = tuple(
        replace(one, until=event.until) if one.is_of(event) else one for one in state.relations
    )
    return replace(state, relations=moved)


COMMISSIONING: Aggregate[Commissioning] = Aggregate(
    name="commissioning",
    initial=Commissioning(),
    steps={RelationRecorded: _recorded, RelationEnded: _ended},
)
"""Streams `commissioning-<provider>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """Who took over, and from which London day on."""

    successor: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessionFacts(Facts):
    """Who took over from the successor, and so on, as recorded so far."""

    chain: tuple[str, ...] = ()


def record_succession(
    state: TakenOver | None, command: RecordSuccession, facts: SuccessionFacts
) -> Events:
    """Records a succession, once. Raises AlreadyExists where another one is recorded, Invalid for
    one that would run in a circle."""
    if facts.id in (command.successor, *facts.chain):
        raise Invalid("/successor", "circle", "An organisation cannot take over from itself.")
    if state is None:
        return (SuccessionRecorded(successor=command.successor, on=command.on),)
    if (state.successor, state.on) == (command.successor, command.on):
        return ()
    raise AlreadyExists("Another succession is recorded for this organisation.")


SUCCESSION: Aggregate[TakenOver | None] = Aggregate(
    name="succession",
    initial=None,
    steps={
        SuccessionRecorded: lambda state, event: TakenOver(successor=event.successor, on=event.on)
    },
)
"""Streams `succession-<former>`."""
