"""The table of clock rules and reminders that `clocks` reads; amounts are replaceable defaults."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Unit = Literal["working_days", "calendar_days", "calendar_months", "agreed", "none"]
PausedBy = Literal["nobody", "statutory_body", "agreement"]

_FIXED: frozenset[str] = frozenset({"working_days", "calendar_days", "calendar_months"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One clock of one framework for a span of days (both inclusive; no end: still in force).

    `confirmed` is False where the amount is widely repeated but was not seen in a primary source.
    """

    framework: str
    rule_id: str
    version: int = 1
    title: str
    effective_from: date
    effective_to: date | None = None
    amount: int | None = None
    unit: Unit
    at_most_months: int | None = None
    updates_months: int | None = None
    starts_on: str
    stops_on: str
    paused_by: PausedBy = "nobody"
    confirmed: bool = False

    @property
    def pausable(self) -> bool:
        """Whether anybody may stop this clock."""
        return self.paused_by != "nobody"

    @property
    def fixed(self) -> bool:
        """Whether the rule itself fixes the due day."""
        return self.unit in _FIXED

    def in_force(self, on: date) -> bool:
        """Whether the rule held on that London day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Remind whoever owes the step so many working days before it is due."""

    rule_id: str
    working_days_before: int


_SIF = date(2015, 4, 1)
_PSIRF = date(2022, 8, 16)
# Regulation 20 of the 2014 Regulated Activities Regulations bound NHS bodies from this day.
_CANDOUR = date(2014, 11, 27)
_OPEN_DOOR = date(2015, 4, 1)
_CAS = date(2008, 9, 1)

# Serious Incident Framework (2015), timescales; Patient Safety Incident Response Framework (2022);
# the amounts await confirmation against the primary texts, except where `confirmed` says otherwise.
RULES = (
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-NOTIFY",
        title="Tell the commissioner",
        effective_from=_SIF,
        amount=2,
        unit="working_days",
        starts_on="identified_as_serious",
        stops_on="commissioner_notified",
    ),
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-INITIAL",
        title="Initial review (72 hours)",
        effective_from=_SIF,
        amount=3,
        unit="working_days",
        starts_on="identified_as_serious",
        stops_on="initial_review_received",
    ),
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-REPORT-1",
        title="Concise investigation report",
        effective_from=_SIF,
        amount=60,
        unit="working_days",
        starts_on="commissioner_notified",
        stops_on="final_report_received",
        paused_by="statutory_body",
    ),
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-REPORT-2",
        title="Comprehensive investigation report",
        effective_from=_SIF,
        amount=60,
        unit="working_days",
        starts_on="commissioner_notified",
        stops_on="final_report_received",
        paused_by="statutory_body",
    ),
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-REPORT-3",
        title="Independent investigation report",
        effective_from=_SIF,
        amount=6,
        unit="calendar_months",
        updates_months=1,
        starts_on="investigation_commissioned",
        stops_on="final_report_received",
        paused_by="statutory_body",
    ),
    ClockRule(
        framework="SIF2015",
        rule_id="SIF-QA",
        title="Commissioner's review of the report",
        effective_from=_SIF,
        amount=20,
        unit="calendar_days",
        starts_on="final_report_received",
        stops_on="feedback_or_closure",
    ),
    ClockRule(
        framework="PSIRF2022",
        rule_id="PSIRF-RESPONSE",
        title="Learning response",
        effective_from=_PSIRF,
        unit="agreed",
        at_most_months=6,
        starts_on="response_commissioned",
        stops_on="board_sign_off",
        paused_by="agreement",
    ),
    ClockRule(
        framework="PSIRF2022",
        rule_id="PSIRF-PLAN",
        title="Renew the response plan",
        effective_from=_PSIRF,
        amount=48,
        unit="calendar_months",
        starts_on="plan_approved",
        stops_on="plan_reapproved",
    ),
    ClockRule(
        framework="ANY",
        rule_id="DOC-PERSON",
        title="Tell the person affected",
        effective_from=_CANDOUR,
        amount=10,
        unit="working_days",
        starts_on="incident_known",
        stops_on="told_in_person",
    ),
    # The law sets no number of days for the letter: it must simply follow.
    ClockRule(
        framework="ANY",
        rule_id="DOC-WRITTEN",
        title="Write to the person affected",
        effective_from=_CANDOUR,
        unit="none",
        starts_on="told_in_person",
        stops_on="letter_sent",
        confirmed=True,
    ),
    ClockRule(
        framework="ANY",
        rule_id="CAS-ACK",
        title="Acknowledge an alert",
        effective_from=_CAS,
        amount=2,
        unit="working_days",
        starts_on="alert_issued",
        stops_on="alert_acknowledged",
    ),
    # The next two are this platform's own service promises, so there is nothing to confirm.
    ClockRule(
        framework="ANY",
        rule_id="OD-SUPPORT",
        title="Answer a request for support",
        effective_from=_OPEN_DOOR,
        amount=5,
        unit="working_days",
        starts_on="support_requested",
        stops_on="support_answered",
        confirmed=True,
    ),
    ClockRule(
        framework="ANY",
        rule_id="OD-CONFIRM",
        title="Confirm or dispute an assurance activity",
        effective_from=_OPEN_DOOR,
        amount=20,
        unit="working_days",
        starts_on="activity_recorded",
        stops_on="activity_confirmed_or_disputed",
        confirmed=True,
    ),
)

REMINDERS = (
    Reminder(rule_id="SIF-NOTIFY", working_days_before=1),
    Reminder(rule_id="SIF-INITIAL", working_days_before=1),
    Reminder(rule_id="SIF-REPORT-1", working_days_before=20),
    Reminder(rule_id="SIF-REPORT-1", working_days_before=5),
    Reminder(rule_id="SIF-REPORT-2", working_days_before=20),
    Reminder(rule_id="SIF-REPORT-2", working_days_before=5),
    Reminder(rule_id="SIF-REPORT-3", working_days_before=20),
    Reminder(rule_id="SIF-REPORT-3", working_days_before=5),
    Reminder(rule_id="SIF-QA", working_days_before=5),
    Reminder(rule_id="PSIRF-RESPONSE", working_days_before=10),
    Reminder(rule_id="PSIRF-PLAN", working_days_before=60),
    Reminder(rule_id="DOC-PERSON", working_days_before=3),
    Reminder(rule_id="CAS-ACK", working_days_before=1),
    Reminder(rule_id="OD-SUPPORT", working_days_before=1),
)
