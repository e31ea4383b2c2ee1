"""What a rule asks a person to look at; nothing changes until somebody decides."""

from collections.abc import Iterator

from services.intake.domain.incident.messages.classification import Cause, NeverEventProposed
from services.intake.domain.incident.messages.report import Basis, Report
from services.intake.domain.incident.state import Decision, Incident
from services.intake.domain.rules.never_event_words import RULE, list_of, type_in_words
from shared.kernel.clock import day_of

RULE_OF_AMENDMENT = "never-event-amended-1"
"""The rule that a decision is looked at again when what it stood on moved: ours."""

HARMFUL_KINDS = frozenset({"incident", "outcome"})
"""The kinds of event whose words are searched."""


def proposed_at_first(report: Report, framework: str) -> list[NeverEventProposed]:
    """A proposal where the words of a new record suggest a type that its day's list counts."""
    type_ = _type_suggested(report)
    return [] if type_ is None else [_by_words(report, type_, framework)]


def proposed_again(
    state: Incident, after: Report, basis: Basis, framework: str
) -> list[NeverEventProposed]:
    """What an amendment calls into question. `framework` is the one that day and organisation ask
    for now, `basis.framework` the one that the record keeps."""
    causes = tuple(_moved(state, after, basis, framework))
    if state.standing is not None and causes:
        return [_again(state.standing, after, framework, causes)]
    if "framework" in causes:
        return [_of_framework(after, framework)]
    return _by_words_anew(state, after, framework)


def _moved(state: Incident, after: Report, basis: Basis, framework: str) -> Iterator[Cause]:
    if day_of(after.occurred) != state.day:
        yield "day"
    if after.occurred_at != state.told.occurred_at:
        yield "place"
    if basis.worst_harm != state.grounds.worst_harm:
        yield "harm"
    if framework != basis.framework:
        yield "framework"


def _again(
    standing: Decision, after: Report, framework: str, causes: tuple[Cause, ...]
) -> NeverEventProposed:
    on_list = list_of(day_of(after.occurred))
    holds = on_list is not None and standing.type is not None and on_list.type(standing.type)
    return NeverEventProposed(
        type=standing.type if holds else None,
        list=on_list.id if on_list else None,
        framework=framework,
        causes=causes,
        rule=RULE_OF_AMENDMENT,
    )


def _of_framework(after: Report, framework: str) -> NeverEventProposed:
    on_list = list_of(day_of(after.occurred))
    return NeverEventProposed(
        type=None,
        list=on_list.id if on_list else None,
        framework=framework,
        causes=("framework",),
        rule=RULE_OF_AMENDMENT,
    )


def _by_words_anew(state: Incident, after: Report, framework: str) -> list[NeverEventProposed]:
    type_ = _type_suggested(after)
    if type_ is None or state.standing is not None:
        return []
    proposed = _by_words(after, type_, framework)
    return [] if proposed == state.proposal else [proposed]


def _by_words(report: Report, type_: str, framework: str) -> NeverEventProposed:
    on_list = list_of(day_of(report.occurred))
    return NeverEventProposed(
        type=type_,
        list=on_list.id if on_list else None,
        framework=framework,
        causes=("words",),
        rule=RULE,
    )


def _type_suggested(report: Report) -> str | None:
    if report.kind not in HARMFUL_KINDS:
        return None
    return type_in_words(report.what_happened, day_of(report.occurred))
