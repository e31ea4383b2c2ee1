"""Clocks as data: what starts them, what stops them, and the day on which they fall due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.nhs.calendar import (
    add_calendar_days,
    add_calendar_months,
    add_working_days,
    calendar_version,
    end_of_london_day,
    working_days_between,
)
from shared.nhs.clock_rules import REMINDERS, RULES, ClockRule, Reminder

__all__ = [
    "ANY",
    "REMINDERS",
    "RULES",
    "ClockRule",
    "Deadline",
    "NoDeadline",
    "NoSuchRule",
    "Reminder",
    "after_stop",
    "agreed_due",
    "due",
    "reminder_days",
    "report_rule_id",
    "rule",
    "rules_on",
]

ANY = "ANY"
_REPORT_RULE = {1: "SIF-REPORT-1", 2: "SIF-REPORT-2", 3: "SIF-REPORT-3"}
Level = Literal[1, 2, 3]


class NoSuchRule(LookupError):
    """No clock of that name was in force under that framework on that day."""


class NoDeadline(ValueError):
    """The rule fixes no day, or cannot be stopped, or the agreed day breaks its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A due day in London, its end (23:59:59 London) as a UTC instant, the calendar counted by."""

    day: date
    instant: datetime
    calendar_version: str


def rules_on(
    framework: str, on: date, *, rules: Iterable[ClockRule] = RULES
) -> tuple[ClockRule, ...]:
    """Every clock in force under a framework on a day, those common to all frameworks included."""
    return tuple(r for r in rules if r.framework in (framework, ANY) and r.in_force(on))


def rule(
    framework: str, rule_id: str, on: date, *, rules: Iterable[ClockRule] = RULES
) -> ClockRule:
    """The rule in force on a London day. Raises NoSuchRule."""
    for candidate in rules_on(framework, on, rules=rules):
        if candidate.rule_id == rule_id:
            return candidate
    raise NoSuchRule("no such clock was in force under that framework on that day")


def report_rule_id(level: int) -> str:
    """The report clock of investigation level 1, 2 or 3 (SIF2015). Raises NoSuchRule."""
    if level not in _REPORT_RULE:
        raise NoSuchRule("investigation levels are 1, 2 and 3")
    return _REPORT_RULE[level]


def due(rule: ClockRule, day0: date, *, known_on: date | None = None) -> Deadline:
    """When a clock started on day 0 (its London day, not counted) falls due.

    Raises NoDeadline where the rule fixes no number of days.
    """
    if not rule.fixed:
        raise NoDeadline(f"{rule.rule_id} fixes no number of days ({rule.unit})")
    return _deadline(_add(rule, day0, rule.amount or 0, known_on), known_on)


def agreed_due(
    rule: ClockRule, day0: date, agreed: date, *, known_on: date | None = None
) -> Deadline:
    """A day agreed with those affected.

    Raises NoDeadline when it lies before day 0 or past the rule's limit.
    """
    if agreed < day0:
        raise NoDeadline("the agreed day lies before the start")
    limit = rule.at_most_months
    if limit is not None and agreed > add_calendar_months(day0, limit):
        raise NoDeadline(f"{rule.rule_id} allows at most {limit} months")
    return _deadline(agreed, known_on)


def after_stop(
    rule: ClockRule,
    due_day: date,
    stopped_on: date,
    restarted_on: date,
    *,
    known_on: date | None = None,
) -> Deadline:
    """The due day after a stop, counted in days of the clock's own calendar, the first not counted.

    A working-day clock stopped over a weekend does not move. Raises NoDeadline if the clock
    cannot pause, and ValueError if it restarts before it stopped.
    """
    if not rule.pausable:
        raise NoDeadline(f"{rule.rule_id} cannot be stopped")
    if restarted_on < stopped_on:
        raise ValueError("a clock restarts on or after the day it stopped")
    if rule.unit == "working_days":
        days = working_days_between(stopped_on, restarted_on, known_on=known_on)
        return _deadline(add_working_days(due_day, days, known_on=known_on), known_on)
    return _deadline(due_day + (restarted_on - stopped_on), known_on)


def reminder_days(
    rule: ClockRule,
    due_day: date,
    *,
    known_on: date | None = None,
    reminders: Iterable[Reminder] = REMINDERS,
) -> tuple[date, ...]:
    """Days on which to remind whoever owes the step, earliest first."""
    days = (
        add_working_days(due_day, -reminder.working_days_before, known_on=known_on)
        for reminder in reminders
        if reminder.rule_id == rule.rule_id
    )
    return tuple(sorted(days))


def _add(rule: ClockRule, day0: date, amount: int, known_on: date | None) -> date:
    if rule.unit == "working_days":
        return add_working_days(day0, amount, known_on=known_on)
    if rule.unit == "calendar_days":
        return add_calendar_days(day0, amount)
    return add_calendar_months(day0, amount)


def _deadline(day: date, known_on: date | None) -> Deadline:
    return Deadline(
        day=day, instant=end_of_london_day(day), calendar_version=calendar_version(known_on)
    )
