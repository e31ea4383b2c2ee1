"""The narrative of a record by path, so that passages can be flagged, masked and mended."""

from collections.abc import Iterable, Mapping

from services.intake.domain.incident.messages.report import Account
from services.intake.domain.incident.messages.response import (
    InitialReviewSubmitted,
    InvestigationSubmitted,
    SubmitInitialReview,
    SubmitInvestigation,
)

RECORD_TEXTS = ("what_happened", "immediate_action", "location")
"""The narrative fields of the record itself; a path there is the field's name."""

POINTS = ("root_causes", "findings", "areas_for_improvement", "lessons")
"""The lists of points in an investigation."""


def texts_of_report(account: Account) -> Mapping[str, str]:
    """The narrative of the record by field."""
    return _present((name, getattr(account, name)) for name in RECORD_TEXTS)


def texts_of_initial_review(
    review: SubmitInitialReview | InitialReviewSubmitted, n: int
) -> Mapping[str, str]:
    """The narrative of the n-th initial review, as `initial_review/<n>/...`."""
    root = f"initial_review/{n}"
    return _present(
        [
            (f"{root}/summary", review.summary),
            (f"{root}/immediate_actions", review.immediate_actions),
        ]
    )


def texts_of_investigation(
    investigation: SubmitInvestigation | InvestigationSubmitted, n: int
) -> Mapping[str, str]:
    """The narrative of the n-th investigation, as `investigation/<n>/...`; points and actions are
    numbered by their place."""
    root = f"investigation/{n}"
    points = [
        (f"{root}/{name}/{place}", point.text)
        for name in POINTS
        for place, point in enumerate(getattr(investigation, name), start=1)
    ]
    actions = [
        (f"{root}/actions/{place}", action.what)
        for place, action in enumerate(investigation.actions, start=1)
    ]
    summary, answer = investigation.summary, investigation.answer
    alone = [(f"{root}/summary", summary), (f"{root}/answer", answer)]
    return _present([*alone, *points, *actions])


def _present(texts: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    return {path: text for path, text in texts if text}
