"""What each event does to the read models."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.domain.incident.messages.classification import (
    ClassificationHeard,
    NeverEventProposed,
)
from services.intake.domain.incident.messages.feedback import LessonDrawn
from services.intake.domain.incident.messages.passages import (
    PassageCorrected,
    PassageReleased,
    SubjectErased,
)
from services.intake.domain.incident.messages.report import (
    Changes,
    EventAmended,
    EventWithdrawn,
    Reporter,
)
from services.intake.domain.incident.state import INCIDENT
from services.intake.projections.tables import CHANGES, INCIDENTS, RELATIONS, SUCCESSIONS
from services.intake.projections.views import COMMISSIONING, EVENTS
from tests.intake import builders as make
from tests.intake.reach import META, relation, succession
from tests.kit.rows import NOON, project

REPORTED = make.reported(
    make.passage(1),
    make.passage(2, "location"),
    location="Ward 7",
    agents=("device",),
    reporter=Reporter(type="staff", anonymous=True, why_anonymous=("colleagues",)),
    basis_=make.basis(worst_harm="severe", unverified=("leads",)),
)
PROPOSED = NeverEventProposed(
    type="15", list="2018-02-01", framework="SIF2015", causes=("words",), rule="r1"
)


async def row(*events):
    rows = await project(EVENTS, "incident-e1", REPORTED, *events, meta=META)
    return rows.only(INCIDENTS)


def test_every_event_of_a_story_has_its_step():
    assert EVENTS.views.keys() == set(INCIDENT.events)


async def test_a_report_becomes_a_row_of_codes():
    told = await row()
    assert told["day"] == make.DAY
    assert (told["day_precision"], told["worst_harm"]) == ("day", "severe")
    assert (told["anonymous"], told["why_anonymous"]) == (True, ["colleagues"])
    assert (told["passages_withheld"], told["unverified"]) == (2, ["leads"])
    assert (told["version"], told["reported_position"], told["recorded_at"]) == (1, 1, NOON)


async def test_no_narrative_reaches_a_table():
    rows = await project(EVENTS, "incident-e1", REPORTED, make.classified(), meta=META)
    held = repr([rows.all(INCIDENTS), rows.all(CHANGES)])
    for secret in ("A fall", "Ward 7", "staff", "The list names it"):
        assert secret not in held


async def test_an_amendment_changes_what_changed():
    late = datetime(2018, 6, 30, 23, 30, tzinfo=UTC)
    amended = EventAmended(
        changes=Changes(occurred=late, agents=(), location="Bay 2", data_sharing_opt_out=True),
        cleared=("reporter", "service_area"),
        changed=(
            "occurred",
            "agents",
            "location",
            "reporter",
            "service_area",
            "data_sharing_opt_out",
        ),
        basis=make.basis(),
        passages=(make.passage(3, "location"),),
    )
    told = await row(amended)
    assert (told["day"], told["day_precision"]) == (date(2018, 7, 1), "time")
    assert (told["agents"], told["opted_out"], told["anonymous"]) == ([], True, False)
    assert told["passages"] == {"1": "what_happened", "3": "location"}
    assert (told["worst_harm"], told["unverified"]) == (None, [])
    assert (told["version"], told["position"], told["reported_position"]) == (2, 2, 1)


@pytest.mark.parametrize(
    "settled", [PassageReleased(passage=1), PassageCorrected(passage=1, text="x")]
)
async def test_a_settled_passage_waits_no_more(settled):
    told = await row(settled)
    assert (told["passages"], told["passages_withheld"]) == ({"2": "location"}, 1)


async def test_the_standing_word_is_that_of_the_highest_authority():
    heard = ClassificationHeard(
        case="c1",
        authority="national",
        decided_by="X26",
        outcome="does_not_meet",
        type="15",
        list="2018-02-01",
        effective_at=make.NOW,
        on=make.DAY,
    )
    told = await row(make.classified())
    assert (told["never_event_outcome"], told["never_event_authority"]) == ("meets", "trust")
    told = await row(heard, make.classified())
    assert (told["never_event_outcome"], told["never_event_authority"]) == (
        "does_not_meet",
        "national",
    )


async def test_a_proposal_waits_with_its_age_until_somebody_decides():
    assert (await row(PROPOSED))["proposed_since"] == NOON
    assert (await row(PROPOSED, make.classified()))["proposed_since"] is None
    assert (await row(PROPOSED, EventWithdrawn(reason="duplicate")))["proposed_since"] is None


async def test_the_trusts_steps_and_the_answers_are_counted():
    told = await row(
        make.declared(),
        make.initial_review(),
        make.investigated(passages=(make.passage(3, "investigation/1/summary"),)),
        make.responded("case_acknowledged"),
        make.responded("activity_recorded", on=date(2019, 1, 9)),
        LessonDrawn(lesson="l1", number="n", version=1, what="published", on=make.DAY),
        LessonDrawn(lesson="l1", number="n", version=1, what="withdrawn", on=make.DAY),
    )
    assert (told["serious_level"], told["investigations"], told["lessons"]) == (2, 1, 1)
    assert (told["answered_on"], told["passages_withheld"]) == (make.NOW.date(), 3)


async def test_what_was_erased_is_dropped():
    told = await row(SubjectErased(scope="reporter", patient=None, ground="request"))
    assert (told["why_anonymous"], told["passages_withheld"]) == ([], 2)
    told = await row(SubjectErased(scope="record", patient=None, ground="retention"))
    assert (told["erased"], told["why_anonymous"], told["passages_withheld"]) == (True, [], 0)


async def test_every_step_stands_among_the_changes_in_log_order():
    rows = await project(
        EVENTS, "incident-e1", REPORTED, PROPOSED, make.responded("case_opened"), meta=META
    )
    told = rows.all(CHANGES)
    assert [(one["position"], one["type"], one["home"]) for one in told] == [
        (1, "event_reported", False),
        (2, "never_event_proposed", True),
        (3, "commissioner_responded", False),
    ]
    assert told[2]["details"] == {
        "kind": "case_opened",
        "on": "2018-12-20",
        "by": make.CCG,
        "case": "case1",
    }
    assert told[0]["at"] == META["at"]


async def test_a_withdrawn_lesson_stands_there_with_its_reason():
    told: dict[str, Any] = {"lesson": "l1", "number": "n", "version": 1, "what": "withdrawn"}
    gone = LessonDrawn(**told, reason="found_harmful", on=make.DAY)
    rows = await project(EVENTS, "incident-e1", REPORTED, gone, meta=META)
    details = rows.all(CHANGES)[1]["details"]
    assert details == {**told, "reason": "found_harmful", "on": make.DAY.isoformat()}


async def test_relations_and_successions_are_kept_as_they_were_told():
    rows = await project(
        COMMISSIONING,
        "heard-commissioning-RHQ",
        relation("RHQ", "03N", scope=["mental_health", "acute"]),
        relation("RHQ", "03N", scope=["mental_health", "acute"], until="2022-06-30"),
        succession("03N", "QF7", "2022-07-01"),
    )
    held = rows.only(RELATIONS)
    assert (held["scope"], held["until"]) == (",acute,mental_health,", date(2022, 6, 30))
    assert rows.only(SUCCESSIONS)["since"] == date(2022, 7, 1)
