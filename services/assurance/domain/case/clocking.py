"""A case's clocks in its events: started, met, breached; and what each event makes of a clock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.assurance.domain.case import events as e
from services.assurance.domain.rules.clocks import Clock, deadline, is_breached
from shared.nhs.clocks import NoSuchRule


def started(
    framework: str, rule: str, day0: date, today: date, n: int = 1
) -> tuple[e.ClockStarted, ...]:
    """A clock that runs from a London day, which is not counted; none for a day on which no such
    rule was in force, as in records older than the framework."""
    try:
        end = deadline(framework, rule, day0, today)
    except NoSuchRule:
        return ()
    start = e.ClockStarted(
        rule=rule,
        n=n,
        started_on=day0,
        due=end.day,
        calendar=end.calendar_version,
        noted_on=today,
    )
    return (start,)


def started_and_met(
    framework: str, rule: str, day0: date, on: date | None, today: date
) -> tuple[object, ...]:
    """A clock that starts and, where what it waits for came on `on`, is met at once."""
    start = started(framework, rule, day0, today)
    if not start or on is None:
        return start
    return (*start, *met(begin(start[0]), on, today))


def met(clock: Clock | None, on: date, today: date) -> tuple[object, ...]:
    """The clock's end; a breach that no tick has recorded yet is recorded before it, so that an
    outage loses none. Nothing for a clock that does not run."""
    if clock is None or not clock.running:
        return ()
    done = e.ClockMet(rule=clock.rule, n=clock.n, on=on)
    late = clock.breached_on is None and clock.due < on
    return (_breach(clock, today), done) if late else (done,)


def breached(clock: Clock, today: date) -> tuple[e.ClockBreached, ...]:
    """The breach that the day asks for, if any."""
    return (_breach(clock, today),) if is_breached(clock, today) else ()


def voided(clocks: tuple[Clock, ...], on: date, cause: Any) -> tuple[e.ClockVoided, ...]:
    """Every one of some running clocks ends without having been met."""
    return tuple(e.ClockVoided(rule=one.rule, n=one.n, on=on, cause=cause) for one in clocks)


def _breach(clock: Clock, today: date) -> e.ClockBreached:
    return e.ClockBreached(
        rule=clock.rule,
        n=clock.n,
        due=clock.due,
        on=today,
        historical=clock.due < clock.noted_on,
    )


def begin(event: e.ClockStarted) -> Clock:
    """The clock that an event starts."""
    return Clock(
        rule=event.rule,
        n=event.n,
        started_on=event.started_on,
        first_due=event.due,
        due=event.due,
        calendar=event.calendar,
        noted_on=event.noted_on,
    )


def _on_running(step: Callable[[Clock, Any], Clock]) -> Callable[[Clock | None, Any], Clock | None]:
    return lambda clock, event: None if clock is None else step(clock, event)


CLOCK_STEPS: Mapping[type[Any], Callable[[Clock | None, Any], Clock | None]] = {
    e.ClockStarted: lambda clock, event: begin(event),
    e.ClockMet: _on_running(lambda clock, event: replace(clock, met_on=event.on)),
    e.ClockBreached: _on_running(lambda clock, event: replace(clock, breached_on=event.on)),
    e.ReminderDue: _on_running(lambda clock, event: replace(clock, reminded_on=event.day)),
    e.ClockRecomputed: _on_running(
        lambda clock, event: replace(clock, due=event.new_due, calendar=event.calendar)
    ),
    e.ClockVoided: _on_running(lambda clock, event: replace(clock, voided_on=event.on)),
}
"""How each event moves a clock; shared by the state and by views."""
