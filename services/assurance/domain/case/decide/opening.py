"""Opening a case by its first mark, with parties and clocks; a later mark adds its reason."""

from datetime import date

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import started_and_met
from services.assurance.domain.case.facts import OpeningFacts
from services.assurance.domain.case.messages import OpenCase, Reason, Serious
from services.assurance.domain.case.state import Case
from services.assurance.domain.rules.clocks import INITIAL, NOTIFY
from services.assurance.domain.rules.routing import route
from shared.kernel.decider import Events, Facts
from shared.nhs.clocks import report_rule_id
from shared.nhs.frameworks import Framework, framework


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
    return (opened, *_clocks(case, framework(command.framework), command.serious, facts.today))


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
    return (
        added,
        *(() if case.closed_on else _clocks(case, case.framework, command.serious, facts.today)),
    )


def _reclassified(case: Case, command: OpenCase, today: date) -> Events:
    decision = command.never_event
    if decision is None or decision == case.decisions.get("trust"):
        return ()
    return (e.ChangeNoted(what="classification", on=today, never_event=decision),)


def _clocks(case: Case, under: Framework, serious: Serious | None, today: date) -> Events:
    """The clocks of a declaration; a never event alone starts none (SIF2015), and oversight
    under PSIRF2022 has none. The commissioner is told by the case itself, as declared."""
    if serious is None or not under.serious_class:
        return ()
    since = serious.identified_on
    return (
        *started_and_met(under.id, NOTIFY, since, serious.declared_on, today),
        *started_and_met(under.id, INITIAL, since, _initial_on(case), today),
        *_report_clock(case, under, serious, today),
    )


def _initial_on(case: Case) -> date | None:
    return case.initial_review.submitted_on if case.initial_review else None


def _report_clock(case: Case, under: Framework, serious: Serious, today: date) -> Events:
    received = case.investigations[0].submitted_on if case.investigations else None
    rule = report_rule_id(serious.level)
    return started_and_met(under.id, rule, serious.declared_on, received, today)
