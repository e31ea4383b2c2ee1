"""Every event of assurance can be stored and read back, its free text sealed from the first on."""

from typing import Any, get_args

import pytest

from services.assurance.domain.access import ACCESS
from services.assurance.domain.activity import messages as am
from services.assurance.domain.activity.state import ACTIVITY
from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.state import CASE
from services.assurance.domain.commissioning import COMMISSIONING, SUCCESSION
from shared.kernel.messages import event_name
from shared.kernel.words import hints_of, seal_of
from shared.log.base import Recorded
from shared.log.codec import Codec
from tests.assurance.builders import (
    LEAD,
    STORY,
    action,
    answers,
    clock,
    facts,
    never_event,
    noted,
    opened,
    received,
    serious,
)

AGGREGATES = (CASE, ACTIVITY, COMMISSIONING, SUCCESSION, ACCESS)
SECRET = "The outlet was uncapped"
EVENTS: tuple[Any, ...] = (
    opened(serious=serious(), never_event=never_event()),
    clock("SIF-QA", STORY, n=2),
    received(actions=(action(), action(2, due=None))),
    noted(2),
    e.CaseRerouted(to=LEAD, by="Y57", on=STORY, reason=SECRET),
    e.ClassificationDecided(
        authority="national",
        decided_by="X26",
        outcome="does_not_meet",
        list="2018-02-01",
        reason=SECRET,
        effective_at=facts().now,
    ),
    e.InvestigationReturned(
        n=1,
        answers=(
            *answers()[1:],
            m.CriterionAnswer(criterion="A1", answer="partly", comment=SECRET),
        ),
        open_criteria=("A1",),
        on=STORY,
    ),
    e.CaseClosed(on=STORY, learning=SECRET, depth=0, depth_rule="depth-1"),
    am.ActivityRecorded(
        subjects=(am.Subject(kind="case", id="c1"),),
        commissioner=LEAD,
        on=STORY,
        modes=("site_visit",),
        evidence=(am.Evidence(kind="document", reference=SECRET),),
        findings=SECRET,
        depth=2,
        depth_rule="depth-1",
    ),
)
FREE_TEXT: dict[str, set[type[Any]]] = {
    "reason": {e.CaseRerouted, e.ClassificationDecided},
    "comment": {e.InitialReviewAccepted, e.FurtherInformationRequested, m.CriterionAnswer},
    "learning": {e.CaseClosed},
    "shallow_reason": {e.CaseClosed},
    "findings": {am.ActivityRecorded, am.ActivityCorrected},
    "support_agreed": {am.ActivityRecorded, am.ActivityCorrected},
    "explanation": {am.ActivityCorrected, am.ActivityWithdrawn},
    "reference": {am.Evidence},
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: event_name(type(one)))
def test_what_is_stored_reads_back_and_shows_no_text(event: Any) -> None:
    codec = Codec(AGGREGATES)
    held: dict[str, str] = {}

    def seal(scope: str, path: str, text: str) -> str:
        held[path] = text
        return f"k1.{path}"

    new = codec.encode("case-c1", 1, event, b"{}", seal)
    assert SECRET.encode() not in new.data
    recorded = Recorded(
        position=1,
        stream=new.stream,
        version=1,
        type=new.type,
        schema=new.schema,
        recorded_at=facts().now,
        data=new.data,
        meta=b"{}",
        digest=b"",
        hash=b"",
    )
    assert codec.decode_known(recorded, lambda token, path: held[path]) == event


@pytest.mark.parametrize("name", FREE_TEXT)
def test_every_free_text_is_sealed(name: str) -> None:
    for cls in FREE_TEXT[name]:
        assert seal_of(hints_of(cls)[name]), f"{cls.__name__}.{name}"


def test_no_event_holds_a_plain_text_of_any_length() -> None:
    """What is not sealed is a code, an id, a day or a number: patterns and lengths say so."""
    for aggregate in AGGREGATES:
        for cls in aggregate.events:
            for name, hint in hints_of(cls).items():
                assert seal_of(hint) or "max_length=20000" not in repr(get_args(hint)), (
                    f"{cls.__name__}.{name}"
                )
