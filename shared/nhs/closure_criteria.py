"""What a commissioner asks of a report before closing, criterion by criterion, per framework."""

from dataclasses import dataclass
from typing import Literal, get_args

Answer = Literal["met", "partly", "not_met", "not_applicable"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question of a checklist; each is answered by one of ANSWERS, with a comment."""

    id: str
    section: str
    text: str
    confirmed: bool = False


def _criteria(*rows: tuple[str, str, str]) -> tuple[Criterion, ...]:
    return tuple(Criterion(id=id_, section=section, text=text) for id_, section, text in rows)


# Follows the themes of the closure checklist of the Serious Incident Framework (2015) in our own
# words; the wording awaits comparison with the primary text.
SIF2015_CRITERIA = _criteria(
    ("A1", "Set-up", "The level of investigation and its terms fit the incident"),
    ("A2", "Set-up", "The lead was trained and independent of the events"),
    ("A3", "Set-up", "Those affected were asked for their questions"),
    ("B1", "Mapping", "Evidence was gathered and the people who were there were interviewed"),
    ("B2", "Mapping", "Patient, family and staff took part in telling what happened"),
    ("B3", "Mapping", "A timeline shows the events and where care was good"),
    ("C1", "Analysis", "Problems of care and of service delivery are both named"),
    ("C2", "Analysis", "Contributory factors are identified"),
    ("C3", "Analysis", "Root causes are identified"),
    ("C4", "Analysis", "Nobody is blamed unfairly"),
    ("D1", "Solutions", "Actions are strong and each is aimed at a cause"),
    ("D2", "Solutions", "Each action has an owner, a budget holder and a date"),
    ("D3", "Solutions", "Other options were weighed"),
    ("D4", "Solutions", "Monitoring of the actions is planned"),
    ("E1", "Throughout", "Those affected were supported, staff included"),
    ("E2", "Throughout", "The duty of candour was done"),
    ("F1", "Next", "Lessons are named that others can use, and for whom"),
    ("F2", "Next", "The report is safe to share"),
)

# Under PSIRF the provider's board signs off; the commissioner reads by these and returns nothing.
PSIRF2022_CRITERIA = _criteria(
    ("P1", "Findings", "The response states its findings"),
    ("P2", "Improvement", "It names areas for improvement"),
    ("P3", "Safety actions", "Safety actions follow, each with an owner, a date and a measure"),
)
