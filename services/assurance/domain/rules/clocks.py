"""A case's clocks as plain values: when one falls due, what wakes it, what a day asks of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.nhs.calendar import calendar_version
from shared.nhs.clocks import Deadline, due, reminder_days, report_rule_id, rule

NOTIFY, INITIAL, QA = "SIF-NOTIFY", "SIF-INITIAL", "SIF-QA"
REPORTS = tuple(report_rule_id(level) for level in (1, 2, 3))


def declared_rules(level: int) -> tuple[str, ...]:
    """The clocks that a declaration of an investigation level starts (SIF2015)."""
    return (NOTIFY, INITIAL, report_rule_id(level))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock: rule and number, its London days, and the calendar it was counted by.

    `noted_on` is the day on which this log learned of it. It runs until it is met or void.
    """

    rule: str
    n: int
    started_on: date
    first_due: date
    due: date
    calendar: str
    noted_on: date
    met_on: date | None = None
    breached_on: date | None = None
    voided_on: date | None = None
    reminded_on: date | None = None

    @property
    def running(self) -> bool:
        """Whether it still waits for what stops it."""
        return self.met_on is None and self.voided_on is None


def deadline(framework: str, rule_id: str, started_on: date, known_on: date) -> Deadline:
    """When a clock started on a London day (day 0, not counted) falls due, by the calendar as
    announced on `known_on`. Raises NoSuchRule, NoDeadline."""
    return due(rule(framework, rule_id, started_on), started_on, known_on=known_on)


def is_breached(clock: Clock, today: date) -> bool:
    """Whether a breach is to be recorded: running, past the end of its due day, not recorded."""
    return clock.running and clock.breached_on is None and clock.due < today


def reminders(framework: str, clock: Clock, today: date) -> tuple[date, ...]:
    """Days on which a reminder fell and none was given, earliest first. One that had passed
    before the clock was known here was never owed, and after the due day the breach speaks."""
    if not clock.running or today > clock.due:
        return ()
    given = max(clock.noted_on, clock.reminded_on or clock.noted_on)
    days = reminder_days(rule(framework, clock.rule, clock.started_on), clock.due)
    return tuple(day for day in days if given < day <= today)


def recomputed(framework: str, clock: Clock, today: date) -> Deadline | None:
    """The new deadline where a later calendar moves it; None where it stays, or is past."""
    if not clock.running or clock.breached_on or clock.calendar == calendar_version(today):
        return None
    moved = deadline(framework, clock.rule, clock.started_on, today)
    return moved if moved.day != clock.due else None


def wakes_on(framework: str, clock: Clock) -> date | None:
    """The first London day on which the clock asks for something; None once it is silent."""
    if not clock.running or clock.breached_on is not None:
        return None
    owed = reminders(framework, clock, clock.due)
    return min((*owed, clock.due + timedelta(days=1)))
