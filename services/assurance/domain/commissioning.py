"""Who commissions whom and who took over from whom: only what an operator recorded, with dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from shared.kernel.decider import SYSTEM, Aggregate, Events, Facts
from shared.kernel.errors import AlreadyExists, Invalid, NotAllowed, NotFound, NotNow
from shared.kernel.messages import command, event
from shared.kernel.words import Code, Day, Many, OdsCode
from shared.nhs.codes import SERVICE_AREAS
from shared.nhs.organisations import PROVIDER_KINDS
from shared.nhs.relations import Relation, RelationRole

NATIONAL = "national"
COMMISSIONER_KINDS = frozenset({"commissioner"})
_ALIKE: tuple[frozenset[str], ...] = (COMMISSIONER_KINDS, PROVIDER_KINDS)
"""Kinds within which one organisation can take over another."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFacts(Facts):
    """What the register knows of the organisations named, on the day from which it holds:
    the kind by code (absent where nothing stood under it), and the region of whom it is about."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None


def record_relation(state: Commissioning, command: RecordRelation, facts: PartyFacts) -> Events:
    """Records a relation; the same again is nothing. Raises NotAllowed for another region's
    operator, Invalid for an organisation of another kind, an unknown service area or an end
    before the beginning, AlreadyExists where it is held with another last day, NotNow where
    another leads the same scope meanwhile."""
    _require_operator(facts)
    for place, area in enumerate(command.scope):
        if area not in SERVICE_AREAS:
            raise Invalid(f"/scope/{place}", "unknown", "There is no such service area.")
    _require_order(command.since, command.until)
    held = state.find(command)
    if held and held.until != command.until:
        raise AlreadyExists("This relation is recorded with another last day; end it instead.")
    if held:
        return ()
    _require_kind(facts, facts.id, PROVIDER_KINDS, "")
    _require_kind(facts, command.commissioner, COMMISSIONER_KINDS, "/commissioner")
    if command.role == "lead":
        _require_no_other_lead(state, command)
    recorded = RelationRecorded(
        commissioner=command.commissioner,
        role=command.role,
        scope=tuple(sorted(command.scope)),
        since=command.since,
        until=command.until,
    )
    return (recorded,)


def end_relation(state: Commissioning, command: EndRelation, facts: PartyFacts) -> Events:
    """Gives a relation its last day. Raises NotFound where none such is recorded, NotAllowed for
    another region's operator."""
    _require_operator(facts)
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


def _require_operator(facts: PartyFacts) -> None:
    everywhere = facts.actor.kind in (NATIONAL, SYSTEM.kind)
    if not everywhere and facts.actor.organisation != facts.region:
        raise NotAllowed("Only a national body, or the region where it lay that day, records this.")


def _require_kind(facts: PartyFacts, code: str, kinds: frozenset[str], pointer: str) -> None:
    kind = facts.kinds.get(code)
    if kind is None:
        raise Invalid(pointer, "unknown", "No such organisation stood in the register that day.")
    if kind not in kinds:
        raise Invalid(pointer, "other_kind", "An organisation of that kind cannot take this part.")


def _require_no_other_lead(state: Commissioning, command: RecordRelation) -> None:
    scope = tuple(sorted(command.scope))
    until = command.until or date.max
    for one in state.relations:
        last = one.until or date.max
        lasts = one.since <= last and one.since <= until and command.since <= last
        if one.role == "lead" and one.scope == scope and lasts:
            raise NotNow(
                f"{one.commissioner} leads the same scope from {one.since}: end that relation "
                "first, on the day before."
            )


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
class SuccessionFacts(PartyFacts):
    """Who took over from the successor, and so on, as recorded so far; the former is known by its
    last day, the successor by its first."""

    chain: tuple[str, ...] = ()


def record_succession(
    state: TakenOver | None, command: RecordSuccession, facts: SuccessionFacts
) -> Events:
    """Records a succession, once. Raises NotAllowed for another region's operator, AlreadyExists
    where another one is recorded, Invalid for one that would run in a circle, or between
    organisations of two kinds."""
    _require_operator(facts)
    if facts.id in (command.successor, *facts.chain):
        raise Invalid("/successor", "circle", "An organisation cannot take over from itself.")
    if state is None:
        kinds = next((one for one in _ALIKE if facts.kinds.get(facts.id) in one), frozenset())
        _require_kind(facts, facts.id, kinds, "")
        _require_kind(facts, command.successor, kinds, "/successor")
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
