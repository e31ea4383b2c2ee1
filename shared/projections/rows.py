"""A projector's window on its tables: an identity map whose changes are written together."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from shared.log.base import Store
from shared.projections.base import Row

KEPT = 50_000
"""Rows that are kept in memory between batches; this projector alone writes them."""

Key = tuple[Any, ...]


@dataclass(slots=True)
class _Held:
    """One row: `base` as the database has it (None: absent) once `known`, and what this batch
    does to it: `fresh` deletes what was there first, `named` are the columns put."""

    known: bool = False
    base: Row | None = None
    fresh: bool = False
    named: Row = field(default_factory=dict)
    touched: bool = False

    def settle(self, table: Table) -> None:
        """What the batch did is now what the database has."""
        if self.fresh:
            self.known, self.base = True, None
        if self.named:
            self.known = self.known or len(self.named) == len(_names(table))
            if self.known:
                self.base = {**(self.base or _blank(table)), **self.named}
        self.fresh, self.named, self.touched = False, {}, False


class BufferedRows:
    """`Rows` over one projection. Nothing reaches the database before `write`; after one that
    failed or was stale, the whole window is thrown away.

    `complete` says that the tables held nothing when this began: then what is not in memory is
    not there, and no read is needed. `stored` names the table in which each one's rows lie, and
    thereby every table that may be written; without it each is its own.
    """

    def __init__(
        self, store: Store, complete: bool = False, stored: Mapping[Table, Table] | None = None
    ) -> None:
        self._store = store
        self._complete = complete
        self._stored = stored
        self._tables: dict[Table, OrderedDict[Key, _Held]] = {}
        self._touched: list[tuple[Table, Key]] = []

    async def get(self, table: Table, **key: Any) -> Row | None:
        """The row as this batch has left it, or None; a copy."""
        held = self._held(table, _key(table, key))
        if not held.known and not held.fresh:
            held.base = await self._read(table, key)
            held.known = True
        base = None if held.fresh else held.base
        if held.named:
            return _copy({**(base or _blank(table)), **held.named})
        return None if base is None else _copy(base)

    def put(self, table: Table, **row: Any) -> None:
        """Inserts the row or overwrites the named columns of the row with its primary key."""
        held = self._touch(table, _key(table, row))
        if not row.keys() <= _names(table):
            unknown = row.keys() - _names(table)
            raise KeyError(f"{table.name} has no column {', '.join(sorted(unknown))}")
        held.named = {**held.named, **row}

    def delete(self, table: Table, **key: Any) -> None:
        """Deletes the row where there is one."""
        held = self._touch(table, _key(table, key))
        held.fresh, held.named = True, {}

    def write(self, connection: Connection) -> None:
        """Writes what changed, table by table, in sets: first deletes, then upserts."""
        for named, held in self._changes().items():
            table = self._where(named)
            gone = [key for key, one in held.items() if one.fresh]
            if gone:
                connection.execute(_delete(table), [_bound(table, key) for key in gone])
            whole, parts = _by_columns(table, held.values())
            for names, rows in whole.items():
                connection.execute(_upsert(table, names, self._store.dialect), rows)
            for names, rows in parts.items():
                _update(connection, table, names, rows)

    def settle(self) -> None:
        """After the commit: what was written is what the database has."""
        for table, key in self._touched:
            self._tables[table][key].settle(table)
        self._touched.clear()
        for rows in self._tables.values():
            while len(rows) > KEPT:
                rows.popitem(last=False)
                self._complete = False

    def _held(self, table: Table, key: Key) -> _Held:
        rows = self._tables.get(table)
        if rows is None:
            self._where(table)
            rows = self._tables[table] = OrderedDict()
        if key in rows:
            rows.move_to_end(key)
        else:
            rows[key] = _Held(known=self._complete)
        return rows[key]

    def _touch(self, table: Table, key: Key) -> _Held:
        held = self._held(table, key)
        if not held.touched:
            held.touched = True
            self._touched.append((table, key))
        return held

    def _changes(self) -> dict[Table, dict[Key, _Held]]:
        changes: dict[Table, dict[Key, _Held]] = {}
        for table, key in self._touched:
            changes.setdefault(table, {})[key] = self._tables[table][key]
        return changes

    def _where(self, table: Table) -> Table:
        """Where its rows lie. Raises KeyError for a table of another projection."""
        if self._stored is None:
            return table
        if table not in self._stored:
            raise KeyError(f"{table.name} is no table of this projection")
        return self._stored[table]

    async def _read(self, named: Table, key: Mapping[str, Any]) -> Row | None:
        table = self._where(named)
        same = (column == key[column.key] for column in table.primary_key)
        rows = await self._store.read(select(table).where(*same))
        return dict(rows[0]._mapping) if rows else None


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.key for column in table.primary_key)


@cache
def _names(table: Table) -> frozenset[str]:
    return frozenset(table.columns.keys())


def _key(table: Table, named: Mapping[str, Any]) -> Key:
    """The primary key out of `named`. Raises KeyError where a part is missing."""
    return tuple([named[name] for name in _key_names(table)])


def _bound(table: Table, key: Key) -> Row:
    return {f"key_{name}": part for name, part in zip(_key_names(table), key, strict=True)}


@cache
def _blank(table: Table) -> Mapping[str, Any]:
    """A row with nothing put: each column's plain default, or None."""
    return {column.key: _plain_default(column) for column in table.columns}


