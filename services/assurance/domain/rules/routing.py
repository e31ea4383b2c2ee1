"""Which commissioner leads a case and who is informed, by the relations of the incident's day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.nhs.relations import Relation, Succession, relations_on, successor
from shared.nhs.roles import holders, words

Found = Literal["specialised", "lead", "nobody", "several"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Who leads (None: unrouted), who is informed, which region the provider lay in that day,
    and who acts for lead and provider today. `found` says how the lead was chosen, or why not."""

    found: Found
    lead: str | None
    acting: str | None
    associates: tuple[str, ...]
    region: str | None
    provider_acting: str


def route(
    *,
    provider: str,
    service_area: str | None,
    day: date,
    today: date,
    relations: Iterable[Relation],
    successions: Iterable[Succession],
    region: str | None,
) -> Routing:
    """Routes a case: the commissioner whose own scope holds the service area, else the lead of
    everything; with none or several of either the case is unrouted. Nothing is guessed."""
    held = relations_on(relations, provider, day)
    took_over = tuple(successions)
    found, lead = _lead(held, service_area)
    others = {one.commissioner for one in held if one.commissioner != lead}
    return Routing(
        found=found,
        lead=lead,
        acting=None if lead is None else successor(lead, today, took_over),
        associates=tuple(sorted(others)),
        region=region,
        provider_acting=successor(provider, today, took_over),
    )


def _lead(held: tuple[Relation, ...], service_area: str | None) -> tuple[Found, str | None]:
    scoped = {
        one.commissioner
        for one in held
        if one.scope and one.role in ("lead", "specialised") and one.covers(service_area)
    }
    leads = {one.commissioner for one in held if one.role == "lead" and not one.scope}
    ways: tuple[tuple[Found, set[str]], ...] = (("specialised", scoped), ("lead", leads))
    for found, codes in ways:
        if len(codes) == 1:
            return found, codes.pop()
        if codes:
            return "several", None
    return "nobody", None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRole:
    """A holder's part in one step of one case: `organisations` are codes, empty where the holder
    is not an organisation or none is known; `clocks` are those that run on the step."""

    step: str
    title: str
    next: str
    responsibility: str
    holder: str
    organisations: tuple[str, ...]
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """Which organisations sit where in a case, as codes."""

    provider: str
    lead: str | None
    associates: tuple[str, ...]
    region: str | None
    national: str


def named_roles(
    framework: str, steps: Iterable[str], seats: Seats, on: date
) -> tuple[NamedRole, ...]:
    """The role table of a framework on a London day with the organisations of one case put in."""
    return tuple(
        NamedRole(
            step=step,
            title=words(framework, step).title,
            next=words(framework, step).next,
            responsibility=role.responsibility,
            holder=role.holder,
            organisations=_organisations(role.holder, seats),
            clocks=role.clocks,
        )
        for step in steps
        for role in holders(framework, step, on)
    )


def _organisations(holder: str, seats: Seats) -> tuple[str, ...]:
    by_holder: dict[str, tuple[str | None, ...]] = {
        "provider": (seats.provider,),
        "provider_board": (seats.provider,),
        "lead_commissioner": (seats.lead,),
        "icb": (seats.lead,),
        "associate_commissioner": seats.associates,
        "region": (seats.region,),
        "national": (seats.national,),
    }
    return tuple(code for code in by_holder.get(holder, ()) if code)
