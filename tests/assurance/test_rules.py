"""The pure calculators of assurance: depth, routing, content, clocks."""

from datetime import UTC, date, datetime

import pytest

from services.assurance.domain.case.clocking import begin
from services.assurance.domain.rules.clocks import deadline, wakes_on
from services.assurance.domain.rules.closing import (
    Content,
    missing_content,
    missing_reason,
    open_criteria,
)
from services.assurance.domain.rules.depth import MODES, depth_of
from services.assurance.domain.rules.routing import Seats, named_roles, route
from shared.kernel.clock import london_day
from shared.nhs.frameworks import PSIRF2022, SIF2015
from shared.nhs.relations import Relation, Succession
from shared.nhs.roles import STEPS
from tests.assurance.builders import ICB, LEAD, LEADS, NATIONAL, OTHER, STORY, TRUST, clock


@pytest.mark.parametrize(
    ("modes", "depth"),
    [
        (("desk_review",), 0),
        (("desk_review", "data_review"), 0),
        (("desk_review", "phone_or_meeting"), 1),
        (("leadership_meeting",), 1),
        (("staff_conversation", "patient_or_family_conversation"), 1),
        (("site_visit",), 2),
        (("direct_observation", "staff_conversation"), 2),
        (("site_visit", "staff_conversation", "patient_or_family_conversation"), 3),
        (("direct_observation", "staff_conversation", "patient_or_family_conversation"), 3),
    ],
)
def test_depth_follows_from_the_modes(modes: tuple[str, ...], depth: int) -> None:
    assert depth_of(modes) == depth
    assert depth_of(reversed(modes)) == depth


def test_every_mode_has_a_depth_and_an_unknown_one_has_none() -> None:
    assert [depth_of((mode,)) for mode in MODES] == [0, 0, 1, 1, 1, 1, 2, 2]
    with pytest.raises(KeyError):
        depth_of(("telepathy",))


def _route(*relations: Relation, area: str | None = "acute", today: date = STORY, **more):
    return route(
        provider=TRUST,
        service_area=area,
        day=STORY,
        today=today,
        relations=relations,
        successions=more.get("successions", ()),
        region=None,
    )


SPECIALISED = Relation(
    provider=TRUST,
    commissioner="13Q",
    role="specialised",
    scope=frozenset({"mental_health"}),
    from_=date(2013, 4, 1),
)
ASSOCIATE = Relation(provider=TRUST, commissioner=OTHER, role="associate", from_=date(2013, 4, 1))


def test_a_case_goes_to_the_lead_and_associates_are_informed() -> None:
    found = _route(LEADS, ASSOCIATE, SPECIALISED)
    assert (found.found, found.lead, found.acting) == ("lead", LEAD, LEAD)
    assert found.associates == ("13Q", OTHER)


def test_a_scope_that_holds_the_service_area_comes_before_the_lead() -> None:
    found = _route(LEADS, SPECIALISED, area="mental_health")
    assert (found.found, found.lead, found.associates) == ("specialised", "13Q", (LEAD,))
    assert _route(LEADS, SPECIALISED, area=None).lead == LEAD


def test_none_or_several_leave_it_unrouted() -> None:
    second = Relation(provider=TRUST, commissioner=ICB, role="lead", from_=date(2013, 4, 1))
    assert _route().found == "nobody"
    assert _route(ASSOCIATE).found == "nobody"
    both = _route(LEADS, second)
    assert (both.found, both.lead) == ("several", None)
    assert both.associates == (LEAD, ICB)


def test_only_relations_of_the_day_count() -> None:
    ended = Relation(
        provider=TRUST,
        commissioner=LEAD,
        role="lead",
        from_=date(2013, 4, 1),
        to=date(2018, 12, 18),
    )
    later = Relation(provider=TRUST, commissioner=OTHER, role="lead", from_=date(2018, 12, 20))
    assert _route(ended, later).found == "nobody"


def test_the_lead_of_the_day_keeps_its_name_and_its_successor_acts() -> None:
    succession = Succession(from_=LEAD, to=ICB, on=date(2022, 7, 1))
    before = _route(LEADS, today=date(2022, 6, 30), successions=(succession,))
    after = _route(LEADS, today=date(2022, 7, 1), successions=(succession,))
    assert (before.lead, before.acting) == (LEAD, LEAD)
    assert (after.lead, after.acting) == (LEAD, ICB)


