"""What assurance hears becomes commands of its own, in London days."""

from datetime import date
from typing import Any

import pytest

from services.assurance.commands import COMMANDS, commands_of
from services.assurance.domain import commissioning as c
from services.assurance.domain.case import messages as m
from services.assurance.reactions import REACTIONS
from shared.contracts import intake
from shared.contracts.envelope import CloudEvent
from shared.nhs.reference import fixture_relations, fixture_successions
from shared.runtime.service import Heard, To
from tests.assurance.builders import (
    INCIDENT,
    STORY,
    TRUST,
    action,
    never_event,
    open_command,
    serious,
)

ABOUT: dict[str, Any] = {
    "incident": INCIDENT,
    "kind": "incident",
    "reported_by": TRUST,
    "occurred_at": TRUST,
    "leads": TRUST,
    "service_area": "acute",
    "day": "2018-12-19",
    "day_precision": "day",
    "identified_on": "2018-12-19",
    "worst_harm": None,
    "framework": "SIF2015",
}


def react(contract: Any) -> list[To]:
    heard = Heard(contract=contract, event=CloudEvent(attributes={}, data=b""))
    return [to for one in REACTIONS if one.hears is type(contract) for to in one.does(heard)]


def classified(outcome: str) -> intake.ClassificationDecidedV1:
    return intake.ClassificationDecidedV1(
        **ABOUT,
        authority="trust",
        outcome=outcome,
        type="15",
        list="2018-02-01",
        effective_at="2018-12-19T09:00:00Z",
    )


def test_what_meets_a_never_event_opens_a_case() -> None:
    assert react(classified("meets")) == [To(INCIDENT, open_command(never_event=never_event()))]


@pytest.mark.parametrize("outcome", ["under_review", "does_not_meet"])
def test_any_other_outcome_is_noted_on_an_open_case_alone(outcome: Any) -> None:
    noted = m.NoteChange(what="classification", day=STORY, never_event=never_event(outcome))
    assert react(classified(outcome)) == [To(INCIDENT, noted, create=False)]


def test_a_declaration_opens_a_case() -> None:
    declared = intake.SeriousIncidentDeclaredV1(
        **ABOUT,
        serious_identified_on="2018-12-19",
        declared_on="2018-12-19",
        category="treatment",
        level=2,
    )
    assert react(declared) == [To(INCIDENT, open_command(serious=serious()))]


def test_submissions_reach_the_case_that_is_there() -> None:
    first = intake.InitialReviewSubmittedV1(**ABOUT, submitted_on="2018-12-21")
    assert react(first) == [
        To(INCIDENT, m.ReceiveInitialReview(submitted_on=date(2018, 12, 21)), create=False)
    ]
    report = intake.InvestigationSubmittedV1(
        **ABOUT,
        n=2,
        level=2,
        submitted_on="2019-03-18",
        factors=["equipment"],
        root_causes=1,
        findings=0,
        lessons=1,
        actions=[
            {
                "number": 1,
                "strength": "strong",
                "owner_role": "medical_director",
                "due": "2019-06-01",
            }
        ],
    )
    received = m.ReceiveInvestigation(
        n=2,
        submitted_on=date(2019, 3, 18),
        level=2,
        factors=("equipment",),
        root_causes=1,
        findings=0,
        lessons=1,
        actions=(action(),),
    )
    assert react(report) == [To(INCIDENT, received, create=False)]


def test_amendment_and_withdrawal_are_noted() -> None:
    amended = intake.EventAmendedV1(**ABOUT, changed=["worst_harm"])
    withdrawn = intake.EventWithdrawnV1(**ABOUT, reason="duplicate")
    assert react(amended) == [
        To(
            INCIDENT,
            m.NoteChange(what="amended", fields=("worst_harm",), day=STORY),
            create=False,
        )
    ]
    assert react(withdrawn) == [
        To(INCIDENT, m.NoteChange(what="withdrawn", day=STORY), create=False)
    ]


@pytest.mark.parametrize(
    ("scope", "command"),
    [
        ("record", m.EraseText(ground="retention")),
        ("patient", m.NoteChange(what="subject_erased", fields=("patient",), day=STORY)),
    ],
)
def test_a_whole_record_takes_the_cases_text_with_it(scope: str, command: Any) -> None:
    erased = intake.SubjectErasedV1(**ABOUT, scope=scope, ground="retention")
    assert react(erased) == [To(INCIDENT, command, create=False)]


def test_every_command_that_a_reaction_gives_has_a_row() -> None:
    known = {row.type for row in COMMANDS}
    assert {m.OpenCase, m.NoteChange, m.EraseText, m.ReceiveInvestigation} <= known
    assert len(known) == len(COMMANDS)


def test_a_table_of_relations_becomes_commands() -> None:
    found = commands_of(fixture_relations(), fixture_successions())
    assert len(found) == len(fixture_relations()) + len(fixture_successions())
    assert found[0] == To(
        "RHQ",
        c.RecordRelation(
            commissioner="03N",
            role="lead",
            since=date(2013, 4, 1),
            until=date(2022, 6, 30),
        ),
    )
    assert found[-1] == To("D2P2L", c.RecordSuccession(successor="QUA", on=date(2022, 7, 1)))
