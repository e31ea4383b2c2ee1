"""Tables as digests of their rows: what was there, to be compared with what is."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import orjson
from sqlalchemy import Table, select

from shared.log.base import Store
from tests.faults.checker import Class, Finding

Digests = Mapping[str, Mapping[str, str]]
"""The digest of each row, by table and by the row's primary key."""


async def digests(store: Store, tables: Iterable[Table]) -> Digests:
    """Every row of every table."""
    return {table.name: await _rows(store, table) for table in tables}


async def _rows(store: Store, table: Table) -> dict[str, str]:
    key = [column.name for column in table.primary_key]
    found = {}
    for row in await store.read(select(table)):
        held = dict(row._mapping)
        found[repr([held[name] for name in key])] = _digest(held)
    return found


def _digest(row: Mapping[str, object]) -> str:
    told = orjson.dumps(row, default=repr, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(told).hexdigest()


def differences(live: Digests, rebuilt: Digests, where: str) -> Iterator[Finding]:
    """Each row that the rebuilt tables miss, invent or hold otherwise."""
    for table, rows in live.items():
        anew = rebuilt[table]
        for key, digest in rows.items():
            if key not in anew:
                yield Finding(Class.UNSEEN, f"{where}: {table} {key} is not in the rebuilt one")
            elif anew[key] != digest:
                yield Finding(Class.INCONSISTENT_OFFSETS, f"{where}: {table} {key} is another")
        for key in anew.keys() - rows.keys():
            yield Finding(Class.DUPLICATE, f"{where}: {table} {key} is in the rebuilt one alone")
