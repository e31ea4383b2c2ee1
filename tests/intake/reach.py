"""What queries reach, without a service around them: rows in SQLite, streams in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Executable, MetaData, insert

from services.intake.domain.incident.state import INCIDENT
from services.intake.projections.tables import METADATA
from services.intake.projections.views import COMMISSIONING, EVENTS
from shared.kernel.clock import SettableClock
from shared.kernel.decider import Aggregate
from shared.nhs.organisations import Register
from shared.nhs.reference import register
from shared.runtime.heard import ContractHeard
from tests.intake import builders as make
from tests.kit.rows import MemoryRows, project

META = {"command": "c1", "at": "2018-12-20T09:30:00Z", "organisation": make.TRUST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event of a story stands, as far as a reader is told."""

    position: int
    version: int
    recorded_at: datetime
    meta: bytes = orjson.dumps(META)


class MemoryReach:
    """The parts of `Reach` that reads use."""

    def __init__(self, connection: Connection, stories: Mapping[str, Sequence[object]]) -> None:
        self._connection = connection
        self._stories = stories
        self.clock = SettableClock(make.NOW)
        self.register: Register = register()

    async def read(self, statement: Executable) -> Sequence[Any]:
        return self._connection.execute(statement).fetchall()

    async def story(self, aggregate: Aggregate[Any], id_: str) -> Sequence[tuple[Any, Any]]:
        events = self._stories.get(aggregate.stream(id_), ())
        return [
            (event, Place(position=place, version=place, recorded_at=make.NOW))
            for place, event in enumerate(events, start=1)
        ]


async def reach_of(
    connection: Connection,
    stories: Mapping[str, Sequence[object]],
    heard: Sequence[ContractHeard] = (),
) -> Any:
    """Stories by the event's id, projected one after the other, and what was heard before them:
    as much of a `Reach` as reads need."""
    METADATA.create_all(connection)
    rows = MemoryRows()
    await project(COMMISSIONING, "heard-commissioning", *heard, rows=rows, meta=META)
    position = 0
    for id_, events in stories.items():
        stream = INCIDENT.stream(id_)
        await project(EVENTS, stream, *events, rows=rows, after=position, meta=META)
        position += len(events)
    _store(connection, METADATA, rows)
    return MemoryReach(connection, {INCIDENT.stream(one): told for one, told in stories.items()})


def _store(connection: Connection, tables: MetaData, rows: MemoryRows) -> None:
    for table in tables.sorted_tables:
        for row in rows.all(table):
            connection.execute(insert(table).values(**row))


def relation(provider: str, commissioner: str, **fields: Any) -> ContractHeard:
    """A relation as assurance tells of it."""
    plain = {"role": "lead", "scope": [], "since": "2018-04-01"}
    data = {"provider": provider, "commissioner": commissioner, **plain, **fields}
    return _heard("relation_changed", data)


def succession(former: str, successor: str, on: str) -> ContractHeard:
    """A succession as assurance tells of it."""
    data = {"former": former, "successor": successor, "on": on}
    return _heard("succession_recorded", data)


def _heard(fact: str, data: dict[str, Any]) -> ContractHeard:
    return ContractHeard(
        type=f"opendoor.assurance.{fact}.v1",
        source="urn:open-door:assurance",
        id="commissioning-1/1",
        n=1,
        time="2018-12-20T09:30:00Z",
        data=data,
    )
