"""A made-up service for trying the runtime: boxes that are filled, and shelves they stand on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shared.contracts.envelope import Tell
from shared.contracts.learning import LessonDrawnV1, LessonPublishedV1, LessonWithdrawnV1
from shared.contracts.saying import Happened
from shared.kernel.decider import Actor, Aggregate, Events, Facts, On
from shared.kernel.errors import Invalid, NotNow
from shared.kernel.messages import command, event, value
from shared.kernel.words import Sealed, SealedOfPatient, SealedOfReporter
from shared.projections.reach import Reach
from shared.runtime.service import Command, Heard, Reaction, Service, To

TOPIC = "opendoor.learning.v1"
"""Where boxes tell: contracts of learning serve, so that the registry holds none of a test's."""


@value
class Named:
    number: int
    name: SealedOfPatient[str]


@event("box_made")
class BoxMade:
    owner: str
    label: Sealed[str] | None = None
    maker: SealedOfReporter[str] | None = None
    named: tuple[Named, ...] = ()


@event("box_filled")
class BoxFilled:
    by: int
    tells: int = 1
    words: int = 0


@event("box_labelled")
class BoxLabelled:
    label: Sealed[str]
    maker: SealedOfReporter[str] | None = None
    named: tuple[Named, ...] = ()


@event("box_closed")
class BoxClosed:
    pass


@event("subject_erased")
class SubjectErased:
    scope: str
    patient: int | None = None


@event("shelf_noted")
class ShelfNoted:
    box: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    owner: str = ""
    label: str | None = None
    maker: str | None = None
    names: tuple[str, ...] = ()
    held: int = 0
    closed: bool = False


def _labelled(box: Box, told: BoxMade | BoxLabelled) -> Box:
    names = tuple(one.name for one in told.named)
    return replace(box, label=told.label, maker=told.maker, names=names)


BOX: Aggregate[Box] = Aggregate(
    name="box",
    initial=Box(),
    steps={
        BoxMade: lambda box, made: _labelled(replace(box, owner=made.owner), made),
        BoxFilled: lambda box, filled: replace(box, held=box.held + filled.by),
        BoxLabelled: lambda box, labelled: _labelled(box, labelled),
        BoxClosed: lambda box, closed: replace(box, closed=True),
        SubjectErased: lambda box, erased: box,
    },
)
SHELF: Aggregate[tuple[str, ...]] = Aggregate(
    name="shelf", initial=(), steps={ShelfNoted: lambda held, noted: (*held, noted.box)}
)


@command
class MakeBox:
    reference: str | None = None
    label: str | None = None
    maker: str | None = None
    names: tuple[str, ...] = ()


@command
class FillBox:
    """`then` is a further filling by the same command; `words` is how long its contract gets."""

    by: int
    tells: int = 1
    words: int = 0
    then: int | None = None


@command
class LabelBox:
    label: str
    maker: str | None = None
    names: tuple[str, ...] = ()


@command
class CloseBox:
    pass


@command
class EraseSubject:
    scope: str
    patient: int | None = None


@command
class PutOnShelf:
    shelf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFacts(Facts):
    shelf_version: int
    shelf: tuple[str, ...]


def make(box: Box, command: MakeBox, facts: Facts) -> Events:
    if command.label == "":
        raise Invalid("/label", "empty", "A label says something.")
    made = BoxMade(
        owner=facts.actor.organisation,
        label=command.label,
        maker=command.maker,
        named=_named(command.names),
    )
    return (made,)


def fill(box: Box, command: FillBox, facts: Facts) -> Events:
    if box.closed:
        raise NotNow("The box is closed.")
    if command.by == 0:
        return ()
    if command.by < 0:
        raise ValueError("nobody foresaw this")
    first = BoxFilled(by=command.by, tells=command.tells)
    if command.then is None:
        return (replace(first, words=command.words),)
    return first, BoxFilled(by=command.then, tells=command.tells, words=command.words)


