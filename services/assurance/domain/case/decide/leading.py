"""Who leads a case: named by a region, handed over by succession, taken up by acknowledging it."""

from services.assurance.domain.case import events as e
from services.assurance.domain.case.facts import ReroutingFacts
from services.assurance.domain.case.messages import Acknowledge, HandOver, Reroute
from services.assurance.domain.case.state import Case
from shared.kernel.decider import Events, Facts
from shared.kernel.errors import Invalid, NotNow


def reroute(case: Case, command: Reroute, facts: ReroutingFacts) -> Events:
    """A region or the national body names the lead. Raises Invalid for what is no commissioner
    today, NotNow where it leads already."""
    case.require_open()
    if facts.kind != "commissioner":
        raise Invalid("/to", "not_a_commissioner", "No commissioner stands under this code today.")
    if command.to == case.seats.acting:
        raise NotNow("This commissioner leads the case already.")
    rerouted = e.CaseRerouted(
        to=command.to,
        former=case.seats.acting,
        by=facts.actor.organisation,
        on=facts.today,
        reason=command.reason,
    )
    return (rerouted,)


def hand_over(case: Case, command: HandOver, facts: Facts) -> Events:
    """What an organisation held, its successor holds, from the day on; nothing before it, and
    nothing where the former holds no part."""
    seats = case.seats
    held = {seats.acting, seats.provider_acting, *seats.associates}
    if command.former not in held or facts.today < command.on:
        return ()
    return (e.CaseHandedOver(former=command.former, to=command.to, on=command.on),)


def acknowledge(case: Case, command: Acknowledge, facts: Facts) -> Events:
    """The lead acknowledges, once; who does so looks after the case."""
    case.require_open()
    if case.unrouted:
        raise NotNow("No commissioner leads this case yet.")
    if case.acknowledged_on:
        raise NotNow("The case has been acknowledged already.")
    acknowledged = e.CaseAcknowledged(
        on=facts.today, organisation=facts.actor.organisation, person=facts.person
    )
    return (acknowledged,)
