"""Relations and successions are recorded once, ended with a day, and never run in a circle."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from services.assurance.domain import commissioning as c
from shared.kernel.errors import AlreadyExists, Invalid, NotFound
from tests.assurance.builders import ICB, LEAD, TRUST, facts
from tests.kit.decider import given

SINCE, UNTIL = date(2013, 4, 1), date(2022, 6, 30)


def _record(**more: Any) -> c.RecordRelation:
    return c.RecordRelation(**{"commissioner": LEAD, "role": "lead", "since": SINCE, **more})


def _recorded(**more: Any) -> c.RelationRecorded:
    return c.RelationRecorded(**{"commissioner": LEAD, "role": "lead", "since": SINCE, **more})


def _end(until: date = UNTIL, **more: Any) -> c.EndRelation:
    given_ = {"commissioner": LEAD, "role": "lead", "since": SINCE, "until": until, **more}
    return c.EndRelation(**given_)


def _succession(chain: tuple[str, ...] = ()) -> c.SuccessionFacts:
    base = {one.name: getattr(facts(), one.name) for one in fields(facts())}
    return c.SuccessionFacts(**{**base, "id": LEAD}, chain=chain)


def test_a_relation_is_recorded_once_with_its_areas_in_order() -> None:
    command = _record(scope=("maternity", "acute"))
    recorded = _recorded(scope=("acute", "maternity"))
    given(c.COMMISSIONING).when(c.record_relation, command, facts()).then(recorded)
    past = given(c.COMMISSIONING, recorded)
    past.when(c.record_relation, command, facts()).nothing()
    past.when(
        c.record_relation, _record(scope=("acute", "maternity"), until=UNTIL), facts()
    ).refused(AlreadyExists)
    (relation,) = (one.relation(TRUST) for one in past.state.relations)
    assert relation.scope == {"acute", "maternity"}
    assert relation.holds(date(2018, 12, 19))


@pytest.mark.parametrize(
    ("changed", "match"),
    [({"scope": ("astrology",)}, "service area"), ({"until": date(2013, 3, 1)}, "first day")],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], match: str) -> None:
    given(c.COMMISSIONING).when(c.record_relation, _record(**changed), facts()).refused(
        Invalid, match
    )


def test_a_relation_ends_with_its_last_day() -> None:
    ended = c.RelationEnded(commissioner=LEAD, role="lead", since=SINCE, until=UNTIL)
    past = given(c.COMMISSIONING, _recorded())
    past.when(c.end_relation, _end(), facts()).then(ended)
    after = given(c.COMMISSIONING, _recorded(), ended)
    after.when(c.end_relation, _end(), facts()).nothing()
    assert [one.until for one in after.state.relations] == [UNTIL]
    past.when(c.end_relation, _end(role="associate"), facts()).refused(NotFound)
    past.when(c.end_relation, _end(date(2012, 1, 1)), facts()).refused(Invalid)


def test_a_succession_is_recorded_once_and_no_other_beside_it() -> None:
    on = date(2022, 7, 1)
    command = c.RecordSuccession(successor=ICB, on=on)
    recorded = c.SuccessionRecorded(successor=ICB, on=on)
    given(c.SUCCESSION).when(c.record_succession, command, _succession()).then(recorded)
    past = given(c.SUCCESSION, recorded)
    past.when(c.record_succession, command, _succession()).nothing()
    other = c.RecordSuccession(successor="QT1", on=on)
    past.when(c.record_succession, other, _succession()).refused(AlreadyExists)


@pytest.mark.parametrize(("successor", "chain"), [(LEAD, ()), (ICB, ("QT1", LEAD))])
def test_no_succession_runs_in_a_circle(successor: str, chain: tuple[str, ...]) -> None:
    command = c.RecordSuccession(successor=successor, on=date(2022, 7, 1))
    given(c.SUCCESSION).when(c.record_succession, command, _succession(chain)).refused(
        Invalid, "itself"
    )
