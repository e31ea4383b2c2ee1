"""What learning does with what it hears: most is remembered for the national tables, and a case
that closes with learning becomes a suggestion."""

from collections.abc import Iterator

from services.learning.domain.suggestion import Suggest
from shared.contracts import assurance, intake
from shared.kernel.clock import day_of
from shared.runtime.service import Heard, Reaction, To


def suggest(heard: Heard) -> Iterator[To]:
    """A closed case with learning; one without asks nothing of an author."""
    told: assurance.CaseClosedV1 = heard.contract
    if not told.learning:
        return
    suggested = Suggest(
        case=told.case,
        incident=told.incident,
        provider=told.provider,
        themes=tuple(told.themes),
        never_event_type=told.never_event_type,
        depth=told.depth,
        closed_on=day_of(told.on),
    )
    yield To(told.case, suggested)


REACTIONS: tuple[Reaction, ...] = (
    Reaction(intake.EventReportedV1, remember=True),
    Reaction(intake.EventAmendedV1, remember=True),
    Reaction(intake.EventWithdrawnV1, remember=True),
    Reaction(intake.ClassificationDecidedV1, remember=True),
    Reaction(intake.SubjectErasedV1, remember=True),
    Reaction(assurance.ClassificationDecidedV1, remember=True),
    Reaction(assurance.RelationChangedV1, remember=True),
    Reaction(assurance.SuccessionRecordedV1, remember=True),
    Reaction(assurance.CaseClosedV1, does=suggest),
)
