"""What a new day asks of a case's clocks: each reminder and breach once, late after an outage."""

from dataclasses import replace

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import breached
from services.assurance.domain.case.messages import Tick
from services.assurance.domain.case.state import Case
from services.assurance.domain.rules.clocks import Clock, recomputed, reminders
from shared.kernel.decider import Events, Facts
from shared.nhs.clocks import Deadline


def tick(case: Case, command: Tick, facts: Facts) -> Events:
    """Calendar changes first, then reminders, then breaches; nothing once closed or withdrawn."""
    if not case.opened or case.closed_on or case.withdrawn_on:
        return ()
    return tuple(one for clock in case.running() for one in _asked(case, clock, facts))


def _asked(case: Case, clock: Clock, facts: Facts) -> Events:
    moved = recomputed(case.framework.id, clock, facts.today)
    current = clock if moved is None else replace(clock, due=moved.day)
    reminded = (
        e.ReminderDue(rule=clock.rule, n=clock.n, day=day, due=current.due)
        for day in reminders(case.framework.id, current, facts.today)
    )
    return (*_moved(clock, moved), *reminded, *breached(current, facts.today))


def _moved(clock: Clock, moved: Deadline | None) -> Events:
    if moved is None:
        return ()
    recounted = e.ClockRecomputed(
        rule=clock.rule,
        n=clock.n,
        old_due=clock.due,
        new_due=moved.day,
        calendar=moved.calendar_version,
    )
    return (recounted,)
