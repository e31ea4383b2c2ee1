"""What the read models hold after a story: rows, seats, lists, clocks, and who is shown it."""

from datetime import UTC, date, datetime
from typing import Any

from services.assurance.domain import commissioning as c
from services.assurance.domain.activity import messages as am
from services.assurance.domain.case import events as e
from services.assurance.domain.marks import ActivityNoteCorrected, ActivityNoteWithdrawn
from services.assurance.domain.rules.waiting import NATIONAL
from services.assurance.projections import tables as t
from services.assurance.projections.views import PROJECTIONS
from shared.projections.base import Seen
from tests.assurance.builders import (
    ICB,
    INCIDENT,
    LEAD,
    OTHER,
    REGION,
    STORY,
    TRUST,
    action,
    answers,
    clock,
    never_event,
    noted,
    opened,
    parties,
    received,
    serious,
    unrouted,
)
from tests.kit.rows import MemoryRows, project

CASES_VIEW, ACTIVITIES_VIEW, MODES_VIEW, COMMISSIONING_VIEW = PROJECTIONS
DECLARED = (
    opened(serious=serious(), parties=parties(associates=(OTHER,))),
    clock("SIF-NOTIFY", date(2018, 12, 21)),
    e.ClockMet(rule="SIF-NOTIFY", on=STORY),
    clock("SIF-INITIAL", date(2018, 12, 24)),
    clock("SIF-REPORT-2", date(2019, 3, 18)),
)
INITIAL = e.InitialReviewReceived(n=1, submitted_on=STORY)
RETURNED = e.InvestigationReturned(
    n=1,
    answers=answers(C3="not_met"),
    open_criteria=("C3",),
    on=STORY,
    due=date(2019, 2, 1),
)
ACCEPTED = e.InvestigationAccepted(n=1, answers=answers(), on=STORY)
CLOSED = e.CaseClosed(
    on=STORY,
    learning="Cap the outlet",
    themes=("medical_gases",),
    actions_open=(1,),
    depth=2,
    depth_rule="depth-1",
)


async def _rows(*events: object) -> MemoryRows:
    return await project(CASES_VIEW, f"case-{INCIDENT}", *events)


async def _case(*events: object) -> dict[str, Any]:
    return (await _rows(*events)).only(t.CASES)


def _lists(rows: MemoryRows) -> dict[str, Any]:
    return {one["item"]: (one["seat"], one["due"]) for one in rows.all(t.WAITING)}


async def test_a_declared_case_stands_with_its_parties_and_lists() -> None:
    rows = await _rows(*DECLARED)
    case = rows.only(t.CASES)
    assert (case["state"], case["version"], case["level"]) == ("declared", 5, 2)
    assert {(one["seat"], one["organisation"]) for one in rows.all(t.SEATS)} == {
        ("provider", TRUST),
        ("lead", LEAD),
        ("associate", OTHER),
        ("region", REGION),
    }
    assert _lists(rows) == {
        "acknowledge": ("lead", None),
        "initial_review": ("provider", date(2018, 12, 24)),
        "investigation": ("provider", date(2019, 3, 18)),
    }


async def test_a_never_event_alone_waits_for_its_declaration() -> None:
    rows = await _rows(opened(never_event=never_event()))
    assert rows.only(t.CASES)["state"] == "declaration_awaited"
    assert _lists(rows) == {"acknowledge": ("lead", None), "declare": ("provider", None)}
    after = await _rows(
        opened(never_event=never_event()),
        e.ReasonAdded(reason="serious_incident", on=STORY, serious=serious()),
    )
    assert after.only(t.CASES)["state"] == "declared"
    assert "declare" not in _lists(after)


async def test_oversight_asks_for_no_declaration() -> None:
    rows = await _rows(opened(framework="PSIRF2022", never_event=never_event()))
    assert rows.only(t.CASES)["state"] == "oversight"
    assert _lists(rows) == {"acknowledge": ("lead", None)}


async def test_an_unrouted_case_waits_with_the_region_or_else_the_national_body() -> None:
    regional = await _rows(opened(serious=serious(), parties=unrouted()))
    assert _lists(regional) == {"reroute": ("region", None)}
    nowhere = parties(found="nobody", lead=None, acting=None, region=None)
    national = await _rows(opened(serious=serious(), parties=nowhere))
    assert _lists(national) == {"reroute": ("national", None)}
    assert ("national", NATIONAL) in {
        (one["seat"], one["organisation"]) for one in national.all(t.SEATS)
    }


