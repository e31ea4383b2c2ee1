"""Relations and successions are recorded once, ended with a day, and never run in a circle."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.assurance.domain import commissioning as c
from shared.kernel.decider import Actor
from shared.kernel.errors import AlreadyExists, Invalid, NotAllowed, NotFound, NotNow
from tests.assurance.builders import (
    ICB,
    LEAD,
    NATIONALLY,
    OTHER,
    REGION,
    REGIONAL,
    TRUST,
    facts,
)
from tests.kit.decider import given

SINCE, UNTIL = date(2013, 4, 1), date(2022, 6, 30)


def _record(**more: Any) -> c.RecordRelation:
    return c.RecordRelation(**{"commissioner": LEAD, "role": "lead", "since": SINCE, **more})


def _recorded(**more: Any) -> c.RelationRecorded:
    return c.RelationRecorded(**{"commissioner": LEAD, "role": "lead", "since": SINCE, **more})


def _end(until: date = UNTIL, **more: Any) -> c.EndRelation:
    given_ = {"commissioner": LEAD, "role": "lead", "since": SINCE, "until": until, **more}
    return c.EndRelation(**given_)


KNOWN = {TRUST: "trust", LEAD: "commissioner", OTHER: "commissioner", ICB: "commissioner"}


def _parties(by: Actor = NATIONALLY, **more: Any) -> c.PartyFacts:
    known = {"kinds": KNOWN, "region": REGION, **more}
    return replace(facts(actor=by), id=TRUST).extended(c.PartyFacts, **known)


def _succession(
    chain: tuple[str, ...] = (), by: Actor = NATIONALLY, **more: Any
) -> c.SuccessionFacts:
    known = {"kinds": KNOWN, "region": REGION, **more}
    return replace(facts(actor=by), id=LEAD).extended(c.SuccessionFacts, chain=chain, **known)


def test_a_relation_is_recorded_once_with_its_areas_in_order() -> None:
    command = _record(scope=("maternity", "acute"))
    recorded = _recorded(scope=("acute", "maternity"))
    given(c.COMMISSIONING).when(c.record_relation, command, _parties()).then(recorded)
    past = given(c.COMMISSIONING, recorded)
    past.when(c.record_relation, command, _parties()).nothing()
    past.when(
        c.record_relation, _record(scope=("acute", "maternity"), until=UNTIL), _parties()
    ).refused(AlreadyExists)
    (relation,) = (one.relation(TRUST) for one in past.state.relations)
    assert relation.scope == {"acute", "maternity"}
    assert relation.holds(date(2018, 12, 19))


@pytest.mark.parametrize(
    ("changed", "match"),
    [({"scope": ("astrology",)}, "service area"), ({"until": date(2013, 3, 1)}, "first day")],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], match: str) -> None:
    given(c.COMMISSIONING).when(c.record_relation, _record(**changed), _parties()).refused(
        Invalid, match
    )


def test_a_relation_ends_with_its_last_day() -> None:
    ended = c.RelationEnded(commissioner=LEAD, role="lead", since=SINCE, until=UNTIL)
    past = given(c.COMMISSIONING, _recorded())
    past.when(c.end_relation, _end(), _parties()).then(ended)
    after = given(c.COMMISSIONING, _recorded(), ended)
    after.when(c.end_relation, _end(), _parties()).nothing()
    assert [one.until for one in after.state.relations] == [UNTIL]
    past.when(c.end_relation, _end(role="associate"), _parties()).refused(NotFound)
    past.when(c.end_relation, _end(date(2012, 1, 1)), _parties()).refused(Invalid)


def test_a_succession_is_recorded_once_and_no_other_beside_it() -> None:
    on = date(2022, 7, 1)
    command = c.RecordSuccession(successor=ICB, on=on)
    recorded = c.SuccessionRecorded(successor=ICB, on=on)
    given(c.SUCCESSION).when(c.record_succession, command, _succession()).then(recorded)
    past = given(c.SUCCESSION, recorded)
    past.when(c.record_succession, command, _succession()).nothing()
    other = c.RecordSuccession(successor=OTHER, on=on)
    past.when(c.record_succession, other, _succession()).refused(AlreadyExists)


@pytest.mark.parametrize(("successor", "chain"), [(LEAD, ()), (ICB, ("QT1", LEAD))])
def test_no_succession_runs_in_a_circle(successor: str, chain: tuple[str, ...]) -> None:
    command = c.RecordSuccession(successor=successor, on=date(2022, 7, 1))
    given(c.SUCCESSION).when(c.record_succession, command, _succession(chain)).refused(
        Invalid, "itself"
    )


def test_a_region_records_for_its_own_and_for_nobody_else() -> None:
    here, elsewhere = _parties(REGIONAL), _parties(REGIONAL, region="Y99")
    given(c.COMMISSIONING).when(c.record_relation, _record(), here).then(_recorded())
    given(c.COMMISSIONING).when(c.record_relation, _record(), elsewhere).refused(NotAllowed)
    past = given(c.COMMISSIONING, _recorded())
    past.when(c.end_relation, _end(), elsewhere).refused(NotAllowed)
    moved = c.RecordSuccession(successor=ICB, on=date(2022, 7, 1))
    recorded = c.SuccessionRecorded(successor=ICB, on=moved.on)
    own = _succession(by=REGIONAL)
    given(c.SUCCESSION).when(c.record_succession, moved, own).then(recorded)
    other = _succession(by=REGIONAL, region=None)
    given(c.SUCCESSION).when(c.record_succession, moved, other).refused(NotAllowed)


@pytest.mark.parametrize(
    "kinds",
    [
        {TRUST: "trust"},
        {LEAD: "commissioner"},
        {TRUST: "trust", LEAD: "trust"},
        {TRUST: "commissioner", LEAD: "commissioner"},
        {TRUST: "trust", LEAD: "sub_icb"},
    ],
)
def test_a_relation_joins_a_known_provider_and_a_known_commissioner(kinds: Any) -> None:
    known = _parties(kinds=kinds)
    given(c.COMMISSIONING).when(c.record_relation, _record(), known).refused(Invalid)


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {LEAD: "commissioner"},
        {ICB: "commissioner"},
        {LEAD: "commissioner", ICB: "trust"},
        {LEAD: "trust", ICB: "commissioner"},
        {LEAD: "region", ICB: "region"},
    ],
)
def test_only_like_takes_over_like(kinds: Any) -> None:
    command = c.RecordSuccession(successor=ICB, on=date(2022, 7, 1))
    known = _succession(kinds=kinds)
    given(c.SUCCESSION).when(c.record_succession, command, known).refused(Invalid)


def test_providers_of_two_kinds_may_merge() -> None:
    command = c.RecordSuccession(successor=ICB, on=date(2022, 7, 1))
    known = _succession(kinds={LEAD: "trust", ICB: "independent_provider"})
    given(c.SUCCESSION).when(c.record_succession, command, known).then(
        c.SuccessionRecorded(successor=ICB, on=command.on)
    )


def test_one_leads_at_a_time() -> None:
    past = given(c.COMMISSIONING, _recorded())
    second = _record(commissioner=OTHER, since=date(2018, 4, 1))
    past.when(c.record_relation, second, _parties()).refused(NotNow, LEAD)
    again = _record(since=date(2018, 4, 1))
    past.when(c.record_relation, again, _parties()).refused(NotNow)
    before = _record(commissioner=OTHER, since=date(2010, 4, 1))
    past.when(c.record_relation, before, _parties()).refused(NotNow)


@pytest.mark.parametrize(
    "beside",
    [
        {"role": "associate"},
        {"role": "specialised"},
        {"scope": ("maternity",)},
        {"since": date(2022, 7, 1)},
        {"since": date(2010, 4, 1), "until": date(2013, 3, 31)},
    ],
)
def test_others_stand_beside_a_lead(beside: dict[str, Any]) -> None:
    past = given(c.COMMISSIONING, _recorded(until=UNTIL))
    command = _record(commissioner=OTHER, **beside)
    past.when(c.record_relation, command, _parties()).then(_recorded(commissioner=OTHER, **beside))


def test_a_lead_that_never_was_leaves_room() -> None:
    never = SINCE - timedelta(days=1)
    ended = c.RelationEnded(commissioner=LEAD, role="lead", since=SINCE, until=never)
    past = given(c.COMMISSIONING, _recorded(), ended)
    command = _record(commissioner=OTHER, since=date(2010, 4, 1))
    past.when(c.record_relation, command, _parties()).then(
        _recorded(commissioner=OTHER, since=date(2010, 4, 1))
    )
