"""What intake can be asked: every row has a permission, an event to land on and a strict body."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.intake.commands import COMMANDS, identity
from services.intake.domain.access import ACCESS, NarrativeRead, RecordReading, record_reading
from services.intake.domain.incident.messages.report import AmendEvent, ReportEvent
from services.intake.service import service
from shared.kernel.ids import SecretIds
from shared.log.codec import Codec
from shared.security.permissions import PERMISSIONS, allowed
from tests.intake import builders as make
from tests.kit.decider import given

BODY = """{
  "kind": "incident", "occurred": "2018-12-19T08:15:00+00:00", "identified_on": "2018-12-19",
  "occurred_at": "RHQ", "what_happened": "Connected to air.", "location": "Ward 7",
  "patients": [{"number": 1, "age_bracket": "66-85y", "physical_harm": "severe"}],
  "reporter": {"type": "staff", "anonymous": true, "why_anonymous": ["colleagues"]},
  "source": {"channel": "api", "system": "lrms"},
  "reference": {"system": "lrms", "value": "INC-7"}
}"""


def test_a_body_is_the_command_itself():
    command = TypeAdapter(ReportEvent).validate_json(BODY)
    assert command.patients[0].age_bracket == "66-85y"
    assert command.reporter is not None
    assert command.reporter.why_anonymous == ("colleagues",)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"kind": "incident"', '"kind": "accident"'),
        ('"2018-12-19T08:15:00+00:00"', '"20181219"'),
        ('"2018-12-19T08:15:00+00:00"', '"2018-12-19T08:15:00"'),
        ('"number": 1', '"number": "1"'),
        ('"location": "Ward 7"', '"reported_by": "RHQ"'),
        ('"Ward 7"', '""'),
        ('"anonymous": true', '"anonymous": 1'),
    ],
)
def test_a_body_is_read_strictly(good, bad):
    assert good in BODY
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(ReportEvent).validate_json(BODY.replace(good, bad))
    assert caught.value.error_count() == 1


def test_the_same_reference_of_the_same_organisation_is_the_same_event():
    ids = SecretIds(b"secret")
    told = [
        make.report_event(reference=make.reference(one)) for one in ("INC-7", "INC-7 ", "INC-8")
    ]
    derived = [ids.derive(*(identity(one, make.TRUST_LEAD) or ())) for one in told]
    assert derived[0] == derived[1] != derived[2]
    assert identity(make.report_event(), make.TRUST_LEAD) is None


def test_every_row_names_a_permission_and_each_route_stands_once():
    assert {row.may for row in COMMANDS} <= PERMISSIONS.keys()
    routes = [row.route for row in COMMANDS if row.route]
    assert len(set(routes)) == len(routes)


def test_the_log_can_hold_every_event():
    Codec(service.aggregates)


@pytest.mark.parametrize("row", [one for one in COMMANDS if one.route and not one.creates])
def test_a_trust_works_on_its_own_events_alone(row):
    own = given(row.on, make.reported(occurred_at=make.OTHER_TRUST, leads=make.TRUST)).state
    assert allowed(row.may, make.TRUST_LEAD, row.relations(own, make.TRUST_LEAD))
    stranger = given(row.on, make.reported()).state
    other = make.actor("trust", make.OTHER_TRUST)
    assert not allowed(row.may, other, row.relations(stranger, other))
    commissioner = make.actor("commissioner", make.CCG)
    assert not allowed(row.may, commissioner, row.relations(own, commissioner))


def test_an_amendment_needs_the_version_that_was_read():
    assert [row.type for row in COMMANDS if row.needs_match] == [AmendEvent]


def test_a_reading_elsewhere_is_recorded_each_time():
    reader = make.actor("commissioner", make.CCG)
    command = RecordReading(part="record", version=3, passages_withheld=2)
    read = NarrativeRead(
        by=make.CCG, kind="commissioner", part="record", version=3, passages_withheld=2
    )
    given(ACCESS).when(record_reading, command, make.facts(actor=reader)).then(read)
    given(ACCESS, read).when(record_reading, command, make.facts(actor=reader)).then(read)