async def test_rerouting_moves_the_seat_and_asks_for_an_acknowledgement() -> None:
    rerouted = e.CaseRerouted(to=OTHER, by=REGION, on=STORY, reason="x")
    rows = await _rows(opened(serious=serious(), parties=unrouted()), rerouted)
    assert _lists(rows) == {"acknowledge": ("lead", None)}
    assert ("lead", OTHER) in {(one["seat"], one["organisation"]) for one in rows.all(t.SEATS)}


async def test_a_successor_takes_the_seat_and_figures_keep_the_name() -> None:
    rows = await _rows(*DECLARED, e.CaseHandedOver(former=LEAD, to=ICB, on=date(2022, 7, 1)))
    case = rows.only(t.CASES)
    assert (case["lead"], case["acting"]) == (LEAD, ICB)
    held = {one["organisation"] for one in rows.all(t.SEATS) if one["seat"] == "lead"}
    assert held == {ICB}


async def test_what_the_trust_sends_moves_to_the_commissioners_list_and_back() -> None:
    to_review = await _rows(*DECLARED, INITIAL)
    assert _lists(to_review)["review_initial_review"] == ("lead", None)
    assert "initial_review" not in _lists(to_review)
    qa = clock("SIF-QA", date(2019, 1, 8))
    reported = await _rows(*DECLARED, INITIAL, received(), qa)
    assert _lists(reported)["review_investigation"] == ("lead", date(2019, 1, 8))
    returned = await _rows(*DECLARED, INITIAL, received(), qa, RETURNED)
    assert _lists(returned)["resubmit"] == ("provider", date(2019, 2, 1))
    assert returned.only(t.CASES)["state"] == "returned"
    accepted = await _rows(*DECLARED, INITIAL, received(), qa, ACCEPTED)
    assert _lists(accepted)["close"] == ("lead", None)


async def test_a_closed_case_waits_for_nothing_and_stays_closed() -> None:
    later = received(n=2)
    rows = await _rows(*DECLARED, received(), ACCEPTED, CLOSED, later)
    case = rows.only(t.CASES)
    assert rows.all(t.WAITING) == []
    assert (case["state"], case["has_learning"], case["actions_open"], case["submission"]) == (
        "closed_actions_open",
        True,
        1,
        2,
    )
    erased = await _case(*DECLARED, received(), ACCEPTED, CLOSED, e.SubjectErased(ground="x"))
    assert erased["has_learning"] is False


async def test_a_withdrawn_record_leaves_the_lists() -> None:
    rows = await _rows(*DECLARED, e.ChangeNoted(what="withdrawn", on=STORY))
    assert (rows.only(t.CASES)["state"], rows.all(t.WAITING)) == ("withdrawn", [])


async def test_the_decision_that_stands_is_the_highest() -> None:
    def decided(authority: Any, outcome: Any) -> e.ClassificationDecided:
        return e.ClassificationDecided(
            authority=authority,
            decided_by=LEAD,
            outcome=outcome,
            list="2018-02-01",
            reason="x",
            effective_at=datetime(2018, 12, 19, tzinfo=UTC),
        )

    case = await _case(
        opened(never_event=never_event()),
        decided("national", "does_not_meet"),
        decided("commissioner", "meets"),
        e.ChangeNoted(what="classification", on=STORY, never_event=never_event()),
    )
    assert (case["never_event"], case["never_event_type"]) == ("does_not_meet", None)
    assert set(case["decisions"]) == {"trust", "commissioner", "national"}


async def test_depth_is_that_of_the_deepest_activity_which_stands() -> None:
    deep = (*DECLARED, noted(1), noted(3, "a2"))
    case = await _case(*deep)
    assert (case["depth"], case["activities"], case["first_contact_on"]) == (3, 2, STORY)
    gone = ActivityNoteWithdrawn(
        activity="a2", incident=INCIDENT, provider=TRUST, commissioner=LEAD, reason="other"
    )
    assert (await _case(*deep, gone))["depth"] == 1


async def test_clocks_keep_their_first_due_day_and_say_when_to_wake() -> None:
    rows = await _rows(
        *DECLARED,
        e.ReminderDue(rule="SIF-INITIAL", day=date(2018, 12, 21), due=date(2018, 12, 24)),
        e.ClockRecomputed(
            rule="SIF-REPORT-2",
            old_due=date(2019, 3, 18),
            new_due=date(2019, 3, 19),
            calendar="england-1/x",
        ),
    )
    clocks = {one["rule"]: one for one in rows.all(t.CLOCKS)}
    assert clocks["SIF-NOTIFY"]["running"] is False
    assert clocks["SIF-NOTIFY"]["wakes_on"] is None
    assert clocks["SIF-INITIAL"]["wakes_on"] == date(2018, 12, 25)
    report = clocks["SIF-REPORT-2"]
    assert (report["first_due"], report["due"]) == (date(2019, 3, 18), date(2019, 3, 19))
    assert _lists(rows)["investigation"] == ("provider", date(2019, 3, 19))