def label(box: Box, command: LabelBox, facts: Facts) -> Events:
    named = _named(command.names)
    return (BoxLabelled(label=command.label, maker=command.maker, named=named),)


def close(box: Box, command: CloseBox, facts: Facts) -> Events:
    return () if box.closed else (BoxClosed(),)


def erase(box: Box, command: EraseSubject, facts: Facts) -> Events:
    return (SubjectErased(scope=command.scope, patient=command.patient),)


def put_on_shelf(box: Box, command: PutOnShelf, facts: ShelfFacts) -> Events:
    if facts.id in facts.shelf:
        return ()
    noted = ShelfNoted(box=facts.id)
    on = On(stream=SHELF.stream(command.shelf), version=facts.shelf_version + 1, event=noted)
    return BoxFilled(by=1), on


async def shelf_facts(facts: Facts, box: Box, command: PutOnShelf, reach: Reach) -> ShelfFacts:
    shelf, version = await reach.load(SHELF, command.shelf)
    return ShelfFacts(
        actor=facts.actor,
        now=facts.now,
        today=facts.today,
        new_id=facts.new_id,
        id=facts.id,
        shelf_version=version,
        shelf=shelf,
    )


def _named(names: tuple[str, ...]) -> tuple[Named, ...]:
    return tuple(Named(number=n, name=name) for n, name in enumerate(names, start=1))


def relations(box: Box, actor: Actor) -> frozenset[str]:
    """The owner's own; OTHER sees every box, and may do nothing to it."""
    if actor.organisation == box.owner:
        return frozenset({"own"})
    return frozenset({"associate"}) if actor.organisation == "OTHER" else frozenset()


def identity(command: MakeBox, actor: Actor) -> tuple[str, ...] | None:
    return (actor.organisation, command.reference) if command.reference else None


def _on_box(type_: type[Any], decide: Any, **more: Any) -> Command[Box]:
    return Command(
        type_, None, may="amend_event", on=BOX, decide=decide, relations=relations, **more
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command(
        MakeBox,
        None,
        may="report_event",
        on=BOX,
        decide=make,
        creates=True,
        identify=identity,
        status=201,
    ),
    _on_box(FillBox, fill),
    _on_box(LabelBox, label),
    _on_box(CloseBox, close),
    _on_box(EraseSubject, erase),
    _on_box(PutOnShelf, put_on_shelf, facts=shelf_facts),
)


def say_filled(filled: BoxFilled, happened: Happened) -> Iterator[Tell]:
    for _ in range(filled.tells):
        told = LessonWithdrawnV1(
            lesson=happened.id,
            number=str(happened.state.held),
            version=happened.version,
            reason="w" * filled.words,
            withdrawn_on=happened.today,
        )
        yield Tell(contract=told, time=happened.at, subject=happened.id)


def on_drawn(heard: Heard) -> Iterator[To]:
    """The boxes named are filled: by as many as the version says, the last word being `what`."""
    drawn: LessonDrawnV1 = heard.contract
    for box in drawn.incidents:
        match drawn.what:
            case "close":
                yield To(box, CloseBox(), create=False)
            case "twice":
                yield To(box, FillBox(by=drawn.version, then=1, words=70_000))
            case "shelf":
                yield To(box, PutOnShelf(shelf=drawn.number))
            case _:
                yield To(box, FillBox(by=drawn.version))


async def acts_for(reach: Reach, actor: Actor) -> frozenset[str]:
    """HEIR took over from OWNER."""
    former = {"OWNER"} if actor.organisation == "HEIR" else set()
    return frozenset({actor.organisation, *former})


service = Service(
    name="boxes",
    title="Boxes",
    description="Made up.",
    aggregates=(BOX, SHELF),
    commands=COMMANDS,
    reactions=(
        Reaction(hears=LessonDrawnV1, does=on_drawn),
        Reaction(hears=LessonPublishedV1, remember=True),
    ),
    says={BoxFilled: say_filled},
    migrations=Path(__file__).parent / "migrations",
    topics=(TOPIC,),
    erases=(SubjectErased,),
    acts_for=acts_for,
)
