"""A projection's shape: the form of its tables, what it heeds, what its author says they mean."""

import hashlib
from collections.abc import Iterator
from functools import cache

from sqlalchemy import Column, Index, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import ScalarElementColumnDefault

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own, untyped


@cache
def shape_of(tables: tuple[Table, ...], events: frozenset[str], version: int) -> str:
    """`v<version>-<fingerprint>`: the same text for the same tables and names of events, on either
    database and whatever wrote their DDL. A version that heeds an event more must not share a
    cursor with one that passes it by."""
    lines = [line for table in tables for line in _lines(table)]
    lines += [f"event {name}" for name in events]
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return f"v{version}-{digest[:12]}"


def _lines(table: Table) -> Iterator[str]:
    for number, column in enumerate(table.columns):
        yield f"{table.name} column {number} {_column(column)}"
    for index in table.indexes:
        yield f"{table.name} index {_index(index)}"
    for rule in table.constraints:
        if isinstance(rule, UniqueConstraint):
            yield f"{table.name} unique {', '.join(one.name for one in rule.columns)}"


def _column(column: Column[object]) -> str:
    kind = column.type.compile(dialect=_DIALECT)
    default = column.default
    held = repr(default.arg) if isinstance(default, ScalarElementColumnDefault) else ""
    return f"{column.name} {kind} {column.primary_key} {column.nullable} {held}"


def _index(index: Index) -> str:
    """Its columns: a name is only a name."""
    return f"{index.unique} {', '.join(one.name for one in index.columns)}"
