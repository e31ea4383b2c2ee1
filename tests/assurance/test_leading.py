"""Who leads a case: a region names them, a succession hands it over, they acknowledge it."""

from datetime import date

from services.assurance.domain.case import events as e
from services.assurance.domain.case import messages as m
from services.assurance.domain.case.decide.leading import acknowledge, hand_over, reroute
from services.assurance.domain.case.relations import relations
from services.assurance.domain.case.state import CASE
from shared.kernel.errors import Invalid, NotFound, NotNow
from tests.assurance.builders import (
    ICB,
    LEAD,
    OTHER,
    REGION,
    STORY,
    STRANGER,
    facts,
    opened,
    rerouting_facts,
    serious,
    unrouted,
)
from tests.kit.decider import given


def test_the_region_names_the_lead() -> None:
    command = m.Reroute(to=OTHER, reason="They commission the ward")
    past = given(CASE, opened(serious=serious(), parties=unrouted()))
    rerouted = e.CaseRerouted(to=OTHER, by=REGION, on=STORY, reason=command.reason)
    past.when(reroute, command, rerouting_facts()).then(rerouted)
    assert relations(CASE.fold([rerouted], past.state), STRANGER) == {"lead"}


def test_only_a_commissioner_can_be_named_and_not_the_one_that_leads() -> None:
    past = given(CASE, opened(serious=serious()))
    past.when(reroute, m.Reroute(to="RTH", reason="x"), rerouting_facts(kind="trust")).refused(
        Invalid, "No commissioner"
    )
    past.when(reroute, m.Reroute(to=LEAD, reason="x"), rerouting_facts()).refused(NotNow, "leads")


def test_the_commissioner_acknowledges_once() -> None:
    past = given(CASE, opened(serious=serious()))
    done = e.CaseAcknowledged(on=STORY, organisation=LEAD, person="hmac-p1")
    past.when(acknowledge, m.Acknowledge(), facts()).then(done)
    given(CASE, opened(serious=serious()), done).when(
        acknowledge, m.Acknowledge(), facts()
    ).refused(NotNow, "already")


def test_nobody_acknowledges_what_nobody_leads_or_what_is_not_there() -> None:
    given(CASE, opened(serious=serious(), parties=unrouted())).when(
        acknowledge, m.Acknowledge(), facts()
    ).refused(NotNow, "No commissioner")
    given(CASE).when(acknowledge, m.Acknowledge(), facts()).refused(NotFound)


def test_the_successor_holds_what_the_former_held_from_the_day_on() -> None:
    on = date(2022, 7, 1)
    command = m.HandOver(former=LEAD, to=ICB, on=on)
    past = given(CASE, opened(serious=serious()))
    past.when(hand_over, command, facts(today=date(2022, 6, 30))).nothing()
    handed = e.CaseHandedOver(former=LEAD, to=ICB, on=on)
    past.when(hand_over, command, facts(today=on)).then(handed)
    after = given(CASE, opened(serious=serious()), handed)
    assert (after.state.seats.lead, after.state.seats.acting) == (LEAD, ICB)
    after.when(hand_over, command, facts(today=on)).nothing()