def _plain_default(column: Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


_NESTED = frozenset({list, dict})


def _copy(row: Row) -> Row:
    """A copy that a view may change, lists and objects within included; few of its fifty
    columns hold either."""
    return {name: _own(one) if type(one) in _NESTED else one for name, one in row.items()}


def _own(held: Any) -> Any:
    """A copy of what JSON holds, down to its plain values."""
    if type(held) is list:
        return [_own(one) if type(one) in _NESTED else one for one in held]
    return {name: _own(one) if type(one) in _NESTED else one for name, one in held.items()}


Sets = dict[frozenset[str], list[Row]]


def _by_columns(table: Table, held: Iterable[_Held]) -> tuple[Sets, Sets]:
    """The rows to write, by their columns: those that can be inserted, and parts of rows that must
    be there already (a database judges NOT NULL before it sees the conflict)."""
    needed = _needed(table)
    whole: Sets = {}
    parts: Sets = {}
    for one in held:
        if not one.named:
            continue
        row = one.named
        if not needed <= row.keys() and one.known and not one.fresh:
            row = {**(one.base or {}), **row}
        sets = whole if needed <= row.keys() or one.known or one.fresh else parts
        sets.setdefault(frozenset(row), []).append(row)
    return whole, parts


@cache
def _needed(table: Table) -> frozenset[str]:
    """The columns without which no row can be inserted."""
    return frozenset(
        column.key for column in table.columns if not column.nullable and column.default is None
    )


def _update(connection: Connection, table: Table, names: frozenset[str], rows: list[Row]) -> None:
    """Overwrites columns of rows that are there. Raises LookupError where one is not."""
    statement = _change(table, names)
    for row in rows:
        bound = {
            f"key_{name}" if table.columns[name].primary_key else name: row[name] for name in row
        }
        if connection.execute(statement, bound).rowcount != 1:
            raise LookupError(f"{table.name}: a row that is not there was changed in part")


@cache
def _change(table: Table, names: frozenset[str]) -> Update:
    same = (column == bindparam(f"key_{column.key}") for column in table.primary_key)
    keys = {column.key for column in table.primary_key}
    return update(table).where(*same).values({name: bindparam(name) for name in names - keys})


@cache
def _delete(table: Table) -> Delete:
    same = (column == bindparam(f"key_{column.key}") for column in table.primary_key)
    return delete(table).where(*same)


@cache
def _upsert(table: Table, names: frozenset[str], dialect: str) -> Insert:
    """One statement for all rows with these columns; the primary key decides which is meant."""
    kinds = {"postgresql": postgresql, "sqlite": sqlite}
    insert: postgresql.Insert | sqlite.Insert = kinds[dialect].insert(table)
    keys = [column.key for column in table.primary_key]
    changed = sorted(names.difference(keys))
    if not changed:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in changed}
    )
