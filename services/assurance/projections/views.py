"""Steps from an event to rows: the projections of assurance."""

from typing import Any

from services.assurance.domain import commissioning as c
from services.assurance.domain import marks
from services.assurance.domain.activity import messages as am
from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import CLOCK_STEPS
from services.assurance.domain.case.state import CASE
from services.assurance.domain.rules.clocks import Clock, wakes_on
from services.assurance.domain.rules.depth import MODES
from services.assurance.domain.rules.waiting import ITEMS
from services.assurance.projections import tables as t
from services.assurance.projections.case_rows import CASE_STEPS, seats_of
from services.assurance.projections.waiting_rows import moves
from shared.kernel.clock import london_day
from shared.projections.base import Projection, Row, Rows, Seen

TOLD: frozenset[type[Any]] = frozenset(
    {
        c.RelationRecorded,
        c.RelationEnded,
        c.SuccessionRecorded,
        e.CaseOpened,
        e.CaseAcknowledged,
        e.CaseRerouted,
        e.CaseHandedOver,
        e.ClassificationDecided,
        e.InitialReviewAccepted,
        e.FurtherInformationRequested,
        e.InvestigationAccepted,
        e.InvestigationReturned,
        e.ClockBreached,
        e.CaseClosed,
        marks.ActivityNoted,
        marks.ActivityNoteCorrected,
        marks.ActivityNoteWithdrawn,
    }
)
"""The events that are told (a test holds this equal to the publisher's table)."""


async def case_view(rows: Rows, event: Any, seen: Seen) -> None:
    """One event of a case: its row, its seats, its clock, its lists, and who is shown it."""
    before = await rows.get(t.CASES, id=seen.id)
    row = _case_row(before, event, seen)
    rows.put(t.CASES, **row)
    seats, held = seats_of(row), seats_of(before) if before else frozenset()
    for seat, organisation in sorted(held - seats):
        rows.delete(t.SEATS, case_id=seen.id, seat=seat, organisation=organisation)
    for seat, organisation in sorted(seats - held):
        rows.put(t.SEATS, case_id=seen.id, seat=seat, organisation=organisation)
    await _clock(rows, row, event, seen)
    await _waiting(rows, row, event, seen)
    if type(event) in TOLD:
        _tell(rows, seen, {code for _, code in held | seats}, seen.id)


def _case_row(before: Row | None, event: Any, seen: Seen) -> Row:
    step = CASE_STEPS.get(type(event))
    changed = step(before or {}, event) if step else {}
    return {**(before or {}), **changed, "id": seen.id, "version": seen.version}


async def _clock(rows: Rows, row: Row, event: Any, seen: Seen) -> None:
    step = CLOCK_STEPS.get(type(event))
    if step is None:
        return
    held = await rows.get(t.CLOCKS, case_id=seen.id, rule=event.rule, n=event.n)
    clock = step(_clock_of(held) if held else None, event)
    if clock is not None:
        rows.put(t.CLOCKS, case_id=seen.id, **_clock_row(row["framework"], clock))


def _clock_of(row: Row) -> Clock:
    return Clock(**{name: row[name] for name in Clock.__dataclass_fields__})


def _clock_row(framework: str, clock: Clock) -> Row:
    return {
        **{name: getattr(clock, name) for name in Clock.__dataclass_fields__},
        "framework": framework,
        "running": clock.running,
        "wakes_on": wakes_on(framework, clock),
    }


async def _waiting(rows: Rows, row: Row, event: Any, seen: Seen) -> None:
    found = moves(row, event)
    for item in found.done:
        rows.delete(t.WAITING, case_id=seen.id, item=item)
    for item, due in found.put.items():
        held = await rows.get(t.WAITING, case_id=seen.id, item=item)
        rows.put(
            t.WAITING,
            case_id=seen.id,
            item=item,
            step=ITEMS[item].step,
            seat=_seat(item, row),
            since=held["since"] if held else london_day(seen.recorded_at),
            due=due,
        )


def _seat(item: str, row: Row) -> str:
    seat = ITEMS[item].seat
    return "national" if seat == "region" and row["region"] is None else seat


def _tell(rows: Rows, seen: Seen, organisations: set[str], case_id: str | None) -> None:
    rows.put(t.TOLD, position=seen.position, case_id=case_id)
    for organisation in sorted(organisations):
        rows.put(t.TOLD_TO, organisation=organisation, position=seen.position)


async def relation_told(rows: Rows, event: Any, seen: Seen) -> None:
    """A relation is shown to both of its sides."""
    _tell(rows, seen, {seen.id, event.commissioner}, None)