def test_every_step_of_both_frameworks_has_a_named_responsible_organisation() -> None:
    seats = Seats(provider=TRUST, lead=LEAD, associates=(), region=None, national=NATIONAL)
    for framework in ("SIF2015", "PSIRF2022"):
        roles = named_roles(framework, STEPS, seats, date(2023, 5, 1))
        held = {one.step for one in roles if one.responsibility == "responsible"}
        assert held == set(STEPS)
        assert all(one.organisations for one in roles if one.responsibility == "responsible"), (
            framework
        )


def test_a_report_without_causes_lessons_or_dated_actions_lacks_them() -> None:
    empty = Content(root_causes=0, findings=3, lessons=0, actions={})
    assert missing_content(SIF2015, empty) == ("root causes", "lessons", "time-bound actions")
    undated = Content(root_causes=1, findings=0, lessons=1, actions={1: STORY, 2: None})
    assert missing_content(SIF2015, undated) == ("a due day for action 2",)


def test_the_later_framework_asks_for_findings_and_safety_actions() -> None:
    empty = Content(root_causes=1, findings=0, lessons=1, actions={})
    assert missing_content(PSIRF2022, empty) == ("findings", "safety actions")


@pytest.mark.parametrize(
    ("never_event", "depth", "reason", "lacks"),
    [
        (True, 1, None, True),
        (True, 1, "The ward closed", False),
        (True, 2, None, False),
        (False, 0, None, False),
    ],
)
def test_an_unvisited_never_event_needs_a_reason(never_event, depth, reason, lacks) -> None:
    assert bool(missing_reason(never_event=never_event, depth=depth, reason=reason)) == lacks


def test_partly_and_not_met_stay_open() -> None:
    given = (("A1", "met"), ("A2", "partly"), ("A3", "not_met"), ("B1", "not_applicable"))
    assert open_criteria(given) == ("A2", "A3")


@pytest.mark.parametrize(
    ("rule", "day0", "due"),
    [
        ("SIF-NOTIFY", date(2018, 3, 28), date(2018, 4, 3)),
        ("SIF-INITIAL", date(2018, 12, 22), date(2018, 12, 28)),
        ("SIF-REPORT-2", date(2018, 12, 19), date(2019, 3, 18)),
        ("SIF-QA", date(2019, 3, 18), date(2019, 4, 7)),
        ("SIF-NOTIFY", date(2022, 5, 31), date(2022, 6, 6)),
        ("SIF-REPORT-3", date(2019, 8, 31), date(2020, 2, 29)),
    ],
)
def test_deadlines_over_weekends_and_bank_holidays(rule: str, day0: date, due: date) -> None:
    assert deadline("SIF2015", rule, day0, date(2023, 1, 1)).day == due


@pytest.mark.parametrize("day0", [date(2018, 3, 23), date(2018, 10, 26)])
def test_a_change_of_the_clocks_moves_no_due_day(day0: date) -> None:
    """Summer time began on 25 March and ended on 28 October 2018, Sundays in between."""
    end = deadline("SIF2015", "SIF-NOTIFY", day0, day0)
    assert (end.day - day0).days == 4
    assert end.instant.hour == (22 if day0.month == 3 else 23)


def test_what_happens_past_midnight_in_london_counts_from_the_next_day() -> None:
    """2018-07-10T23:30Z is half past midnight of 11 July in London."""
    day0 = london_day(datetime(2018, 7, 10, 23, 30, tzinfo=UTC))
    end = deadline("SIF2015", "SIF-NOTIFY", day0, day0)
    assert (day0, end.day) == (date(2018, 7, 11), date(2018, 7, 13))
    assert end.instant == datetime(2018, 7, 13, 22, 59, 59, tzinfo=UTC)


def test_a_clock_wakes_for_its_reminder_and_then_for_its_breach() -> None:
    running = begin(clock("SIF-INITIAL", date(2018, 12, 24)))
    assert wakes_on("SIF2015", running) == date(2018, 12, 21)
