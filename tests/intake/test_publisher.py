"""What intake tells: byte for byte the goldens, and never a word of narrative."""

from datetime import UTC, datetime

import pytest

from services.intake.domain.incident.messages.classification import NeverEventProposed
from services.intake.domain.incident.messages.passages import PassageReleased, SubjectErased
from services.intake.domain.incident.messages.report import (
    Changes,
    EventAmended,
    EventWithdrawn,
    Patient,
    Reporter,
)
from services.intake.domain.incident.state import INCIDENT
from services.intake.publisher import SAYS
from shared.contracts.base import encode, spec_of
from shared.contracts.envelope import Tell
from shared.contracts.intake import EventReportedV1
from shared.contracts.saying import Happened
from tests.intake import builders as make
from tests.kit.goldens import assert_golden

PAST = make.reported(
    make.passage(1),
    what_happened="Patient 999 000 0018 was connected to air.",
    immediate_action="Oxygen was given.",
    location="Ward 7",
    occurred=datetime(2018, 12, 19, 8, 15, tzinfo=UTC),
    service_area="acute",
    patients=(Patient(number=1, age_bracket="66-85y", gender="female", physical_harm="severe"),),
    agents=("device", "building"),
    reporter=Reporter(type="staff", role="Nurse in charge"),
    reference=make.reference("999 000 0018"),
    basis_=make.basis(worst_harm="severe", unverified=("leads",)),
)

TOLD = [
    ((), PAST),
    (
        (PAST,),
        EventAmended(
            changes=Changes(agents=("device",), data_sharing_opt_out=True),
            cleared=("immediate_action",),
            changed=("immediate_action", "agents", "data_sharing_opt_out"),
            basis=make.basis(worst_harm="severe"),
            reason="The building was sound.",
        ),
    ),
    ((PAST,), EventWithdrawn(reason="duplicate", explanation="Reported twice.")),
    ((PAST,), make.classified()),
    ((PAST,), make.declared()),
    ((PAST, make.declared()), make.initial_review()),
    ((PAST, make.declared(), make.initial_review()), make.investigated()),
    ((PAST,), SubjectErased(scope="patient", patient=1, ground="retention")),
]


def say(past, event, *, backfill=False) -> list[Tell]:
    happened = Happened(
        id="e1",
        stream="incident-e1",
        version=len(past) + 1,
        at="2018-12-20T09:30:00Z",
        today="2018-12-20",
        actor=make.TRUST_LEAD,
        state=INCIDENT.fold([*past, event]),
        backfill=backfill,
    )
    return list(SAYS[type(event)](event, happened))


@pytest.mark.parametrize(("past", "event"), TOLD, ids=lambda one: type(one).__name__)
def test_each_event_is_told_as_its_golden_says(past, event):
    (tell,) = say(past, event)
    assert_golden(tell.contract)
    assert (tell.subject, tell.time, tell.key) == ("e1", "2018-12-20T09:30:00Z", None)


def test_everything_told_is_tried_here():
    assert {type(event) for _, event in TOLD} == SAYS.keys()


@pytest.mark.parametrize(("past", "event"), TOLD, ids=lambda one: type(one).__name__)
def test_no_narrative_no_reference_no_reporter_is_told(past, event):
    (tell,) = say(past, event)
    told = encode(tell.contract).decode()
    for secret in ("999", "connected", "Oxygen", "Ward", "Nurse", "staff", "66-85", "female"):
        assert secret not in told
    for secret in ("sound", "twice", "list names", "Severe harm", "flowmeter", "outlet", "wall"):
        assert secret not in told


def test_narrative_is_linked_where_it_is_read_with_a_token():
    (reported,) = say((), PAST)
    assert reported.dataref == "/intake/events/e1"
    (review,) = say((PAST, make.declared()), make.initial_review())
    assert review.dataref == "/intake/events/e1/investigation"


def test_a_day_without_a_time_says_so_and_back_filled_records_too():
    (tell,) = say((), make.reported(), backfill=True)
    told = tell.contract
    assert isinstance(told, EventReportedV1)
    assert (told.day, told.day_precision, told.backfill) == ("2018-12-19", "day", True)


def test_proposals_and_settled_passages_stay_home():
    assert NeverEventProposed not in SAYS
    assert PassageReleased not in SAYS


def test_all_that_is_told_is_restricted():
    specs = [spec_of(type(tell.contract)) for past, event in TOLD for tell in say(past, event)]
    assert {one.audience for one in specs} == {"restricted"}
    assert {one.topic for one in specs} == {"opendoor.intake.v1"}
