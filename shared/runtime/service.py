"""A service as one frozen value: what it can be asked, what it hears, what it tells and shows."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from fastapi import APIRouter
from sqlalchemy import MetaData, Select

from shared.contracts.base import spec_of
from shared.contracts.envelope import CloudEvent
from shared.contracts.saying import Happened as Happened
from shared.contracts.saying import Say as Say
from shared.kernel.decider import Actor, Aggregate, Events, Facts
from shared.nhs.relations import Relation
from shared.projections.base import Projection
from shared.projections.reach import Reach as Reach
from shared.runtime.awaited import Awaited as Awaited
from shared.runtime.home import Panel as Panel
from shared.web.context import Web as Web

S = TypeVar("S")

Gather = Callable[[Facts, Any, Any, Reach], Awaitable[Facts]]
"""(base facts, state, command, reach) -> the facts that the decider needs."""


Standing = Callable[[Reach, Actor], Awaitable[frozenset[str]]]
"""(reach, actor) -> the organisations whose part the actor's takes today, its own among them."""


async def itself(reach: Reach, actor: Actor) -> frozenset[str]:
    """For a service that hears of no successions."""
    return frozenset({actor.organisation})


async def plain_facts(facts: Facts, state: Any, command: Any, reach: Reach) -> Facts:
    """For a decider that needs nothing beyond who, when and one new id."""
    return facts


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """One row of a service's COMMANDS: what mounts as a route and what reactions use.

    `route` is "METHOD /path/{id}" without the service's prefix; its first placeholder is the
    aggregate's id, a further one fills the command's field of that name; None: reactions and
    timers alone. `may` names the row of the permission table. `identify` (for a command that
    creates) gives the parts that identify the thing, or None where client and request key do.
    `target` (with `creates`) gives the id from a command whose fields the whole path fills, and
    the actor; its stream may be there already.
    `begins`: the path names the thing's id, and its stream may be new. `needs_match`: If-Match is
    required (PUT). `receipt` (with `creates`): the answer holds a signed receipt of what was filed.
    `relations` tells pure words for what the actor's organisation is to the thing.
    """

    type: type[Any]
    route: str | None
    _: KW_ONLY
    may: str
    on: Aggregate[S]
    decide: Callable[[S, Any, Any], Events]
    facts: Gather = plain_facts
    creates: bool = False
    begins: bool = False
    target: Callable[[Any, Actor], str] | None = None
    identify: Callable[[Any, Actor], tuple[str, ...] | None] = lambda command, actor: None
    relations: Callable[[S, Actor], frozenset[str]] = lambda state, actor: frozenset()
    needs_match: bool = False
    status: int = 202
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class To:
    """A reaction's target: a command of the own service on one stream of it.

    `create` allows the stream to be new.
    """

    id: str
    command: Any
    create: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A contract as a reaction meets it."""

    contract: Any
    event: CloudEvent


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row of REACTIONS: a contract and the commands it becomes; pure.

    `hears` is the contract's class. `does` computes targets from the record. `remember` True
    records the contract itself in the own log (`heard-<source stream>`), for views to project.
    """

    hears: type[Any]
    does: Callable[[Heard], Iterable[To]] = lambda heard: ()
    remember: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """A reaction to time: every `seconds` of real time, `due` looks up in facts.py what is due
    and answers commands; each decides for itself whether it still holds."""

    name: str
    seconds: float
    due: Callable[[Reach], Awaitable[Sequence[To]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything a service is. Only its `service.py` makes one.

    `awaited` says what waits for people; `clocks` is a statement whose rows are the rule, the due
    day and the count of clocks that run.
    """

    name: str
    title: str
    description: str
    aggregates: tuple[Aggregate[Any], ...]
    commands: tuple[Command[Any], ...]
    reactions: tuple[Reaction, ...] = ()
    timers: tuple[Timer, ...] = ()
    says: Mapping[type[Any], Say] = field(default_factory=dict)
    projections: tuple[Projection, ...] = ()
    tables: MetaData = field(default_factory=MetaData)
    migrations: Path
    routers: tuple[Callable[[Web], APIRouter], ...] = ()
    topics: tuple[str, ...] = ()
    erases: tuple[type[Any], ...] = ()
    imports_relations: Callable[[Sequence[Relation]], Sequence[To]] | None = None
    acts_for: Standing = itself
    panel: Callable[[Reach], Awaitable[Panel]] | None = None
    awaited: tuple[Awaited, ...] = ()
    clocks: Callable[[], Select[Any]] | None = None

    @property
    def hears(self) -> tuple[str, ...]:
        """The foreign topics that this service listens to."""
        return tuple(sorted({spec_of(one.hears).topic for one in self.reactions}))

    def row_for(self, command: type[Any]) -> Command[Any]:
        """The row of a command class. Raises KeyError where there is none."""
        return next(row for row in self.commands if row.type is command)
