"""What assurance says, byte for byte, and that it says no word of narrative."""

from datetime import date
from typing import Any

import pytest

from services.assurance.domain import commissioning as c
from services.assurance.domain import marks
from services.assurance.domain.case import events as e
from services.assurance.domain.case.state import CASE
from services.assurance.projections.views import TOLD
from services.assurance.publisher import SAYS
from shared.contracts import assurance as told
from shared.contracts.base import REGISTRY, encode, spec_of
from shared.contracts.envelope import Tell
from shared.contracts.heads import HEADS
from shared.contracts.saying import Happened
from tests.assurance.builders import (
    COMMISSIONER,
    ICB,
    INCIDENT,
    LEAD,
    OTHER,
    STORY,
    TRUST,
    answers,
    facts,
    never_event,
    noted,
    opened,
    parties,
    serious,
    unrouted,
)
from tests.kit.goldens import assert_golden

SECRET = "A word that stays home"
PAST = (opened(serious=serious(), never_event=never_event(), parties=parties()),)


def happened(stream: str, state: Any = None) -> Happened:
    """What a publisher is told of an event, at ten o'clock of the story's day."""
    return Happened(
        id=stream.partition("-")[2],
        stream=stream,
        version=1,
        at="2018-12-19T10:00:00Z",
        today="2018-12-19",
        actor=COMMISSIONER,
        state=state,
    )


def contract_of(event: Any, *past: object) -> Any:
    """The contract that is told of a case's event."""
    return say(event, *past).contract


def say(event: Any, *past: object) -> Tell:
    """What is told of a case's event, the case being as the event leaves it."""
    state = CASE.fold([*(past or PAST), *([] if event in (past or PAST) else [event])])
    (one,) = SAYS[type(event)](event, happened(f"case-{INCIDENT}", state))
    return one


def _about(**more: Any) -> dict[str, Any]:
    return {
        "incident": INCIDENT,
        "case": INCIDENT,
        "provider": TRUST,
        "commissioner": LEAD,
        **more,
    }


_NOTE = {
    "activity": "a1",
    "incident": INCIDENT,
    "provider": TRUST,
    "commissioner": LEAD,
    "reason": "wrong_date",
}
_TOLD_NOTE: dict[str, Any] = {
    "on": "2018-12-19",
    "modes": ["site_visit"],
    "participants": [],
    "depth": 2,
    "depth_rule": "depth-1",
}

TOLD_OF_CASES: tuple[tuple[Any, Any], ...] = (
    (
        PAST[0],
        told.CaseOpenedV1(
            **_about(),
            framework="SIF2015",
            reason="serious_incident",
            opened_on="2018-12-19",
            clocks=["SIF-NOTIFY", "SIF-INITIAL", "SIF-REPORT-2"],
        ),
    ),
    (
        e.CaseAcknowledged(on=STORY, organisation=LEAD, person="hmac"),
        told.CaseAcknowledgedV1(**_about(), on="2018-12-19"),
    ),
    (
        e.CaseHandedOver(former=LEAD, to=ICB, on=date(2022, 7, 1)),
        told.CaseHandedOverV1(**_about(), former=LEAD, to=ICB, on="2022-07-01", cause="succession"),
    ),
    (
        e.ClassificationDecided(
            authority="commissioner",
            decided_by=LEAD,
            outcome="does_not_meet",
            type="15",
            list="2018-02-01",
            guidance_ref="NHSI-2018-07",
            reason=SECRET,
            effective_at=facts().now,
        ),
        told.ClassificationDecidedV1(
            **_about(),
            authority="commissioner",
            decided_by=LEAD,
            outcome="does_not_meet",
            type="15",
            list="2018-02-01",
            guidance_ref="NHSI-2018-07",
            effective_at="2018-12-19T10:00:00Z",
        ),
    ),
    (
        e.InvestigationAccepted(n=2, answers=answers(), on=STORY),
        told.FeedbackGivenV1(
            **_about(), about="investigation", verdict="accepted", n=2, on="2018-12-19"
        ),
    ),
    (
        e.InvestigationReturned(
            n=1,
            answers=answers(C3="not_met"),
            open_criteria=("C3",),
            on=STORY,
            due=date(2019, 2, 1),
        ),
        told.InvestigationReturnedV1(
            **_about(), n=1, open_criteria=["C3"], on="2018-12-19", due="2019-02-01"
        ),
    ),
    (
        e.ClockBreached(rule="SIF-INITIAL", due=date(2018, 12, 24), on=date(2018, 12, 25)),
        told.ClockBreachedV1(**_about(), rule="SIF-INITIAL", due="2018-12-24"),
    ),
    (
        e.CaseClosed(
            on=STORY,
            learning=SECRET,
            themes=("medical_gases",),
            actions_open=(1, 2),
            depth=2,
            depth_rule="depth-1",
        ),
        told.CaseClosedV1(
            **_about(),
            on="2018-12-19",
            learning=True,
            themes=["medical_gases"],
            never_event_type="15",
            actions_open=2,
            depth=2,
        ),
    ),
    (noted(2), told.ActivityRecordedV1(**_about(), activity="a1", **_TOLD_NOTE)),
    (
        marks.ActivityNoteCorrected(
            **_NOTE,
            on=STORY,
            modes=("site_visit",),
            participants=(),
            depth=2,
            depth_rule="depth-1",
        ),
        told.ActivityCorrectedV1(**_about(), activity="a1", **_TOLD_NOTE, reason="wrong_date"),
    ),
    (
        marks.ActivityNoteWithdrawn(**_NOTE),
        told.ActivityWithdrawnV1(**_about(), activity="a1", reason="wrong_date"),
    ),
)


