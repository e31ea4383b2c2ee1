"""What learning does with what it hears."""

from datetime import date
from typing import Any

from services.learning.domain.suggestion import Suggest
from services.learning.reactions import REACTIONS
from shared.contracts import assurance, intake
from shared.contracts.base import encode, spec_of
from shared.contracts.envelope import CloudEvent
from shared.runtime.service import Heard, To
from tests.learning import builders as a


def closed(**more: Any) -> assurance.CaseClosedV1:
    told: dict[str, Any] = {
        "incident": "incident1",
        "case": "case1",
        "provider": a.TRUST,
        "commissioner": "DEMOC01",
        "on": "2019-03-01",
        "learning": True,
        "themes": ["air_for_oxygen"],
        "never_event_type": "15",
        "actions_open": 1,
        "depth": 3,
    }
    return assurance.CaseClosedV1(**{**told, **more})


def done(contract: object) -> list[To]:
    spec = spec_of(type(contract))
    heard = Heard(
        contract=contract,
        event=CloudEvent(
            attributes={"type": spec.type, "id": "case-case1/7"}, data=encode(contract)
        ),
    )
    return [to for one in REACTIONS if one.hears is type(contract) for to in one.does(heard)]


def test_a_case_that_closes_with_learning_becomes_a_suggestion_under_its_own_id():
    expected = Suggest(
        case="case1",
        incident="incident1",
        provider=a.TRUST,
        themes=("air_for_oxygen",),
        never_event_type="15",
        depth=3,
        closed_on=date(2019, 3, 1),
    )
    assert done(closed()) == [To("case1", expected)]


def test_a_case_without_learning_asks_nothing():
    assert done(closed(learning=False)) == []


def test_what_the_national_tables_need_is_remembered():
    assert {one.hears for one in REACTIONS if one.remember} == {
        intake.EventReportedV1,
        intake.EventAmendedV1,
        intake.EventWithdrawnV1,
        intake.ClassificationDecidedV1,
        intake.SubjectErasedV1,
        assurance.ClassificationDecidedV1,
        assurance.RelationChangedV1,
        assurance.SuccessionRecordedV1,
    }


def test_nothing_is_heard_twice():
    heard = [one.hears for one in REACTIONS]
    assert len(heard) == len(set(heard))
