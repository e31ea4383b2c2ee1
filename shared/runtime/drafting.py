"""A draft: what one commit will hold, decided command by command before anything is written.

A request drafts one command, a consumer's batch as many as its records ask for; each is decided
on the state as the draft has left it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Executable

from shared.contracts.envelope import Tell, TooLarge, instant, seal_envelope
from shared.kernel.clock import Clock, london_day
from shared.kernel.decider import Actor, Aggregate, Facts, On
from shared.kernel.errors import Broken, Invalid, NotAllowed, NotFound
from shared.kernel.ids import Ids
from shared.log.base import Entry, NewContract, NewEvent, RequestKey
from shared.log.codec import Meta
from shared.nhs.frameworks import FrameworkAdoption
from shared.nhs.organisations import Register
from shared.runtime.gate import require_codes_alone
from shared.runtime.service import Command, Happened, Reach, Service
from shared.runtime.streams import Folded, Streams
from shared.security.permissions import allowed

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a command is decided: who acts, and the ids that tie its events to what led to them.

    `correlation` runs through all of a story, `causation` names the contract's id that a reaction
    follows, `traceparent` is W3C's. `backfill` marks work whose clocks run on business dates.
    `filed` is kept beside the events of a filing, for its receipt.
    """

    actor: Actor
    correlation: str
    causation: str = ""
    traceparent: str = ""
    backfill: bool = False
    filed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every draft of one process is made with."""

    service: Service
    streams: Streams
    reach: Reach
    clock: Clock
    ids: Ids


class Draft:
    """Events and contracts of one commit in the making."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reach = DraftReach(desk.reach, self)
        self._folded: dict[str, Folded[Any]] = {}
        self.events: list[NewEvent] = []
        self.contracts: list[NewContract] = []
        self._made: list[object] = []

    def entry(self, key: RequestKey | None = None) -> Entry:
        """All that is to be appended in one commit, bound to a request where it has a key."""
        return Entry(events=tuple(self.events), contracts=tuple(self.contracts), key=key)

    async def folded(self, aggregate: Aggregate[Any], id_: str) -> Folded[Any]:
        """The stream as this draft has left it, loaded at first asking."""
        stream = aggregate.stream(id_)
        if stream not in self._folded:
            self._folded[stream] = await self._desk.streams.load(aggregate, id_)
        return self._folded[stream]

    def begin(self, aggregate: Aggregate[Any], id_: str) -> None:
        """Takes a stream to be empty: a creating command tries first, and only a conflict loads."""
        self._folded[aggregate.stream(id_)] = Folded.empty(aggregate)

    async def admitted(self, row: Command[Any], id_: str, actor: Actor) -> Folded[Any]:
        """The stream, where the actor may take this step on it, by what its organisation is to
        the thing; one that it may not see is not there (M8). Raises NotFound, NotAllowed."""
        folded = await self.folded(row.on, id_)
        if not row.creates and (folded.version or not row.begins):
            await self._require_right(row, folded, actor)
        return folded

    async def _require_right(self, row: Command[Any], folded: Folded[Any], actor: Actor) -> None:
        relations = row.relations(folded.state, actor)
        if not allowed(row.may, actor, relations):
            # Only now, since few have taken over anybody: by its own right, most may.
            relations |= await self._inherited(row, folded, actor)
        if folded.version and allowed(row.may, actor, relations):
            return
        if folded.version and relations:
            raise NotAllowed("What your organisation is to this record does not allow this step.")
        raise NotFound("There is no such record, or it is not yours to see.")

    async def _inherited(
        self, row: Command[Any], folded: Folded[Any], actor: Actor
    ) -> frozenset[str]:
        """What all that the actor's organisation took over is to the thing."""
        codes = await self._desk.service.acts_for(self._reach, actor) - {actor.organisation}
        acting = (replace(actor, organisation=code) for code in codes)
        return frozenset().union(*(row.relations(folded.state, one) for one in acting))

    async def decide(self, row: Command[Any], id_: str, command: Any, cause: Cause) -> Folded[Any]:
        """Decides one command, whose right was judged before, and adds what follows from it.
        Raises Refused and whatever else stops it, with nothing added."""
        state = (await self.folded(row.on, id_)).state
        facts = await row.facts(self._facts(cause, id_), state, command, self._reach)
        self._made.clear()
        with self._whole():
            for one in row.decide(state, command, facts):
                await self._add(row.on, id_, one, facts, cause)
            require_codes_alone(self._made, command, self._reach.register.known)
        return await self.folded(row.on, id_)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All that is added within stays, or nothing: a later event may tell too much."""
        events, contracts, folded = len(self.events), len(self.contracts), self._folded.copy()
        try:
            yield
        except BaseException:
            del self.events[events:], self.contracts[contracts:]
            self._folded = folded
            raise

    async def add(self, aggregate: Aggregate[Any], id_: str, event: Any, cause: Cause) -> None:
        """Adds one event that nobody decides: what was heard, what was read."""
        await self._add(aggregate, id_, event, self._facts(cause, id_), cause)

    def _facts(self, cause: Cause, id_: str) -> Facts:
        now = self._desk.clock.now()
        actor = cause.actor
        person = self._desk.ids.derive("person", actor.person) if actor.person else ""
        return Facts(
            actor=actor,
            now=now,
            today=london_day(now),
            new_id=self._desk.ids.new(),
            id=id_,
            person=person,
        )

    async def _add(
        self, own: Aggregate[Any], id_: str, decided: object, facts: Facts, cause: Cause
    ) -> None:
        aggregate, target, event = self._target(own, id_, decided)
        folded = await self.folded(aggregate, target)
        if isinstance(decided, On) and folded.version + 1 != decided.version:
            raise Broken(f"{decided.stream} was decided on another version than it has")
        stream, version = aggregate.stream(target), folded.version + 1
        meta = _meta(facts, cause)
        new, keys = await self._desk.streams.encode(stream, version, event, meta, folded)
        grown = Folded(state=aggregate.evolve(folded.state, event), version=version, keys=keys)
        self._folded[stream] = grown
        self.events.append(new)
        self._made.append(event)
        happened = Happened(
            id=target,
            stream=stream,
            version=version,
            at=instant(facts.now),
            today=facts.today.isoformat(),
            actor=cause.actor,
            state=grown.state,
            backfill=cause.backfill,
        )
        self._tell(event, happened, cause)

    def _target(
        self, own: Aggregate[Any], id_: str, decided: object
    ) -> tuple[Aggregate[Any], str, Any]:
        if not isinstance(decided, On):
            return own, id_, decided
        for aggregate in self._desk.service.aggregates:
            if type(decided.event) in aggregate.events:
                return aggregate, aggregate.id_of(decided.stream), decided.event
        raise Broken(f"{type(decided.event).__name__} belongs to no aggregate of this service")

    def _tell(self, event: Any, happened: Happened, cause: Cause) -> None:
        say = self._desk.service.says.get(type(event))
        if say is None:
            return
        index = len(self.events) - 1
        for place, tell in enumerate(say(event, happened)):
            self._made.append(tell.contract)
            self.contracts.append(_contract(tell, happened, cause, index, place))


class DraftReach:
    """What `facts.py` reaches while a draft is made: streams as the draft has left them, so that
    what is decided on a sibling is decided on what this very commit will make of it."""

    def __init__(self, reach: Reach, draft: Draft) -> None:
        self._reach = reach
        self._draft = draft

    @property
    def clock(self) -> Clock:
        return self._reach.clock

    @property
    def ids(self) -> Ids:
        return self._reach.ids

    @property
    def register(self) -> Register:
        return self._reach.register

    @property
    def adoptions(self) -> Sequence[FrameworkAdoption]:
        return self._reach.adoptions

    async def load(self, aggregate: Aggregate[S], id_: str) -> tuple[S, int]:
        folded = await self._draft.folded(aggregate, id_)
        return folded.state, folded.version

    async def story(self, aggregate: Aggregate[Any], id_: str) -> Sequence[tuple[Any, Any]]:
        return await self._reach.story(aggregate, id_)

    async def read(self, statement: Executable) -> Sequence[Any]:
        return await self._reach.read(statement)


def _meta(facts: Facts, cause: Cause) -> Meta:
    return Meta(
        command=facts.new_id,
        correlation=cause.correlation,
        causation=cause.causation,
        client=cause.actor.client,
        organisation=cause.actor.organisation,
        kind=cause.actor.kind,
        person=facts.person,
        at=instant(facts.now),
        traceparent=cause.traceparent,
        backfill=cause.backfill,
        filed=cause.filed,
    )


def _contract(tell: Tell, happened: Happened, cause: Cause, index: int, place: int) -> NewContract:
    try:
        envelope = seal_envelope(
            tell,
            stream=happened.stream,
            version=happened.version,
            correlation=cause.correlation,
            causation=cause.causation,
            traceparent=cause.traceparent,
        )
    except TooLarge:
        raise Invalid("", "too_large", "This is more than can be told; shorten it.") from None
    # One event may tell several contracts of one type (an activity on three cases): the id's
    # further part keeps source and id naming one content (E2).
    id_ = envelope.id if place == 0 else f"{envelope.id}/{place}"
    return NewContract(
        topic=envelope.topic,
        partition=envelope.partition,
        id=id_,
        type=envelope.type,
        key=envelope.key,
        subject=envelope.subject,
        time=envelope.time,
        attributes=envelope.attributes,
        data=envelope.data,
        event=index,
    )
