"""Reporting, amending and withdrawing an event."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import cast

from services.intake.domain.incident.decide.proposals import proposed_again, proposed_at_first
from services.intake.domain.incident.decide.soundness import require_sound
from services.intake.domain.incident.facts import RecordFacts, numbered
from services.intake.domain.incident.messages.report import (
    Account,
    AmendEvent,
    Basis,
    Changes,
    EventAmended,
    EventReported,
    EventWithdrawn,
    Patient,
    Report,
    ReportEvent,
    Told,
    WithdrawEvent,
)
from services.intake.domain.incident.state import Incident, without_erased
from shared.kernel.clock import day_of
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import AlreadyExists, Invalid
from shared.nhs.harm import Harm, HarmWord, PsychologicalHarmWord, worse, worst_harm


def filled_in(told: Told, reported_by: str) -> Report:
    """The account with who, where and whose filled in; see `Told` for what is assumed."""
    occurred_at = told.occurred_at or reported_by
    return Report(
        **{one.name: getattr(told, one.name) for one in fields(Account)},
        identified_on=told.identified_on or day_of(told.occurred),
        occurred_at=occurred_at,
        leads=told.leads or occurred_at,
    )


def amended_record(state: Incident, command: AmendEvent) -> Report:
    """The record as an amendment would have it: its identity and what was erased stay as they
    are. Raises Invalid for another reference."""
    before = state.require_live()
    wanted = filled_in(command, state.reported_by)
    if wanted.reference is not None and wanted.reference != before.reference:
        raise Invalid("/reference", "fixed", "The reference identifies the record and stays.")
    return without_erased(replace(wanted, reference=before.reference), state.erased)


def report_event(state: Incident, command: ReportEvent, facts: RecordFacts) -> Events:
    """A new record, and a proposal where its words suggest a never event."""
    if state.report is not None:
        raise AlreadyExists("This event was reported before; amend it instead.")
    reported_by = facts.actor.organisation
    report = filled_in(command, reported_by)
    require_sound(report, facts.now, facts.today)
    worst = worst_harm([_harm(one) for one in report.patients])
    reported = EventReported(
        report=report,
        reported_by=reported_by,
        basis=_basis(report, facts, facts.framework, worst),
        passages=numbered(facts.flags, 0),
    )
    return [reported, *proposed_at_first(report, facts.framework)]


def amend_event(state: Incident, command: AmendEvent, facts: RecordFacts) -> Events:
    """What changed, and a proposal where date, place, harm or framework moved under a decision.

    The framework follows its day and organisation until something was decided or sent under it;
    from then on it stays. Nothing is recorded where nothing changed.
    """
    before, after = state.told, amended_record(state, command)
    require_sound(after, facts.now, facts.today)
    changed = tuple(_differing(before, after))
    if not changed:
        return []
    framework = state.grounds.framework if state.under_way else facts.framework
    basis = _basis(after, facts, framework, _worst_of(state, after))
    amended = EventAmended(
        changes=Changes(**{name: getattr(after, name) for name in changed if _kept(after, name)}),
        cleared=tuple(name for name in changed if not _kept(after, name)),
        changed=(*changed, *_following(state.grounds, basis)),
        basis=basis,
        passages=numbered(tuple(one for one in facts.flags if one.text in changed), state.numbered),
        reason=command.reason,
    )
    return [amended, *proposed_again(state, after, basis, facts.framework)]


def withdraw_event(state: Incident, command: WithdrawEvent, facts: Facts) -> Events:
    """The record leaves the counts. Raises NotNow where it did so before."""
    state.require_live()
    return [EventWithdrawn(reason=command.reason, explanation=command.explanation)]


def _basis(report: Report, facts: RecordFacts, framework: str, worst: str | None) -> Basis:
    named = {"occurred_at": report.occurred_at, "leads": report.leads}
    return Basis(
        worst_harm=worst,
        framework=framework,
        unverified=tuple(name for name, code in named.items() if code not in facts.known),
        register=facts.register,
    )


def _worst_of(state: Incident, after: Report) -> str | None:
    """The worst harm over the patients; what was erased from one still counts."""
    told = worst_harm([_harm(one) for one in after.patients])
    before = cast("HarmWord | None", state.grounds.worst_harm)
    if before is None or not any(one.startswith("patient") for one in state.erased):
        return told
    return before if told is None else worse(before, told)


def _harm(patient: Patient) -> Harm:
    return Harm(
        physical_harm=cast("HarmWord | None", patient.physical_harm),
        psychological_harm=cast("PsychologicalHarmWord | None", patient.psychological_harm),
    )


def _differing(before: Report, after: Report) -> Iterator[str]:
    for one in fields(Report):
        if getattr(before, one.name) != getattr(after, one.name):
            yield one.name


def _kept(after: Report, name: str) -> bool:
    return getattr(after, name) is not None


def _following(before: Basis, after: Basis) -> tuple[str, ...]:
    return tuple(
        name
        for name in ("worst_harm", "framework")
        if getattr(before, name) != getattr(after, name)
    )
