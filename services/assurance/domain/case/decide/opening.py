"""Opening a case and what reaches it later from the trust: marks, changes, erasure, hand-over."""

from dataclasses import dataclass, replace
from datetime import date

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import started_and_met, voided
from services.assurance.domain.case.messages import (
    Acknowledge,
    EraseText,
    HandOver,
    NoteChange,
    OpenCase,
    Reason,
    Reroute,
    Serious,
)
from services.assurance.domain.case.state import Case
from services.assurance.domain.rules.clocks import INITIAL, NOTIFY
from services.assurance.domain.rules.notes import ActivityErased
from services.assurance.domain.rules.routing import route
from shared.kernel.decider import Events, Facts, On
from shared.kernel.errors import Invalid, NotNow
from shared.nhs.clocks import report_rule_id
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


def open_case(case: Case, command: OpenCase, facts: OpeningFacts) -> Events:
    """Opens the case on the first mark, with its parties and clocks; a later mark of another kind
    is a further reason; a repeat is nothing."""
    if case.opened:
        return _add_reason(case, command, facts)
    opened = e.CaseOpened(
        incident=command.incident,
        occurred_at=command.occurred_at,
        framework=command.framework,
        reason=_reason(command),
        day=command.day,
        identified_on=command.identified_on,
        opened_on=facts.today,
        service_area=command.service_area,
        worst_harm=command.worst_harm,
        never_event=command.never_event,
        serious=command.serious,
        parties=_parties(command, facts),
    )
    return (opened, *_clocks(replace(case, framework_id=command.framework), command, facts.today))


def _reason(command: OpenCase) -> Reason:
    return "serious_incident" if command.serious else "never_event"


def _parties(command: OpenCase, facts: OpeningFacts) -> e.Parties:
    routing = route(
        provider=command.provider,
        service_area=command.service_area,
        day=command.day,
        today=facts.today,
        relations=facts.relations,
        successions=facts.successions,
        region=facts.region,
    )
    return e.Parties(
        found=routing.found,
        provider=command.provider,
        provider_acting=routing.provider_acting,
        lead=routing.lead,
        acting=routing.acting,
        associates=routing.associates,
        region=routing.region,
        register=facts.register,
    )


def _add_reason(case: Case, command: OpenCase, facts: Facts) -> Events:
    known = case.serious is not None if command.serious else "trust" in case.decisions
    if known:
        return _reclassified(case, command, facts.today)
    added = e.ReasonAdded(
        reason=_reason(command),
        on=facts.today,
        never_event=command.never_event,
        serious=command.serious,
    )
    return (added, *(() if case.closed_on else _clocks(case, command, facts.today)))


def _reclassified(case: Case, command: OpenCase, today: date) -> Events:
    decision = command.never_event
    if decision is None or decision == case.decisions.get("trust"):
        return ()
    return (e.ChangeNoted(what="classification", on=today, never_event=decision),)


def _clocks(case: Case, command: OpenCase, today: date) -> Events:
    """The clocks of a declaration; a never event alone starts none (SIF2015), and oversight
    under PSIRF2022 has none. The commissioner is told by the case itself, as declared."""
    serious = command.serious
    if serious is None or not case.framework.serious_class:
        return ()
    return (
        *started_and_met(
            case.framework_id, NOTIFY, serious.identified_on, serious.declared_on, today
        ),
        *started_and_met(
            case.framework_id, INITIAL, serious.identified_on, _initial_on(case), today
        ),
        *_report_clock(case, serious, today),
    )


def _initial_on(case: Case) -> date | None:
    return case.initial_review.submitted_on if case.initial_review else None


def _report_clock(case: Case, serious: Serious, today: date) -> Events:
    received = case.investigations[0].submitted_on if case.investigations else None
    rule = report_rule_id(serious.level)
    return started_and_met(case.framework_id, rule, serious.declared_on, received, today)


def note_change(case: Case, command: NoteChange, facts: Facts) -> Events:
    """Notes what changed at the trust; a withdrawn record's clocks no longer wait for anything."""
    _ = case.seats
    if command.what == "withdrawn" and case.withdrawn_on:
        return ()
    if command.never_event and command.never_event == case.decisions.get("trust"):
        return ()
    noted = e.ChangeNoted(
        what=command.what,
        on=facts.today,
        fields=command.fields,
        day=command.day,
        worst_harm=command.worst_harm,
        never_event=command.never_event,
    )
    void = case.running() if command.what == "withdrawn" else ()
    return (noted, *voided(void, facts.today, "withdrawn"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasingFacts(Facts):
    """The activities about this case and no other: stream and version of each."""

    activities: tuple[tuple[str, int], ...] = ()


def erase_text(case: Case, command: EraseText, facts: ErasingFacts) -> Events:
    """The case's text goes with the record's, once, and that of what was done about it alone."""
    _ = case.seats
    if case.erased:
        return ()
    told = ActivityErased(ground=command.ground)
    return (
        e.SubjectErased(ground=command.ground),
        *(On(stream, version + 1, told) for stream, version in facts.activities),
    )


def reroute(case: Case, command: Reroute, facts: ReroutingFacts) -> Events:
    """A region or the national body names the lead. Raises Invalid for what is no commissioner
    today, NotNow where it leads already."""
    case.require_open()
    if facts.kind != "commissioner":
        raise Invalid("/to", "not_a_commissioner", "No commissioner stands under this code today.")
    if command.to == case.seats.acting:
        raise NotNow("This commissioner leads the case already.")
    rerouted = e.CaseRerouted(
        to=command.to,
        former=case.seats.acting,
        by=facts.actor.organisation,
        on=facts.today,
        reason=command.reason,
    )
    return (rerouted,)


def hand_over(case: Case, command: HandOver, facts: Facts) -> Events:
    """What an organisation held, its successor holds, from the day on; nothing before it, and
    nothing where the former holds no part."""
    seats = case.seats
    held = {seats.acting, seats.provider_acting, *seats.associates}
    if command.former not in held or facts.today < command.on:
        return ()
    return (e.CaseHandedOver(former=command.former, to=command.to, on=command.on),)


def acknowledge(case: Case, command: Acknowledge, facts: Facts) -> Events:
    """The lead acknowledges, once; who does so looks after the case."""
    case.require_open()
    if case.unrouted:
        raise NotNow("No commissioner leads this case yet.")
    if case.acknowledged_on:
        raise NotNow("The case has been acknowledged already.")
    acknowledged = e.CaseAcknowledged(
        on=facts.today, organisation=facts.actor.organisation, person=facts.person
    )
    return (acknowledged,)