async def test_what_is_told_is_shown_to_those_with_a_part_in_it_then() -> None:
    rows = await _rows(
        *DECLARED,
        e.CaseAcknowledged(on=STORY, organisation=LEAD, person="h"),
        e.CaseRerouted(to=ICB, former=LEAD, by=REGION, on=STORY, reason="x"),
        INITIAL,
    )
    assert [one["position"] for one in rows.all(t.TOLD)] == [1, 6, 7]
    shown = {
        position: {
            one["organisation"] for one in rows.all(t.TOLD_TO) if one["position"] == position
        }
        for position in (6, 7)
    }
    assert shown == {
        6: {TRUST, LEAD, OTHER, REGION},
        7: {TRUST, LEAD, OTHER, REGION, ICB},
    }


async def test_an_activity_stands_as_last_corrected_under_its_subjects() -> None:
    def content(*cases: str) -> dict[str, Any]:
        return {
            "subjects": tuple(am.Subject(kind="case", id=one) for one in cases),
            "commissioner": LEAD,
            "on": STORY,
            "modes": ("site_visit",),
            "depth": 2,
            "depth_rule": "depth-1",
        }

    rows = await project(
        ACTIVITIES_VIEW,
        "activity-a1",
        am.ActivityRecorded(**content("c1", "c2")),
        am.ActivityCorrected(**content("c2", "c3"), reason="wrong_subject", corrected_on=STORY),
        am.ActivityWithdrawn(reason="other", withdrawn_on=STORY),
    )
    activity = rows.only(t.ACTIVITIES)
    assert (activity["version"], activity["corrected"], activity["withdrawn"]) == (3, True, True)
    assert [one["subject"] for one in rows.all(t.ACTIVITY_SUBJECTS)] == ["c2", "c3"]


async def test_the_modes_of_an_activity_are_those_of_its_note_on_each_case() -> None:
    first = noted(3, modes=("site_visit", "staff_conversation", "site_visit"))
    rows = await project(MODES_VIEW, "case-c1", first)
    await project(MODES_VIEW, "case-c2", first, rows=rows)
    assert _modes(rows) == {
        "c1": ["site_visit", "staff_conversation"],
        "c2": ["site_visit", "staff_conversation"],
    }
    less = {one: getattr(first, one) for one in first.__dataclass_fields__}
    mended = ActivityNoteCorrected(**{**less, "modes": ("desk_review",)}, reason="wrong_modes")
    await project(MODES_VIEW, "case-c1", mended, rows=rows)
    gone = ActivityNoteWithdrawn(
        activity="a1", incident=INCIDENT, provider=TRUST, commissioner=LEAD, reason="other"
    )
    await project(MODES_VIEW, "case-c2", gone, rows=rows)
    assert _modes(rows) == {"c1": ["desk_review"]}


def _modes(rows: MemoryRows) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for one in rows.all(t.ACTIVITY_MODES):
        held.setdefault(one["case_id"], []).append(one["mode"])
    return held


async def test_relations_and_successions_stand_as_recorded() -> None:
    since, until = date(2013, 4, 1), date(2022, 6, 30)
    rows = await project(
        COMMISSIONING_VIEW,
        f"commissioning-{TRUST}",
        c.RelationRecorded(commissioner=LEAD, role="lead", since=since),
        c.RelationEnded(commissioner=LEAD, role="lead", since=since, until=until),
    )
    assert rows.only(t.RELATIONS)["until"] == until
    taken = c.SuccessionRecorded(successor=ICB, on=date(2022, 7, 1))
    held = await project(COMMISSIONING_VIEW, f"succession-{LEAD}", taken, rows=rows)
    assert held.only(t.SUCCESSIONS)["former"] == LEAD
    told = await project(CASES_VIEW, f"succession-{LEAD}", taken)
    assert {one["organisation"] for one in told.all(t.TOLD_TO)} == {LEAD, ICB}


async def test_a_view_passes_every_event_of_its_streams() -> None:
    """An event without a step of its own still moves the version on."""
    rows = MemoryRows()
    story = (*DECLARED, received(actions=(action(),)))
    for version, event in enumerate(story, start=1):
        seen = Seen(
            position=version,
            stream=f"case-{INCIDENT}",
            id=INCIDENT,
            version=version,
            recorded_at=datetime(2018, 12, 19, 12, tzinfo=UTC),
            meta={},
        )
        await CASES_VIEW.views[type(event)](rows, event, seen)
        assert rows.only(t.CASES)["version"] == version