@pytest.mark.parametrize(
    ("event", "contract"), TOLD_OF_CASES, ids=[type(one[0]).__name__ for one in TOLD_OF_CASES]
)
def test_each_event_of_a_case_is_told_as_its_golden_says(event: Any, contract: Any) -> None:
    one = say(event)
    assert one.contract == contract
    assert (one.time, one.subject) == ("2018-12-19T10:00:00Z", INCIDENT)
    assert SECRET.encode() not in encode(contract)
    assert_golden(contract)


def test_relations_and_successions_are_told_as_their_goldens_say() -> None:
    ended = c.RelationEnded(
        commissioner=LEAD,
        role="lead",
        scope=("acute",),
        since=date(2013, 4, 1),
        until=date(2022, 6, 30),
    )
    (one,) = SAYS[c.RelationEnded](ended, happened(f"commissioning-{TRUST}"))
    relation = told.RelationChangedV1(
        provider=TRUST,
        commissioner=LEAD,
        role="lead",
        scope=["acute"],
        since="2013-04-01",
        until="2022-06-30",
    )
    assert (one.contract, one.subject) == (relation, TRUST)
    assert_golden(relation)
    taken = c.SuccessionRecorded(successor=ICB, on=date(2022, 7, 1))
    (one,) = SAYS[c.SuccessionRecorded](taken, happened(f"succession-{LEAD}"))
    succession = told.SuccessionRecordedV1(former=LEAD, successor=ICB, on="2022-07-01")
    assert one.contract == succession
    assert_golden(succession)


def test_other_answers_are_told_by_the_same_contracts() -> None:
    accepted = contract_of(e.InitialReviewAccepted(n=1, on=STORY, comment=SECRET))
    asked = contract_of(e.FurtherInformationRequested(n=2, on=STORY, comment=SECRET))
    assert (accepted.about, accepted.verdict, accepted.n) == ("initial_review", "accepted", 1)
    assert (asked.about, asked.verdict, asked.n) == ("initial_review", "further_information", 2)
    rerouted = e.CaseRerouted(to=OTHER, by="Y57", on=STORY, reason=SECRET)
    moved = contract_of(rerouted, opened(serious=serious(), parties=unrouted()))
    assert (moved.former, moved.to, moved.cause) == (None, OTHER, "rerouted")
    assert moved.commissioner == OTHER


def test_an_unrouted_case_names_no_commissioner_and_a_never_event_alone_no_clocks() -> None:
    first = opened(never_event=never_event(), parties=unrouted())
    contract = contract_of(first, first)
    assert (contract.commissioner, contract.clocks, contract.reason) == (None, [], "never_event")


def test_narrative_is_reached_by_its_address_alone() -> None:
    closed = e.CaseClosed(on=STORY, learning=SECRET, depth=0, depth_rule="depth-1")
    assert say(closed).dataref == f"/assurance/cases/{INCIDENT}/learning"
    assert say(noted(2)).dataref == f"/assurance/cases/{INCIDENT}"


def test_no_longer_a_never_event_no_type_is_told_on_closing() -> None:
    national = e.ClassificationDecided(
        authority="national",
        decided_by="X26",
        outcome="does_not_meet",
        list="2018-02-01",
        reason=SECRET,
        effective_at=facts().now,
    )
    closed = e.CaseClosed(on=STORY, depth=0, depth_rule="depth-1")
    contract = contract_of(closed, *PAST, national)
    assert (contract.learning, contract.never_event_type) == (False, None)


def test_every_contract_of_assurance_is_told_by_some_event() -> None:
    spoken = {spec_of(type(contract)).type for _, contract in TOLD_OF_CASES}
    spoken |= {spec_of(cls).type for cls in (told.RelationChangedV1, told.SuccessionRecordedV1)}
    spoken.add(spec_of(HEADS["assurance"]).type)  # the log's own, not the domain's
    assert spoken == {one for one, spec in REGISTRY.items() if spec.service == "assurance"}


def test_the_views_know_what_is_told() -> None:
    assert set(SAYS) == TOLD
