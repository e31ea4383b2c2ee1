"""What a record cannot be: on a day to come, known before it happened, coded in unknown words."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import get_args

from services.intake.domain.incident.messages.report import Report
from shared.kernel.clock import day_of
from shared.kernel.errors import Invalid
from shared.nhs.codes import (
    AGE_BRACKETS,
    AGENTS,
    GENDERS,
    LEVELS_OF_CONCERN,
    REPORTER_TYPES,
    SERVICE_AREAS,
    WHY_ANONYMOUS,
)
from shared.nhs.harm import HARM_WORDS, PsychologicalHarmWord

FIRST_DAY = date(1948, 7, 5)
"""The appointed day of the National Health Service Act 1946."""

PSYCHOLOGICAL_WORDS: tuple[str, ...] = get_args(PsychologicalHarmWord)


def require_sound(report: Report, now: datetime, today: date) -> None:
    """Raises Invalid for the first thing that cannot be; `today` is the London day of `now`."""
    _require_past(report, now, today)
    _require_each_patient_once(report)
    for pointer, word, words in _coded(report):
        if word is not None and word not in words:
            raise Invalid(pointer, "unknown_code", f"Use one of: {', '.join(words)}.")


def _require_past(report: Report, now: datetime, today: date) -> None:
    occurred = report.occurred
    later = occurred > now if isinstance(occurred, datetime) else occurred > today
    if day_of(occurred) < FIRST_DAY:
        raise Invalid("/occurred", "too_early", "The NHS began on 5 July 1948: look at the year.")
    if later:
        raise Invalid("/occurred", "future", "An event cannot be reported before it occurs.")
    if report.identified_on > today:
        raise Invalid("/identified_on", "future", "The day of identification is still to come.")
    if report.identified_on < day_of(occurred):
        raise Invalid(
            "/identified_on", "before_occurred", "An event cannot be known before it occurs."
        )


def _require_each_patient_once(report: Report) -> None:
    numbers = [one.number for one in report.patients]
    if len(set(numbers)) < len(numbers):
        raise Invalid("/patients", "repeated", "Give each patient a number of their own.")


def _coded(report: Report) -> Iterator[tuple[str, str | None, Sequence[str]]]:
    """(pointer, word, the words that may stand there) of every coded field."""
    yield "/service_area", report.service_area, SERVICE_AREAS.words
    yield "/level_of_concern", report.level_of_concern, LEVELS_OF_CONCERN.words
    for place, agent in enumerate(report.agents):
        yield f"/agents/{place}", agent, AGENTS.words
    for place, patient in enumerate(report.patients):
        at = f"/patients/{place}"
        yield f"{at}/age_bracket", patient.age_bracket, AGE_BRACKETS.words
        yield f"{at}/gender", patient.gender, GENDERS.words
        yield f"{at}/physical_harm", patient.physical_harm, HARM_WORDS
        yield f"{at}/psychological_harm", patient.psychological_harm, PSYCHOLOGICAL_WORDS
    if report.reporter is not None:
        yield "/reporter/type", report.reporter.type, REPORTER_TYPES.words
        for place, why in enumerate(report.reporter.why_anonymous):
            yield f"/reporter/why_anonymous/{place}", why, WHY_ANONYMOUS.words
