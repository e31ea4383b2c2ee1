"""Gathers what deciders of assurance must be told: relations, successions, register, cases."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from services.assurance.domain.activity.facts import ActivityFacts, SubjectCase
from services.assurance.domain.activity.messages import CorrectActivity, RecordActivity
from services.assurance.domain.activity.state import ACTIVITY, Activity, ids_of
from services.assurance.domain.case.facts import ErasingFacts, OpeningFacts, ReroutingFacts
from services.assurance.domain.case.messages import EraseText, HandOver, OpenCase, Reroute, Tick
from services.assurance.domain.case.relations import relations
from services.assurance.domain.case.state import CASE, Case
from services.assurance.domain.commissioning import (
    COMMISSIONING,
    SUCCESSION,
    EndRelation,
    PartyFacts,
    RecordRelation,
    RecordSuccession,
    SuccessionFacts,
)
from services.assurance.domain.rules.clocks import Clock, recomputed
from services.assurance.projections import worklist
from shared.kernel.clock import london_day
from shared.kernel.decider import Actor, Facts
from shared.nhs.organisations import PROVIDER_KINDS
from shared.nhs.relations import Relation, Succession
from shared.projections.reach import Reach


async def opening_facts(facts: Facts, case: Case, command: OpenCase, reach: Reach) -> OpeningFacts:
    """Who commissions the provider and who took over from whom; nothing for a case that is open,
    as it was routed when it opened."""
    version = reach.register.version
    if case.opened:
        return facts.extended(OpeningFacts, register=version)
    held = await _relations_of(command.provider, reach)
    parties = (command.provider, *(one.commissioner for one in held))
    return facts.extended(
        OpeningFacts,
        relations=held,
        successions=await _successions_from(parties, reach),
        region=reach.register.region_of(command.provider, command.day),
        register=version,
    )


async def rerouting_facts(
    facts: Facts, case: Case, command: Reroute, reach: Reach
) -> ReroutingFacts:
    """What the organisation named stands for today."""
    return facts.extended(ReroutingFacts, kind=reach.register.kind(command.to, facts.today))


async def erasing_facts(facts: Facts, case: Case, command: EraseText, reach: Reach) -> ErasingFacts:
    """The activities whose only case this is; what is about others too stays with them."""
    found = []
    for id_ in sorted(case.activities):
        activity, version = await reach.load(ACTIVITY, id_)
        if activity.ids_of("case") == (case.incident,):
            found.append((ACTIVITY.stream(id_), version))
    return facts.extended(ErasingFacts, activities=tuple(found))


async def succession_facts(
    facts: Facts, state: object, command: RecordSuccession, reach: Reach
) -> SuccessionFacts:
    """Who took over from the successor, and so on; what both were on either side of the day."""
    chain = await _successions_from((command.successor,), reach)
    last = command.on - timedelta(days=1)
    kinds = _kinds(reach, {facts.id: last, command.successor: command.on})
    return facts.extended(
        SuccessionFacts,
        chain=tuple(one.to for one in chain),
        kinds=kinds,
        region=reach.register.region_of(facts.id, last),
    )


async def party_facts(
    facts: Facts, state: object, command: RecordRelation | EndRelation, reach: Reach
) -> PartyFacts:
    """What provider and commissioner were on the relation's first day; one that runs today may
    have begun under a code before this one, which a table often leaves out."""
    runs = command.since <= facts.today and (command.until is None or facts.today <= command.until)
    days = (command.since, facts.today) if runs else (command.since,)
    stood = {
        code: next((on for on in days if reach.register.kind(code, on)), command.since)
        for code in (facts.id, command.commissioner)
    }
    return facts.extended(
        PartyFacts,
        kinds=_kinds(reach, stood),
        region=reach.register.region_of(facts.id, stood[facts.id]),
    )


def _kinds(reach: Reach, asked: Mapping[str, date]) -> dict[str, str]:
    found = {code: reach.register.kind(code, on) for code, on in asked.items()}
    return {code: kind for code, kind in found.items() if kind is not None}


async def activity_facts(
    facts: Facts, activity: Activity, command: Any, reach: Reach
) -> ActivityFacts:
    """Every case that is or was a subject, as this commit finds it."""
    named = activity.ids_of("case")
    providers: list[str] = []
    if isinstance(command, RecordActivity | CorrectActivity):
        named = (*named, *ids_of(command.subjects, "case"))
        asked = dict.fromkeys(ids_of(command.subjects, "provider"), command.on)
        providers = [code for code, kind in _kinds(reach, asked).items() if kind in PROVIDER_KINDS]
    cases: dict[str, SubjectCase] = {}
    for id_ in dict.fromkeys(named):
        case, version = await reach.load(CASE, id_)
        if case.parties is not None:
            cases[id_] = _subject(case, CASE.stream(id_), version, facts.actor)
    return facts.extended(ActivityFacts, cases=cases, providers=frozenset(providers))


def _subject(case: Case, stream: str, version: int, actor: Actor) -> SubjectCase:
    return SubjectCase(
        stream=stream,
        version=version,
        provider=case.seats.provider,
        commissioner=case.seats.lead,
        takes_part=bool(relations(case, actor) & {"lead", "associate"}),
    )


async def due_clocks(reach: Reach) -> Sequence[tuple[str, Tick]]:
    """The cases of which a clock asks for something today, or whose calendar has changed so that
    a due day moves."""
    today = london_day(reach.clock.now())
    woken = {row.case_id for row in await reach.read(worklist.clocks_awake(today))}
    recounted = {
        row.case_id
        for row in await reach.read(worklist.clocks_counted_otherwise(today))
        if recomputed(row.framework, _clock(row), today) is not None
    }
    return [(case, Tick()) for case in sorted(woken | recounted)]


def _clock(row: Any) -> Clock:
    return Clock(**{one.name: getattr(row, one.name) for one in fields(Clock)})


async def due_handovers(reach: Reach) -> Sequence[tuple[str, HandOver]]:
    """The cases in which an organisation holds a part that another has taken over by today."""
    today = london_day(reach.clock.now())
    rows = await reach.read(worklist.seats_taken_over(today))
    return [(row.case_id, HandOver(former=row.former, to=row.successor, on=row.on)) for row in rows]


async def _relations_of(provider: str, reach: Reach) -> tuple[Relation, ...]:
    commissioning, _ = await reach.load(COMMISSIONING, provider)
    return tuple(one.relation(provider) for one in commissioning.relations)


async def _successions_from(codes: Sequence[str], reach: Reach) -> tuple[Succession, ...]:
    """Every succession reached from some codes, each followed to its end."""
    found: dict[str, Succession] = {}
    waiting = list(dict.fromkeys(codes))
    while waiting:
        former = waiting.pop()
        taken, _ = await reach.load(SUCCESSION, former)
        if taken is not None and former not in found:
            found[former] = Succession(from_=former, to=taken.successor, on=taken.on)
            waiting.append(taken.successor)
    return tuple(found.values())
