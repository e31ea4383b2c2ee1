"""A window on tables that lie in memory: what a view wrote, to be looked at."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from shared.projections.base import Projection, Row, Seen

NOON = datetime(2018, 12, 20, 12, tzinfo=UTC)


class MemoryRows:
    """`Rows` without a database; every write is checked against the table's columns."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[tuple[Any, ...], Row]] = {}

    async def get(self, table: Table, **key: Any) -> Row | None:
        """A copy of the row, or None."""
        assert set(key) == {one.name for one in table.primary_key}, "name the whole primary key"
        return deepcopy(self._rows(table).get(_key(table, key)))

    def put(self, table: Table, **row: Any) -> None:
        """Inserts, with each column's default, or overwrites the named columns."""
        unknown = row.keys() - table.columns.keys()
        assert not unknown, f"{table.name} has no column {sorted(unknown)}"
        held = self._rows(table).setdefault(_key(table, row), _blank(table))
        held.update(deepcopy(row))

    def delete(self, table: Table, **key: Any) -> None:
        """Deletes the row where there is one."""
        self._rows(table).pop(_key(table, key), None)

    def all(self, table: Table) -> list[Row]:
        """Every row in the order of its primary key; what may not be empty is not."""
        rows = self._rows(table)
        for row in rows.values():
            empty = [
                one.name for one in table.columns if not one.nullable and row[one.name] is None
            ]
            assert not empty, f"{table.name} has nothing in {empty}"
        return [deepcopy(rows[key]) for key in sorted(rows)]

    def only(self, table: Table) -> Row:
        """The one row of a table."""
        (row,) = self.all(table)
        return row

    def _rows(self, table: Table) -> dict[tuple[Any, ...], Row]:
        return self._tables.setdefault(table.name, {})


def _key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[one.name] for one in table.primary_key)


def _blank(table: Table) -> Row:
    return {one.name: _default(one) for one in table.columns}


def _default(column: Column[Any]) -> Any:
    default = column.default
    return deepcopy(default.arg) if isinstance(default, ScalarElementColumnDefault) else None


async def project(
    projection: Projection,
    stream: str,
    *events: object,
    rows: MemoryRows | None = None,
    after: int = 0,
    recorded_at: datetime = NOON,
    meta: Mapping[str, Any] | None = None,
) -> MemoryRows:
    """What the projection makes of a stream's events, at the log's positions behind `after`."""
    held = rows or MemoryRows()
    for version, event in enumerate(events, start=1):
        seen = Seen(
            position=after + version,
            stream=stream,
            id=stream.partition("-")[2],
            version=version,
            recorded_at=recorded_at,
            meta=meta or {},
        )
        view = projection.views.get(type(event))
        if view is not None:
            await view(held, event, seen)
    return held