async def succession_told(rows: Rows, event: c.SuccessionRecorded, seen: Seen) -> None:
    """A succession is shown to who went and who came."""
    _tell(rows, seen, {seen.id, event.successor}, None)


async def relation_view(rows: Rows, event: Any, seen: Seen) -> None:
    """A relation as it now stands."""
    rows.put(
        t.RELATIONS,
        provider=seen.id,
        commissioner=event.commissioner,
        role=event.role,
        areas=" ".join(event.scope),
        since=event.since,
        until=event.until,
    )


async def succession_view(rows: Rows, event: c.SuccessionRecorded, seen: Seen) -> None:
    """Who took over."""
    rows.put(t.SUCCESSIONS, former=seen.id, successor=event.successor, on=event.on)


async def activity_view(
    rows: Rows, event: am.ActivityRecorded | am.ActivityCorrected, seen: Seen
) -> None:
    """An activity as it now stands, in codes, with its subjects."""
    before = await rows.get(t.ACTIVITIES, id=seen.id)
    for kind, subject in _pairs(before["subjects"] if before else []):
        rows.delete(t.ACTIVITY_SUBJECTS, kind=kind, subject=subject, activity=seen.id)
    subjects = [{"kind": one.kind, "id": one.id} for one in event.subjects]
    for kind, subject in _pairs(subjects):
        rows.put(t.ACTIVITY_SUBJECTS, kind=kind, subject=subject, activity=seen.id)
    rows.put(
        t.ACTIVITIES,
        id=seen.id,
        version=seen.version,
        commissioner=event.commissioner,
        on=event.on,
        until=event.until,
        modes=list(event.modes),
        participants=list(event.participants),
        topic=event.topic,
        depth=event.depth,
        depth_rule=event.depth_rule,
        subjects=subjects,
        corrected=before is not None,
        withdrawn=False,
    )


def _pairs(subjects: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted({(one["kind"], one["id"]) for one in subjects})


async def activity_withdrawn(rows: Rows, event: am.ActivityWithdrawn, seen: Seen) -> None:
    """It stays readable and counts no more."""
    row = await rows.get(t.ACTIVITIES, id=seen.id)
    rows.put(t.ACTIVITIES, **{**(row or {}), "version": seen.version, "withdrawn": True})


async def modes_noted(
    rows: Rows, event: marks.ActivityNoted | marks.ActivityNoteCorrected, seen: Seen
) -> None:
    """The ways in which an activity looked into a case, as it now stands."""
    _without_modes(rows, event.activity, seen)
    for mode in event.modes:
        rows.put(
            t.ACTIVITY_MODES,
            activity=event.activity,
            case_id=seen.id,
            mode=mode,
            provider=event.provider,
            on=event.on,
        )


async def modes_withdrawn(rows: Rows, event: marks.ActivityNoteWithdrawn, seen: Seen) -> None:
    """It counts no more for this case; it may for another."""
    _without_modes(rows, event.activity, seen)


def _without_modes(rows: Rows, activity: str, seen: Seen) -> None:
    for mode in MODES:
        rows.delete(t.ACTIVITY_MODES, activity=activity, case_id=seen.id, mode=mode)


PROJECTIONS: tuple[Projection, ...] = (
    Projection(
        name="cases",
        tables=(t.CASES, t.CLOCKS, t.WAITING, t.SEATS, t.TOLD, t.TOLD_TO),
        views={
            **dict.fromkeys(CASE.events, case_view),
            c.RelationRecorded: relation_told,
            c.RelationEnded: relation_told,
            c.SuccessionRecorded: succession_told,
        },
    ),
    Projection(
        name="activities",
        tables=(t.ACTIVITIES, t.ACTIVITY_SUBJECTS),
        views={
            am.ActivityRecorded: activity_view,
            am.ActivityCorrected: activity_view,
            am.ActivityWithdrawn: activity_withdrawn,
        },
    ),
    Projection(
        name="activity_modes",
        tables=(t.ACTIVITY_MODES,),
        views={
            marks.ActivityNoted: modes_noted,
            marks.ActivityNoteCorrected: modes_noted,
            marks.ActivityNoteWithdrawn: modes_withdrawn,
        },
    ),
    Projection(
        name="commissioning",
        tables=(t.RELATIONS, t.SUCCESSIONS),
        views={
            c.RelationRecorded: relation_view,
            c.RelationEnded: relation_view,
            c.SuccessionRecorded: succession_view,
        },
    ),
)
