"""Closing a case: only with causes, lessons and time-bound actions, and never unseen in silence."""

from services.assurance.domain.case import events as e
from services.assurance.domain.case.clocking import met, voided
from services.assurance.domain.case.messages import CloseCase
from services.assurance.domain.case.state import Case, Investigation
from services.assurance.domain.rules.clocks import QA
from services.assurance.domain.rules.closing import missing_content, missing_reason
from services.assurance.domain.rules.depth import RULE
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Incomplete, Invalid, NotNow


def close_case(case: Case, command: CloseCase, facts: Facts) -> Events:
    """Closes the case, with actions open where some are not done. Raises NotNow where the board
    closes or a report is awaited, Incomplete naming all that is missing, Invalid for an action
    that the report does not hold.

    Source: Serious Incident Framework, NHS England, edition of 27 March 2015 (gateway reference
    03198), closure checklist: root causes, lessons, and actions each with a date. That a never
    event is not closed unseen without a reason is a rule of ours.
    """
    case.require_open()
    if case.framework.closer != "lead_commissioner":
        raise NotNow("Under this framework the provider's board closes, not the commissioner.")
    report = _sound_report(case, command)
    numbers = frozenset(report.content.actions)
    for place, number in enumerate(command.actions_done):
        if number not in numbers:
            raise Invalid(
                f"/actions_done/{place}", "unknown", "The report has no action of this number."
            )
    closed = e.CaseClosed(
        on=facts.today,
        learning=command.learning,
        themes=command.themes,
        actions_done=command.actions_done,
        actions_open=tuple(sorted(numbers - set(command.actions_done))),
        depth=case.depth,
        depth_rule=RULE,
        shallow_reason=command.shallow_reason,
    )
    return (*_stopped(case, report, facts), closed)


def _sound_report(case: Case, command: CloseCase) -> Investigation:
    reason = missing_reason(
        never_event=case.is_never_event, depth=case.depth, reason=command.shallow_reason
    )
    report = case.latest
    if report is None:
        raise Incomplete("closing", ("the investigation report", *reason))
    if report.verdict == "returned":
        raise NotNow("The report was returned; the next submission is awaited.")
    missing = (*missing_content(case.framework, report.content), *reason)
    if missing:
        raise Incomplete("closing", missing)
    return report


def _stopped(case: Case, report: Investigation, facts: Facts) -> Events:
    """Closing is an answer to the report, so it meets the review's clock; whatever else still
    runs waits for nothing any more."""
    others = tuple(one for one in case.running() if (one.rule, one.n) != (QA, report.n))
    return (
        *met(case.clock(QA, report.n), facts.today, facts.today),
        *voided(others, facts.today, "closed"),
    )
